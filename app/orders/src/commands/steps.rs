//! The forward steps of an order: each attempt begins, and ends with one of these.

use std::time::Duration;

use super::CommandContext;
use crate::work::{StepOutcome, Work};
use crate::{Event, Order, Reason, Refused, State, StepName, StepReason, StepState, Timestamp, Transition};

impl Order {
    /// The state that the order is in once a step begins, which must be the one that is due.
    fn on_beginning(&self, name: StepName) -> Result<State, Refused> {
        if self.next_work() != Work::Do(name) {
            return Err(Refused { from: self.state, transition: Transition::Begin });
        }
        if self.state == State::Received { self.state.after(Transition::Begin) } else { Ok(self.state) }
    }

    /// A step begins an attempt.
    ///
    /// # Errors
    /// When it is not the step that is due.
    pub fn start_step(&mut self, name: StepName, now: CommandContext<'_>) -> Result<Event, Refused> {
        let state = self.on_beginning(name)?;
        Ok(self.change(now, Some(name), |order| {
            order.state = state;
            let step = order.step_mut(name);
            step.state = StepState::Running;
            step.attempts += 1;
            step.started_at.get_or_insert(now.at);
            // The reason of the attempt before stays: it is why the order still waits.
            step.next_attempt_at = None;
        }))
    }

    /// A step is done; `outcome` writes what it brought. With the capture the order is confirmed.
    ///
    /// Also accepted while the order is cancelling, because an attempt that was under way may still succeed; its effect
    /// is then undone.
    ///
    /// # Errors
    /// When the step is not under way.
    pub fn finish_step(
        &mut self,
        name: StepName,
        outcome: &StepOutcome,
        now: CommandContext<'_>,
    ) -> Result<Event, Refused> {
        self.expect_under_way(name, Transition::Resume)?;
        let confirms = self.state == State::Processing && name == StepName::CapturePayment;
        let state = if confirms { self.state.after(Transition::Confirm)? } else { self.state };
        Ok(self.change(now, Some(name), |order| {
            order.state = state;
            order.delayed = false;
            let step = order.step_mut(name);
            step.state = if outcome.skipped { StepState::Skipped } else { StepState::Succeeded };
            step.finished_at = Some(now.at);
            step.next_attempt_at = None;
            step.reason = None;
            if name == StepName::Notify {
                order.mail_refused = None;
            }
            if let Some(payment) = &outcome.payment {
                order.payment = payment.clone();
            }
            if outcome.shipment.is_some() {
                order.shipment.clone_from(&outcome.shipment);
            }
        }))
    }

    /// A step did not work and is tried again at `next`. The order is delayed once this step, from its first attempt to
    /// that next one, takes `patience` or longer.
    ///
    /// # Errors
    /// When the step is not under way.
    pub fn retry_step(
        &mut self,
        name: StepName,
        reason: StepReason,
        next: Timestamp,
        patience: Duration,
        now: CommandContext<'_>,
    ) -> Result<Event, Refused> {
        self.expect_under_way(name, Transition::Resume)?;
        Ok(self.change(now, Some(name), |order| order.wait(name, reason, next, patience)))
    }

    /// A step cannot be begun now, because its service is known to be out of order: it waits until `next` without an attempt
    /// having been made. When it waits for a service that refuses us, nobody knows when it goes on, so no time is told.
    ///
    /// # Errors
    /// When it is not the step that is due.
    pub fn postpone_step(
        &mut self,
        name: StepName,
        reason: StepReason,
        next: Timestamp,
        patience: Duration,
        now: CommandContext<'_>,
    ) -> Result<Event, Refused> {
        let state = self.on_beginning(name)?;
        Ok(self.change(now, Some(name), |order| {
            order.state = state;
            order.step_mut(name).started_at.get_or_insert(now.at);
            order.wait(name, reason, next, patience);
            if reason == StepReason::ServiceRefusesUs {
                order.step_mut(name).next_attempt_at = None;
            }
        }))
    }

    /// A step can never be done: what was done before it is undone, and the order ends with `reason`. Only `notify` cannot
    /// take the order with it.
    ///
    /// # Errors
    /// When the step is not under way.
    pub fn fail_step(
        &mut self,
        name: StepName,
        why: StepReason,
        reason: Reason,
        now: CommandContext<'_>,
    ) -> Result<Event, Refused> {
        self.expect_under_way(name, Transition::Cancel)?;
        let ends = name.can_fail_order();
        if ends && self.state != State::Cancelling {
            self.state.after(Transition::Cancel)?;
        }
        Ok(self.change(now, Some(name), |order| {
            let step = order.step_mut(name);
            step.state = StepState::Failed;
            step.finished_at = Some(now.at);
            step.next_attempt_at = None;
            step.reason = Some(why);
            if ends {
                order.end(reason);
            }
        }))
    }

    /// Draws that a step waits until `next`.
    fn wait(&mut self, name: StepName, reason: StepReason, next: Timestamp, patience: Duration) {
        let waited = self.step(name).started_at.map_or(Duration::ZERO, |started| next.since(started));
        // A mail that is late does not make the order late.
        self.delayed |= waited >= patience && name != StepName::Notify;
        let step = self.step_mut(name);
        step.state = StepState::Retrying;
        step.next_attempt_at = Some(next);
        step.reason = Some(reason);
    }
}

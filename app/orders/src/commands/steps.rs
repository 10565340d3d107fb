//! The forward steps of an order: starting an attempt, and the ways in which one ends.

use std::time::Duration;

use super::CommandContext;
use crate::work::{StepOutcome, Work};
use crate::{Event, Order, Reason, Refused, State, StepName, StepReason, StepState, Timestamp, Transition};

impl Order {
    /// Returns the state of the order once a step starts, which must be the step that is due.
    fn on_beginning(&self, name: StepName) -> Result<State, Refused> {
        if self.next_work() != Work::Do(name) {
            return Err(Refused { from: self.state, transition: Transition::Begin });
        }
        if self.state == State::Received { self.state.after(Transition::Begin) } else { Ok(self.state) }
    }

    /// Starts an attempt at a step.
    ///
    /// # Errors
    /// When another step is due.
    pub fn start_step(&mut self, name: StepName, now: CommandContext<'_>) -> Result<Event, Refused> {
        let state = self.on_beginning(name)?;
        Ok(self.change(now, Some(name), |order| {
            order.state = state;
            let step = order.step_mut(name);
            step.state = StepState::Running;
            step.attempts += 1;
            step.started_at.get_or_insert(now.at);
            // The reason of the previous attempt stays: it is why the order is still waiting.
            step.next_attempt_at = None;
        }))
    }

    /// A step succeeded with `outcome`. With the capture the order is confirmed.
    ///
    /// Also accepted while the order is cancelling, because a running attempt may still succeed; its effect is then
    /// undone.
    ///
    /// # Errors
    /// When the step is not running.
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

    /// An attempt failed and is retried at `next`. The order is delayed once the time from the step's first attempt
    /// to `next` reaches `patience`.
    ///
    /// # Errors
    /// When the step is not running.
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

    /// A step is not started because its service is unavailable: it waits until `next` without an attempt. When the
    /// service refuses our calls, nobody knows when the step goes on, so the order shows no time.
    ///
    /// # Errors
    /// When another step is due.
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

    /// A step failed for good: the steps before it are undone, and the order ends with `reason`. Only `notify` fails
    /// without cancelling the order.
    ///
    /// # Errors
    /// When the step is not running.
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

    /// Writes that a step waits until `next`.
    fn wait(&mut self, name: StepName, reason: StepReason, next: Timestamp, patience: Duration) {
        let waited = self.step(name).started_at.map_or(Duration::ZERO, |started| next.since(started));
        // A late mail does not make the order late.
        self.delayed |= waited >= patience && name != StepName::Notify;
        let step = self.step_mut(name);
        step.state = StepState::Retrying;
        step.next_attempt_at = Some(next);
        step.reason = Some(reason);
    }
}

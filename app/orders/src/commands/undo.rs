//! Compensation: the effects of an order that ends are undone, last step first.

use crate::{
    CommandContext, Event, Order, Payment, Refused, State, Step, StepName, StepReason, StepState, Timestamp,
    Transition, Work,
};

impl Order {
    /// Starts an attempt to undo a step.
    ///
    /// # Errors
    /// When another undo is due.
    pub fn start_undo(&mut self, name: StepName, now: CommandContext<'_>) -> Result<Event, Refused> {
        if self.next_work() != Work::Undo(name) {
            return Err(Refused { from: self.state, transition: Transition::FinishCancel });
        }
        Ok(self.change(now, Some(name), |order| {
            let step = order.step_mut(name);
            // The reason of the previous attempt stays, unless a person restarted the undo.
            if step.state != StepState::Undoing || step.reason == Some(StepReason::Broken) {
                step.state = StepState::Undoing;
                step.reason = None;
            }
            step.next_attempt_at = None;
        }))
    }

    /// An undo is not started because its service is unavailable: it waits until `next`, which the order shows unless
    /// the service refuses our calls.
    ///
    /// # Errors
    /// When another undo is due.
    pub fn postpone_undo(
        &mut self,
        name: StepName,
        reason: StepReason,
        next: Timestamp,
        now: CommandContext<'_>,
    ) -> Result<Event, Refused> {
        if self.next_work() != Work::Undo(name) {
            return Err(Refused { from: self.state, transition: Transition::FinishCancel });
        }
        let next = (reason != StepReason::ServiceRefusesUs).then_some(next);
        Ok(self.change(now, Some(name), |order| order.undo_later(name, reason, next)))
    }

    /// Attempts at an undo crashed too often: it waits until an operator restarts it.
    ///
    /// # Errors
    /// When the undo is not running.
    pub fn stall_undo(&mut self, name: StepName, now: CommandContext<'_>) -> Result<Event, Refused> {
        self.expect_undoing(name)?;
        Ok(self.change(now, Some(name), |order| order.undo_later(name, StepReason::Broken, None)))
    }

    /// An attempt at an undo failed and is retried at `next`, without a limit.
    ///
    /// # Errors
    /// When the undo is not running.
    pub fn retry_undo(
        &mut self,
        name: StepName,
        reason: StepReason,
        next: Timestamp,
        now: CommandContext<'_>,
    ) -> Result<Event, Refused> {
        self.expect_undoing(name)?;
        Ok(self.change(now, Some(name), |order| order.undo_later(name, reason, Some(next))))
    }

    /// The effect of a step is undone. With the last one the order is cancelled.
    ///
    /// # Errors
    /// When the undo is not running.
    pub fn finish_undo(
        &mut self,
        name: StepName,
        payment: Option<Payment>,
        now: CommandContext<'_>,
    ) -> Result<Event, Refused> {
        self.expect_undoing(name)?;
        Ok(self.change(now, Some(name), |order| {
            order.delayed = false;
            if let Some(payment) = payment {
                order.payment = payment;
            }
            let step = order.step_mut(name);
            step.state = StepState::Undone;
            step.finished_at = Some(now.at);
            step.next_attempt_at = None;
            step.reason = None;
        }))
    }

    /// Writes that an undo waits.
    fn undo_later(&mut self, name: StepName, reason: StepReason, next: Option<Timestamp>) {
        self.delayed = true;
        let step = self.step_mut(name);
        step.state = StepState::Undoing;
        step.next_attempt_at = next;
        step.reason = Some(reason);
    }

    fn expect_undoing(&self, name: StepName) -> Result<&Step, Refused> {
        let step = self.step(name);
        if self.state == State::Cancelling && step.state == StepState::Undoing {
            Ok(step)
        } else {
            Err(Refused { from: self.state, transition: Transition::FinishCancel })
        }
    }
}

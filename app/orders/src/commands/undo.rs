//! Compensation: what was done for an order that ends is undone, last step first.

use crate::{
    CommandContext, Event, Order, Payment, Refused, State, Step, StepName, StepReason, StepState, Timestamp,
    Transition, Work,
};

impl Order {
    /// The undo of a step begins an attempt.
    ///
    /// # Errors
    /// When it is not the undo that is due.
    pub fn start_undo(&mut self, name: StepName, now: CommandContext<'_>) -> Result<Event, Refused> {
        if self.next_work() != Work::Undo(name) {
            return Err(Refused { from: self.state, transition: Transition::FinishCancel });
        }
        Ok(self.change(now, Some(name), |order| {
            let step = order.step_mut(name);
            // The reason of the attempt before stays, unless a person has set it going again.
            if step.state != StepState::Undoing || step.reason == Some(StepReason::Broken) {
                step.state = StepState::Undoing;
                step.reason = None;
            }
            step.next_attempt_at = None;
        }))
    }

    /// The undo of a step cannot be begun now, because its service is known to be out of order: it waits until `next`, which
    /// is told unless the service refuses us.
    ///
    /// # Errors
    /// When it is not the undo that is due.
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

    /// Our own work on an undo broke off too often: it waits for an operator to set it going again.
    ///
    /// # Errors
    /// When the undo is not under way.
    pub fn stall_undo(&mut self, name: StepName, now: CommandContext<'_>) -> Result<Event, Refused> {
        self.expect_undoing(name)?;
        Ok(self.change(now, Some(name), |order| order.undo_later(name, StepReason::Broken, None)))
    }

    /// The undo of a step did not work and is tried again at `next`, as often as it takes.
    ///
    /// # Errors
    /// When the undo is not under way.
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
    /// When the undo is not under way.
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

    /// Draws that an undo waits.
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

//! Compensation: what was done for an order that ends is undone, last step first.

use crate::{
    Event, Moment, Order, Payment, Refused, State, Step, StepName, StepReason, StepState, Timestamp,
    Transition, Work,
};

impl Order {
    /// The undo of a step begins an attempt.
    ///
    /// # Errors
    /// When it is not the undo that is due.
    pub fn start_undo(&mut self, name: StepName, now: Moment<'_>) -> Result<Event, Refused> {
        if self.next_work() != Work::Undo(name) {
            return Err(Refused { from: self.state, transition: Transition::FinishCancel });
        }
        Ok(self.change(now, Some(name), |order| {
            let step = order.step_mut(name);
            if step.state != StepState::Undoing {
                step.state = StepState::Undoing;
                step.reason = None;
            }
            step.next_attempt_at = None;
        }))
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
        now: Moment<'_>,
    ) -> Result<Event, Refused> {
        self.expect_undoing(name)?;
        Ok(self.change(now, Some(name), |order| {
            order.delayed = true;
            let step = order.step_mut(name);
            step.next_attempt_at = Some(next);
            step.reason = Some(reason);
        }))
    }

    /// The effect of a step is undone. With the last one the order is cancelled.
    ///
    /// # Errors
    /// When the undo is not under way.
    pub fn finish_undo(
        &mut self,
        name: StepName,
        payment: Option<Payment>,
        now: Moment<'_>,
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

    fn expect_undoing(&self, name: StepName) -> Result<&Step, Refused> {
        let step = self.step(name);
        if self.state == State::Cancelling && step.state == StepState::Undoing {
            Ok(step)
        } else {
            Err(Refused { from: self.state, transition: Transition::FinishCancel })
        }
    }
}

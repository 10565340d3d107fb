//! Questions to the customer and to operators, and what follows from the answers.

use crate::{
    Address, CommandContext, Event, Order, Payment, PaymentState, Reason, Refused, State, Step, StepName,
    StepReason, StepState, Timestamp, Transition, Work,
};

impl Order {
    /// A step needs an answer of the customer until `respond_by`: another card for `authorise_payment`, another
    /// address for `arrange_shipping`.
    ///
    /// # Errors
    /// When the step is not running, the order is not processing, or no answer could help the step.
    pub fn ask_customer(
        &mut self,
        name: StepName,
        reason: StepReason,
        respond_by: Timestamp,
        now: CommandContext<'_>,
    ) -> Result<Event, Refused> {
        self.expect_under_way(name, Transition::Ask)?;
        let state = self.state.after(Transition::Ask)?;
        let asked = asked(name, reason).ok_or(Refused { from: self.state, transition: Transition::Ask })?;
        Ok(self.change(now, Some(name), |order| {
            order.state = state;
            order.delayed = false;
            order.reason = Some(asked);
            order.respond_by = Some(respond_by);
            let step = order.step_mut(name);
            step.state = StepState::NeedsCustomer;
            step.next_attempt_at = None;
            step.reason = Some(reason);
        }))
    }

    /// A step needs an operator's decision.
    ///
    /// # Errors
    /// When the step is not running, the order is not processing, or the step is `notify`, which needs no decision.
    pub fn ask_operator(
        &mut self,
        name: StepName,
        reason: StepReason,
        payment: Option<Payment>,
        now: CommandContext<'_>,
    ) -> Result<Event, Refused> {
        self.expect_under_way(name, Transition::Review)?;
        let state = self.state.after(Transition::Review)?;
        if !name.can_fail_order() {
            return Err(Refused { from: self.state, transition: Transition::Review });
        }
        Ok(self.change(now, Some(name), |order| {
            order.state = state;
            order.delayed = false;
            if let Some(payment) = payment {
                order.payment = payment;
            }
            let step = order.step_mut(name);
            step.state = StepState::NeedsOperator;
            step.next_attempt_at = None;
            step.reason = Some(reason);
        }))
    }

    /// The customer gave another payment.
    ///
    /// # Errors
    /// When none was asked for.
    pub fn provide_payment(&mut self, payment: Payment, now: CommandContext<'_>) -> Result<Event, Refused> {
        if !self.wants_payment() {
            return Err(Refused { from: self.state, transition: Transition::Resume });
        }
        self.resume(StepName::AuthorisePayment, now, |order| order.payment = payment)
    }

    /// The customer corrected the address.
    ///
    /// # Errors
    /// When no correction was asked for.
    pub fn correct_address(&mut self, ship_to: Address, now: CommandContext<'_>) -> Result<Event, Refused> {
        if !self.wants_address() {
            return Err(Refused { from: self.state, transition: Transition::Resume });
        }
        self.resume(StepName::ArrangeShipping, now, |order| order.ship_to = ship_to)
    }

    /// The customer did not answer in time: cancels the order.
    ///
    /// # Errors
    /// When nothing is asked of the customer, or the deadline has not passed.
    pub fn expire(&mut self, now: CommandContext<'_>) -> Result<Event, Refused> {
        let refused = Refused { from: self.state, transition: Transition::Cancel };
        match self.next_work() {
            Work::ExpireAt(deadline) if deadline <= now.at => {}
            _ => return Err(refused),
        }
        let reason = if self.wants_address() { Reason::Undeliverable } else { Reason::PaymentExpired };
        self.cancel(reason, now)?.ok_or(refused)
    }

    /// An operator lets the order go on. A payment under suspicion of fraud keeps its hold; a returned parcel goes
    /// out again; a step that exhausted its limit starts again with its full limit; a receipt that could not be sent
    /// is sent again.
    ///
    /// # Errors
    /// When the order waits for no decision.
    pub fn approve(&mut self, now: CommandContext<'_>) -> Result<Event, Refused> {
        let refused = Refused { from: self.state, transition: Transition::Resume };
        if matches!(self.state, State::Confirmed | State::Shipped) {
            return self.send_again(now).ok_or(refused);
        }
        let asks = self.steps.iter().find(|step| step.state == StepState::NeedsOperator);
        let name = asks.ok_or(refused)?.name;
        // A step whose effect exists is done.
        let (kept, confirms) = match name {
            StepName::AuthorisePayment => (self.payment.holds_money(), false),
            StepName::ArrangeShipping if self.step(StepName::CapturePayment).state.is_done() => (true, true),
            StepName::CapturePayment if self.payment.state == PaymentState::Captured => (true, true),
            _ => (false, false),
        };
        let transition = if confirms { Transition::Confirm } else { Transition::Resume };
        let state = self.state.after(transition)?;
        Ok(self.change(now, Some(name), |order| {
            order.state = state;
            let step = order.step_mut(name);
            step.reason = None;
            if kept {
                step.state = StepState::Succeeded;
                step.finished_at.get_or_insert(now.at);
            } else {
                // It may have left an effect, so it does not count as never started.
                step.state = StepState::Retrying;
                step.started_at = None;
                step.next_attempt_at = Some(now.at);
            }
        }))
    }

    /// Restarts a step that failed without cancelling the order.
    fn send_again(&mut self, now: CommandContext<'_>) -> Option<Event> {
        let name = self.steps.iter().find(|step| step.state == StepState::Failed)?.name;
        Some(self.change(now, Some(name), |order| {
            *order.step_mut(name) = Step { attempts: order.step(name).attempts, ..Step::waiting(name) };
        }))
    }

    fn resume(
        &mut self,
        name: StepName,
        now: CommandContext<'_>,
        write: impl FnOnce(&mut Self),
    ) -> Result<Event, Refused> {
        let state = self.state.after(Transition::Resume)?;
        Ok(self.change(now, Some(name), |order| {
            order.state = state;
            order.reason = None;
            order.respond_by = None;
            let attempts = order.step(name).attempts;
            let waiting = Step::waiting(name);
            *order.step_mut(name) = Step { attempts, attempts_before_mended: attempts, ..waiting };
            write(order);
        }))
    }
}

/// Returns the question to the customer for a failed step; none when no answer could help.
const fn asked(name: StepName, reason: StepReason) -> Option<Reason> {
    match (name, reason) {
        (StepName::AuthorisePayment, StepReason::InsufficientFunds) => Some(Reason::AskInsufficientFunds),
        (StepName::AuthorisePayment, StepReason::CardExpired) => Some(Reason::AskCardExpired),
        (StepName::AuthorisePayment, _) => Some(Reason::AskCardDeclined),
        (StepName::ArrangeShipping, _) => Some(Reason::AskAddress),
        (StepName::ReserveStock | StepName::CapturePayment | StepName::Notify, _) => None,
    }
}

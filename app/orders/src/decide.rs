//! Commands to an order: each is refused, or becomes one event that has been applied.

use std::time::Duration;

use crate::{
    Event, Message, Order, Payment, PaymentState, Reason, Refused, Service, State, Step, StepName,
    StepOutcome, StepReason, StepState, Timestamp, Transition, wording,
};

/// The circumstances of a command: when it happens, and under which address Docket is known.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// Now.
    pub at: Timestamp,
    /// The public base address, without a trailing slash; problem types are made from it.
    pub public_url: &'a str,
}

/// What is to be done next for an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// This step.
    Do(StepName),
    /// The undo of this step.
    Undo(StepName),
    /// The customer's time to answer ends then.
    ExpireAt(Timestamp),
    /// Nothing, by ourselves.
    Nothing,
}

impl Work {
    /// The service whose queue the work belongs to; none when there is no work.
    pub const fn service(self) -> Option<Service> {
        match self {
            Self::Do(step) | Self::Undo(step) => Some(step.service()),
            Self::ExpireAt(_) => Some(Service::Stock),
            Self::Nothing => None,
        }
    }
}

impl Order {
    /// What is to be done next.
    pub fn next_work(&self) -> Work {
        match self.state {
            State::Received | State::Processing | State::Confirmed | State::Shipped => {
                // A step that failed and did not take the order with it is not tried again.
                let open = |step: &&Step| !step.state.is_done() && step.state != StepState::Failed;
                let next = self.steps.iter().find(open);
                next.map_or(Work::Nothing, |step| Work::Do(step.name))
            }
            State::Cancelling => {
                let last = self.steps.iter().rev().find(|step| step.may_have_effect());
                last.map_or(Work::Nothing, |step| Work::Undo(step.name))
            }
            State::ActionRequired => self.respond_by.map_or(Work::Nothing, Work::ExpireAt),
            State::InReview | State::Delivered | State::Cancelled => Work::Nothing,
        }
    }

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
    pub fn start_step(&mut self, name: StepName, now: Moment<'_>) -> Result<Event, Refused> {
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
        now: Moment<'_>,
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
        now: Moment<'_>,
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
        now: Moment<'_>,
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
        now: Moment<'_>,
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

    /// Ends the order for `reason`: what was done is undone. An order that is ending or has ended that way stays as it is
    /// and no event is made.
    ///
    /// # Errors
    /// When it is with the carrier or delivered.
    pub fn cancel(&mut self, reason: Reason, now: Moment<'_>) -> Result<Option<Event>, Refused> {
        if matches!(self.state, State::Cancelling | State::Cancelled) {
            return Ok(None);
        }
        self.state.after(Transition::Cancel)?;
        Ok(Some(self.change(now, None, |order| order.end(reason))))
    }

    /// Gives the order another private link, whatever state it is in: the one before opens nothing any more.
    pub fn replace_link(&mut self, now: Moment<'_>) -> Event {
        self.change(now, None, |order| order.link_generation += 1)
    }

    /// Makes the next version: draws it, derives what people read, and folds the difference by the one reducer.
    pub(crate) fn change(
        &mut self,
        now: Moment<'_>,
        step: Option<StepName>,
        draw: impl FnOnce(&mut Self),
    ) -> Event {
        let mut after = self.clone();
        draw(&mut after);
        after.version += 1;
        after.updated_at = now.at;
        // An order that ends has ended as soon as nothing is left to undo.
        if let Ok(ended) = after.state.after(Transition::FinishCancel)
            && !after.steps.iter().any(Step::may_have_effect)
        {
            after.state = ended;
        }
        after.follow_state();
        after.derive(now.public_url);
        let step = step.map(|name| after.step(name).clone());
        let event = Event::between(self, &after, step);
        let applied = self.apply(&event);
        debug_assert_eq!(applied, crate::Applied::Changed);
        debug_assert_eq!(*self, after, "an event carries everything that changed");
        event
    }

    /// Writes what follows from the rest: message, actions, problem.
    pub(crate) fn derive(&mut self, public_url: &str) {
        self.actions = wording::actions(self);
        self.problem = wording::problem(self, public_url);
        self.message = wording::message(self);
    }

    pub(crate) fn step_mut(&mut self, name: StepName) -> &mut Step {
        &mut self.steps[name.index()]
    }

    /// Draws the beginning of the end. The first reason stands.
    pub(crate) fn end(&mut self, reason: Reason) {
        if self.state != State::Cancelling {
            self.reason = Some(reason);
        }
        self.state = State::Cancelling;
        self.respond_by = None;
        self.delayed = false;
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

    pub(crate) fn expect_under_way(&self, name: StepName, transition: Transition) -> Result<(), Refused> {
        match self.step(name).state {
            StepState::Running | StepState::Retrying => Ok(()),
            _ => Err(Refused { from: self.state, transition }),
        }
    }
}

impl Message {
    /// A message that nothing has been derived for yet.
    pub(crate) fn empty() -> Self {
        Self { heading: String::new(), body: String::new(), next_step: String::new(), help: String::new() }
    }
}

impl Payment {
    /// This payment in another state.
    pub fn now(&self, state: PaymentState) -> Self {
        Self { state, ..self.clone() }
    }
}

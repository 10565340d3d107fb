//! The reducer: an order and an event make the next version of the order.

use crate::facts::EventFacts;
use crate::{
    Event, Message, Order, Payment, PaymentState, State, Step, StepName, StepReason, StepState, Timestamp,
};

/// What an event did to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// The order is one version further.
    Changed,
    /// The order already had this version.
    Known,
    /// Events between the order's version and this one are missing; the caller needs a snapshot.
    Gap,
}

impl Order {
    /// Applies one event to the order.
    ///
    /// An event of the same or an older version changes nothing. One that would skip a version changes nothing and
    /// returns [`Applied::Gap`]. A snapshot replaces an older order.
    pub fn apply(&mut self, event: &Event) -> Applied {
        if event.subject != self.id {
            return Applied::Known;
        }
        let data = &event.data;
        if let Some(order) = &data.order {
            if order.version <= self.version {
                return Applied::Known;
            }
            *self = (**order).clone();
            return Applied::Changed;
        }
        if data.version <= self.version {
            return Applied::Known;
        }
        if data.version != self.version + 1 {
            return Applied::Gap;
        }
        self.apply_facts(data.version, event.time, &EventFacts::of(data));
        self.message.clone_from(&data.message);
        self.problem.clone_from(&data.problem);
        self.actions.clone_from(&data.actions);
        Applied::Changed
    }

    /// Applies the facts of an event, which makes this version.
    pub(crate) fn apply_facts(&mut self, version: u32, at: Timestamp, facts: &EventFacts<'_>) {
        self.version = version;
        self.updated_at = at;
        self.state = facts.state;
        self.delayed = facts.delayed;
        self.reason = facts.reason;
        self.respond_by = facts.respond_by;
        self.mail_refused = facts.mail_refused.as_deref().cloned();
        if let Some(step) = facts.step {
            self.set_step(step.into());
        }
        if let Some(payment) = &facts.payment {
            self.payment = payment.as_ref().clone();
        }
        if let Some(shipment) = &facts.shipment {
            self.shipment = Some(shipment.as_ref().clone());
        }
        if let Some(ship_to) = &facts.ship_to {
            self.ship_to = ship_to.as_ref().clone();
        }
        if let Some(generation) = facts.link_generation {
            self.link_generation = generation;
        }
        if let Some(customer) = &facts.customer {
            self.customer = customer.as_ref().clone();
        }
        self.follow_state();
    }

    /// Returns the order before its first event: only what never changes. Applying all of its events to it gives the
    /// order again.
    pub fn before_its_events(&self) -> Self {
        Self {
            state: State::Received,
            delayed: false,
            reason: None,
            version: 0,
            updated_at: self.created_at,
            respond_by: None,
            mail_refused: None,
            payment: Payment { method: self.payment.method, state: PaymentState::None, summary: None },
            shipment: None,
            steps: StepName::ALL.map(Step::waiting).into(),
            message: Message::empty(),
            actions: Vec::new(),
            problem: None,
            link_generation: 0,
            ..self.clone()
        }
    }

    /// Derives what follows from the state and needs no event of its own: steps of an ending order do not start, an
    /// ended order has no pending step, and a cancelled shipment is removed.
    pub(crate) fn follow_state(&mut self) {
        let ended = self.state.is_final();
        let ends = ended || self.state == State::Cancelling;
        for step in &mut self.steps {
            // An ending order needs no decision. The returned parcel's booking is undone like any other effect.
            if ends && step.reason == Some(StepReason::Returned) && step.state == StepState::NeedsOperator {
                step.state = StepState::Succeeded;
                step.reason = None;
            }
            let dropped = match step.state {
                StepState::Waiting | StepState::NeedsCustomer => ends,
                StepState::Retrying => ends && !step.may_have_effect(),
                StepState::Running => ended && !step.name.has_undo(),
                _ => false,
            };
            if dropped {
                step.state = StepState::Skipped;
                step.next_attempt_at = None;
            }
        }
        if self.step(StepName::ArrangeShipping).state == StepState::Undone {
            self.shipment = None;
        }
    }
}

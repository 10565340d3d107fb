//! The one reducer: an order and an event make the next version of the order.

use crate::{Event, Order, State, StepState};

/// What an event did to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// The order is one version further.
    Changed,
    /// The order was there already.
    Known,
    /// Events between the order's version and this one are missing; a snapshot is needed.
    Gap,
}

impl Order {
    /// Folds one event into the order.
    ///
    /// An event of an older or the same version changes nothing, and one that would skip a version changes nothing
    /// either and says so. A snapshot replaces an order that is not newer.
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
        self.version = data.version;
        self.updated_at = event.time;
        self.state = data.state;
        self.delayed = data.delayed;
        self.reason = data.reason;
        self.message = data.message.clone();
        self.problem = data.problem.clone();
        self.respond_by = data.respond_by;
        self.actions = data.actions.clone();
        if let Some(step) = &data.step
            && let Some(place) = self.steps.get_mut(step.name.index())
        {
            *place = step.clone();
        }
        if let Some(payment) = &data.payment {
            self.payment = payment.clone();
        }
        if let Some(shipment) = &data.shipment {
            self.shipment = Some(shipment.clone());
        }
        if let Some(ship_to) = &data.ship_to {
            self.ship_to = ship_to.clone();
        }
        self.skip_what_will_not_begin();
        Applied::Changed
    }

    /// An order that ends does not begin what it has not begun; that follows from its state and needs no event.
    pub(crate) fn skip_what_will_not_begin(&mut self) {
        if matches!(self.state, State::Cancelling | State::Cancelled) {
            for step in &mut self.steps {
                if matches!(step.state, StepState::Waiting | StepState::NeedsCustomer) {
                    step.state = StepState::Skipped;
                }
            }
        }
    }
}

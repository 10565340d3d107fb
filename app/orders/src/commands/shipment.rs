//! What the carrier reports about a shipment, or an operator in its place.

use crate::{CommandContext, Event, Order, Refused, StepName, StepReason, StepState, Transition};

impl Order {
    /// The carrier picked the parcel up. From now on the order cannot be cancelled.
    ///
    /// # Errors
    /// When it is not confirmed.
    pub fn hand_over(&mut self, now: CommandContext<'_>) -> Result<Event, Refused> {
        let state = self.state.after(Transition::HandOver)?;
        Ok(self.change(now, None, |order| order.state = state))
    }

    /// The parcel was delivered, and the order has ended. Also accepted before the pick-up was reported, because
    /// reports overtake each other.
    ///
    /// # Errors
    /// When the order is neither confirmed nor shipped.
    pub fn deliver(&mut self, now: CommandContext<'_>) -> Result<Event, Refused> {
        let state = self.state.after(Transition::Deliver)?;
        Ok(self.change(now, None, |order| order.state = state))
    }

    /// The parcel was returned: an operator decides whether it goes out again ([`Order::approve`]) or the order is
    /// cancelled.
    ///
    /// # Errors
    /// When the order is neither confirmed nor shipped.
    pub fn returned(&mut self, now: CommandContext<'_>) -> Result<Event, Refused> {
        // A parcel can be returned from the same two states in which it can be delivered.
        self.state.after(Transition::Deliver)?;
        let state = self.state.after(Transition::Review)?;
        let step = StepName::ArrangeShipping;
        Ok(self.change(now, Some(step), |order| {
            order.state = state;
            let step = order.step_mut(step);
            step.state = StepState::NeedsOperator;
            step.reason = Some(StepReason::Returned);
        }))
    }
}

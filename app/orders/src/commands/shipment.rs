//! What the carrier, or an operator in its place, tells of the parcel.

use crate::{CommandContext, Event, Order, Refused, StepName, StepReason, StepState, Transition};

impl Order {
    /// The carrier has the parcel: the order cannot be cancelled any more.
    ///
    /// # Errors
    /// When it is not confirmed.
    pub fn hand_over(&mut self, now: CommandContext<'_>) -> Result<Event, Refused> {
        let state = self.state.after(Transition::HandOver)?;
        Ok(self.change(now, None, |order| order.state = state))
    }

    /// The customer has the parcel, and the order has ended. Also accepted before the carrier was heard to have it, for
    /// reports overtake each other.
    ///
    /// # Errors
    /// When the parcel is neither waiting for the carrier nor on its way.
    pub fn deliver(&mut self, now: CommandContext<'_>) -> Result<Event, Refused> {
        let state = self.state.after(Transition::Deliver)?;
        Ok(self.change(now, None, |order| order.state = state))
    }

    /// The parcel came back: an operator decides whether it goes out again ([`Order::approve`]) or the order ends.
    ///
    /// # Errors
    /// When the parcel is neither waiting for the carrier nor on its way.
    pub fn returned(&mut self, now: CommandContext<'_>) -> Result<Event, Refused> {
        // A parcel was delivered from the same two states that it can come back from.
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

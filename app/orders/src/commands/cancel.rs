//! Cancelling an order.

use super::CommandContext;
use crate::{Event, Order, Reason, Refused, State, Transition};

impl Order {
    /// Ends the order for `reason`: what was done is undone. An order that is ending or has ended that way stays as it is
    /// and no event is made.
    ///
    /// # Errors
    /// When it is with the carrier or delivered.
    pub fn cancel(&mut self, reason: Reason, now: CommandContext<'_>) -> Result<Option<Event>, Refused> {
        if matches!(self.state, State::Cancelling | State::Cancelled) {
            return Ok(None);
        }
        self.state.after(Transition::Cancel)?;
        Ok(Some(self.change(now, None, |order| order.end(reason))))
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
}

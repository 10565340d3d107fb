//! Cancelling an order.

use super::CommandContext;
use crate::{Event, Order, Reason, Refused, State, Transition};

impl Order {
    /// Cancels the order for `reason` and starts to undo its effects. An order that is already cancelling or
    /// cancelled stays as it is, without an event.
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

    /// Writes the start of the cancellation. The first reason is kept.
    pub(crate) fn end(&mut self, reason: Reason) {
        if self.state != State::Cancelling {
            self.reason = Some(reason);
        }
        self.state = State::Cancelling;
        self.respond_by = None;
        self.delayed = false;
    }
}

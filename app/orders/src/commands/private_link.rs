//! Replacing the private link of an order.

use super::CommandContext;
use crate::{Event, Order};

impl Order {
    /// Gives the order another private link, whatever state it is in: the one before opens nothing any more.
    pub fn replace_link(&mut self, now: CommandContext<'_>) -> Event {
        self.change(now, None, |order| order.link_generation += 1)
    }
}

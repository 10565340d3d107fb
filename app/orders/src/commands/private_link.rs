//! Replacing the private link of an order.

use super::CommandContext;
use crate::{Event, Order};

impl Order {
    /// Replaces the private link of the order, in any state. The previous link opens nothing from then on.
    pub fn replace_link(&mut self, now: CommandContext<'_>) -> Event {
        self.change(now, None, |order| order.link_generation += 1)
    }
}

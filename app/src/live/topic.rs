//! What a tab can subscribe to.

use orders::OrderId;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// One order; none means all orders of this browser.
    pub order: Option<OrderId>,
    /// The tracking token of an order of another browser.
    pub token: Option<String>,
}

impl Topic {
    pub const MINE: Self = Self { order: None, token: None };

    /// Returns its name in a frame.
    pub fn name(&self) -> String {
        match self.order {
            Some(id) => format!("order:{id}"),
            None => "orders".to_owned(),
        }
    }
}

//! The private link of an order, and the token in it that opens the order without an account.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::OrderId;

/// Which link of an order a token belongs to. An order has one link at a time: replacing it makes the next generation, and
/// tokens of every earlier one open nothing from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PrivateLink {
    /// The order that it opens.
    pub order: OrderId,
    /// 0 for the link that the order was accepted with, one more for each that took its place.
    pub generation: u32,
}

/// A tracking token as its owner holds it. It is a secret: `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TrackingToken(String);

impl TrackingToken {
    /// A token in its written form.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The written form, to be handed to the owner and to nobody else.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TrackingToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TrackingToken(…)")
    }
}

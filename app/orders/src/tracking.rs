//! The private link of an order, and the token in it that opens the order without an account.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::OrderId;

/// A private link of an order. An order has one current link: replacing it makes the next generation, and tokens of
/// every earlier generation stop working.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PrivateLink {
    /// The order that it opens.
    pub order: OrderId,
    /// 0 for the link that the order was accepted with, incremented by each replacement.
    pub generation: u32,
}

/// A tracking token in clear text. It is a secret: `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TrackingToken(String);

impl TrackingToken {
    /// Returns the token with this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text, to be given to the owner and to nobody else.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TrackingToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TrackingToken(…)")
    }
}

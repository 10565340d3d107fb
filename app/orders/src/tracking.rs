//! The token that opens one order without an account.

use std::fmt;

use serde::{Deserialize, Serialize};

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

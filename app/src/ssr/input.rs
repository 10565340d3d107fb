//! The inputs of forms and addresses.

use orders::Line;
use serde::{Deserialize, Serialize};

/// One product in the cart at its current price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PricedLine {
    /// The line that it becomes in an order.
    pub line: Line,
    pub image: String,
    pub stock: u32,
}

impl PricedLine {
    /// Whether there is less stock than wanted.
    pub const fn is_short(&self) -> bool {
        self.stock < self.line.quantity
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineInput {
    pub sku: String,
    /// The quantity as it was typed.
    #[serde(default)]
    pub quantity: String,
    /// The quantity when the page was rendered.
    #[serde(default)]
    pub was: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrderForm {
    pub name: String,
    pub email: String,
    /// Where the order goes.
    #[serde(flatten)]
    pub address: AddressForm,
    /// A token of the payment service, or `invoice`.
    pub payment: String,
    pub note: String,
    /// The cart with its key, as the page showed it.
    pub cart: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AddressForm {
    /// The recipient; empty for the customer.
    pub recipient: String,
    /// Street and house number.
    pub street: String,
    pub postcode: String,
    pub city: String,
    /// State, province, emirate.
    pub region: String,
    /// Flat, floor, building.
    pub line2: String,
    /// The company that receives it.
    pub company: String,
    /// Two letters, ISO 3166-1.
    pub country: String,
}

/// The order that an address names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum OrderKey {
    /// `/orders/{id}`: for its owner.
    Id(String),
    /// `/track/{token}`: for the holder of its link.
    Token(String),
}

impl OrderKey {
    pub fn page(&self) -> String {
        match self {
            Self::Id(id) => format!("/orders/{id}"),
            Self::Token(token) => format!("/track/{token}"),
        }
    }
}

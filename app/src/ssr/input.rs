//! The inputs of forms and addresses.

use orders::Line;
use serde::{Deserialize, Serialize};

/// One product in the cart at its current price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PricedLine {
    /// The line that it becomes in an order.
    pub line: Line,
    /// The address of its picture.
    pub image: String,
    /// Its stock.
    pub stock: u32,
}

impl PricedLine {
    /// Whether there is less stock than wanted.
    pub const fn is_short(&self) -> bool {
        self.stock < self.line.quantity
    }
}

/// One line of the cart's form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineInput {
    /// The product.
    pub sku: String,
    /// The quantity as it was typed.
    #[serde(default)]
    pub quantity: String,
    /// The quantity when the page was rendered.
    #[serde(default)]
    pub was: String,
}

/// The checkout form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderForm {
    /// The customer's name.
    #[serde(default)]
    pub name: String,
    /// The customer's e-mail address.
    #[serde(default)]
    pub email: String,
    /// The recipient; empty for the customer.
    #[serde(default)]
    pub recipient: String,
    /// Street and house number.
    #[serde(default)]
    pub street: String,
    /// Postcode.
    #[serde(default)]
    pub postcode: String,
    /// City.
    #[serde(default)]
    pub city: String,
    /// State, province, emirate.
    #[serde(default)]
    pub region: String,
    /// Flat, floor, building.
    #[serde(default)]
    pub line2: String,
    /// The company that receives it.
    #[serde(default)]
    pub company: String,
    /// Two letters, ISO 3166-1.
    #[serde(default)]
    pub country: String,
    /// A token of the payment service, or `invoice`.
    #[serde(default)]
    pub payment: String,
    /// A note.
    #[serde(default)]
    pub note: String,
    /// The cart with its key, as the page showed it.
    #[serde(default)]
    pub cart: String,
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
    /// Returns the address of its page.
    pub fn page(&self) -> String {
        match self {
            Self::Id(id) => format!("/orders/{id}"),
            Self::Token(token) => format!("/track/{token}"),
        }
    }
}

/// A corrected address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressForm {
    /// The recipient; empty for the customer.
    #[serde(default)]
    pub recipient: String,
    /// Street and house number.
    #[serde(default)]
    pub street: String,
    /// Postcode.
    #[serde(default)]
    pub postcode: String,
    /// City.
    #[serde(default)]
    pub city: String,
    /// State, province, emirate.
    #[serde(default)]
    pub region: String,
    /// Flat, floor, building.
    #[serde(default)]
    pub line2: String,
    /// The company that receives it.
    #[serde(default)]
    pub company: String,
    /// Two letters, ISO 3166-1.
    #[serde(default)]
    pub country: String,
}

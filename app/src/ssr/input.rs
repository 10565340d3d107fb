//! What forms send and addresses name, and the priced lines that both sides of a server function use.

use orders::Line;
use serde::{Deserialize, Serialize};

/// One product in the cart, at the price it has now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PricedLine {
    /// What it will be in the order.
    pub line: Line,
    /// The address of its picture.
    pub image: String,
    /// How many can be ordered now.
    pub stock: u32,
}

impl PricedLine {
    /// There is not as much of it as is wanted.
    pub const fn is_short(&self) -> bool {
        self.stock < self.line.quantity
    }
}

/// One line of the cart's form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineInput {
    /// The product.
    pub sku: String,
    /// How many, as it was typed.
    #[serde(default)]
    pub quantity: String,
    /// How many there were when the page was made.
    #[serde(default)]
    pub was: String,
}

/// Everything that is typed at checkout.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderForm {
    /// Who orders.
    #[serde(default)]
    pub name: String,
    /// Where mails go.
    #[serde(default)]
    pub email: String,
    /// Who receives it; nobody is whoever orders.
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
    /// Two letters.
    #[serde(default)]
    pub country: String,
    /// A token of the payment service, or `invoice`.
    #[serde(default)]
    pub payment: String,
    /// Anything else.
    #[serde(default)]
    pub note: String,
    /// The cart with its key, as the page showed it.
    #[serde(default)]
    pub cart: String,
}

/// How an order is named in an address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum OrderKey {
    /// `/orders/{id}`: for whoever sent it.
    Id(String),
    /// `/track/{token}`: for whoever has the link.
    Token(String),
}

impl OrderKey {
    /// The address of its page.
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
    /// Who receives it; nobody is whoever ordered.
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
    /// Two letters.
    #[serde(default)]
    pub country: String,
}

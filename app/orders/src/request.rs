//! What callers send: validated at construction, all fields at once.

use serde::{Deserialize, Serialize};

use crate::check::Check;
use crate::{Address, Customer, Problem};

pub use crate::receive::{ValidOrder, ValidPayment};

/// The body of `POST /orders`. Unknown fields are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderRequest {
    /// Who orders.
    pub customer: CustomerRequest,
    /// Where it goes.
    pub ship_to: AddressRequest,
    /// What is ordered.
    pub lines: Vec<LineRequest>,
    /// How it is paid.
    pub payment: PaymentRequest,
    /// At most 500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Who orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomerRequest {
    /// 1 to 200 characters.
    pub name: String,
    /// An e-mail address.
    pub email: String,
}

/// Where it goes. Which of the optional fields are needed depends on the country; see [`crate::address`].
///
/// New fields come last: the fingerprint of a request is made of the fields in this order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddressRequest {
    /// 1 to 200 characters.
    pub name: String,
    /// 1 to 200 characters.
    pub street: String,
    /// At most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// At most 20 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postcode: Option<String>,
    /// Two letters, ISO 3166-1.
    pub country: String,
    /// At most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// At most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line2: Option<String>,
    /// At most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// One product and how many of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineRequest {
    /// The product.
    pub sku: String,
    /// 1 to 999.
    pub quantity: i64,
}

/// How it is paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentRequest {
    /// `card` or `invoice`.
    pub method: String,
    /// For `card`: a token of the payment service, never the number of a card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// Another e-mail address of the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmailRequest {
    /// An e-mail address.
    pub email: String,
}

impl OrderRequest {
    /// Judges every field.
    ///
    /// # Errors
    /// `validation-failed` or `card-number-refused`, with a pointer to each field.
    pub fn validate(&self) -> Result<ValidOrder, Problem> {
        let mut check = Check::default();
        let order = ValidOrder {
            customer: Customer {
                name: check.text("/customer/name", &self.customer.name, 200),
                email: check.email("/customer/email", &self.customer.email),
            },
            ship_to: check.address("/ship_to", &self.ship_to),
            lines: check.lines(&self.lines),
            payment: check.payment("/payment", &self.payment),
            note: self.note.as_deref().and_then(|note| check.note("/note", note, 500)),
        };
        check.finish().map(|()| order)
    }
}

impl AddressRequest {
    /// Judges every field of a corrected address.
    ///
    /// # Errors
    /// `validation-failed` or `card-number-refused`, with a pointer to each field.
    pub fn validate(&self) -> Result<Address, Problem> {
        let mut check = Check::default();
        let address = check.address("/ship_to", self);
        check.finish().map(|()| address)
    }
}

impl PaymentRequest {
    /// Judges another way to pay.
    ///
    /// # Errors
    /// `validation-failed` or `card-number-refused`, with a pointer to each field.
    pub fn validate(&self) -> Result<ValidPayment, Problem> {
        let mut check = Check::default();
        let payment = check.payment("/payment", self);
        check.finish().map(|()| payment)
    }
}

impl EmailRequest {
    /// Judges another e-mail address.
    ///
    /// # Errors
    /// `validation-failed` or `card-number-refused`, with a pointer to the field.
    pub fn validate(&self) -> Result<String, Problem> {
        let mut check = Check::default();
        let email = check.email("/email", &self.email);
        check.finish().map(|()| email)
    }
}

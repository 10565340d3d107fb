//! The bodies of requests, as callers send them. See `validation` for their limits.

use serde::{Deserialize, Serialize};

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

/// The postal address. Which of the optional fields are needed depends on the country; see [`crate::address`].
///
/// New fields come last: the fingerprint of a request is computed from the fields in this order.
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

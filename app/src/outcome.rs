//! The result of a submitted form.

use orders::{Order, Problem};
use serde::{Deserialize, Serialize};

use crate::cart::CartItem;
use crate::page_error::PageError;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Outcome {
    /// It was accepted.
    Done(Done),
    /// It was refused, and nothing changed.
    Refused(Refused),
}

/// What changed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Done {
    pub next: String,
    /// The cart, if it changed.
    pub cart: Option<Vec<CartItem>>,
    /// The order, if it is about one.
    pub order: Option<Box<Order>>,
    /// What changed, in words, unless the page shows it.
    pub announcement: Option<String>,
}

/// Why a form was refused, and which fields have to change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The texts above the form.
    pub error: PageError,
    pub fields: Vec<FieldError>,
    /// The cart under a new key, when an order was already made under the old one.
    pub cart: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The field's id; empty when the form has no field for it.
    pub field: String,
    /// What it must be.
    pub message: String,
}

/// A form submitted without JavaScript whose page is shown again: it was refused, or the fields of another country
/// were requested.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct SubmittedForm {
    /// The server function of the form.
    pub form: String,
    /// Why it was refused, if it was.
    pub refused: Option<Refused>,
    /// The values by field name.
    pub typed: Vec<(String, String)>,
}

impl SubmittedForm {
    pub fn value(&self, name: &str) -> Option<String> {
        self.typed.iter().find(|(typed, _)| typed == name).map(|(_, value)| value.clone())
    }
}

impl From<PageError> for Refused {
    fn from(error: PageError) -> Self {
        Self { error, fields: Vec::new(), cart: None }
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        let fields = problem.errors.iter();
        let fields =
            fields.map(|e| FieldError { field: field_of(&e.pointer).to_owned(), message: e.detail.clone() });
        Self { fields: fields.collect(), error: problem.into(), cart: None }
    }
}

/// Returns the id of the field of a JSON Pointer into the request; empty when the form has none.
fn field_of(pointer: &str) -> &'static str {
    match pointer {
        "/customer/name" => "name",
        "/customer/email" | "/email" => "email",
        "/ship_to/name" => "recipient",
        "/ship_to/street" => "street",
        "/ship_to/postcode" => "postcode",
        "/ship_to/city" => "city",
        "/ship_to/company" => "company",
        "/ship_to/line2" => "line2",
        "/ship_to/region" => "region",
        "/ship_to/country" => "country",
        "/payment" | "/payment/method" | "/payment/token" => "payment",
        "/note" => "note",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use orders::request::CustomerRequest;
    use orders::{AddressRequest, OrderRequest, PaymentRequest};

    #[test]
    fn every_pointer_to_an_input_has_its_field() {
        let nothing = || String::new();
        let request = OrderRequest {
            customer: CustomerRequest { name: nothing(), email: nothing() },
            // An address with too long values for every field of a country that has them all.
            ship_to: AddressRequest {
                country: "US".to_owned(),
                company: Some("x".repeat(201)),
                line2: Some("x".repeat(201)),
                ..AddressRequest::default()
            },
            lines: Vec::new(),
            payment: PaymentRequest { method: "card".to_owned(), token: None },
            note: Some("x".repeat(501)),
        };
        let refused = Refused::from(request.validate().unwrap_err());
        let mut without: Vec<_> = refused.fields.iter().filter(|f| f.field.is_empty()).collect();
        assert_eq!(without.pop().map(|f| f.message.as_str()), Some("Order at least one product."));
        assert!(without.is_empty(), "{without:?}");
        assert_eq!(refused.fields.len(), 12);
        let nowhere = AddressRequest { country: nothing(), ..AddressRequest::default() };
        let nowhere = Refused::from(nowhere.validate().unwrap_err());
        assert!(nowhere.fields.iter().any(|error| error.field == "country"));
    }
}

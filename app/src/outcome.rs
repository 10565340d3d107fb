//! What became of a form.

use orders::{Order, Problem};
use serde::{Deserialize, Serialize};

use crate::cart::CartItem;
use crate::page_error::PageError;

/// What became of a form that was sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Outcome {
    /// It was done.
    Done(Done),
    /// It was not done, and nothing changed.
    Refused(Refused),
}

/// What is different now.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Done {
    /// The page that shows the result.
    pub next: String,
    /// What is in the cart now, when that changed.
    pub cart: Option<Vec<CartItem>>,
    /// The order as it is now, when it was about one.
    pub order: Option<Box<Order>>,
    /// What is different, in words, when the page does not say it by itself.
    pub said: Option<String>,
}

/// Why a form was refused, and where to mend it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The words above the form.
    pub trouble: PageError,
    /// The words beside its fields.
    pub fields: Vec<FieldWords>,
    /// The cart under a new key, when an order was made under the old one.
    pub cart: Option<String>,
}

/// What one field must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldWords {
    /// The field's id; empty when no field of the form can mend it.
    pub field: String,
    /// What it must be.
    pub words: String,
}

/// A form that was sent without JavaScript and whose page is shown again with what was typed: it was refused, or it asks
/// for the fields of another country.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Rejected {
    /// The endpoint of the form.
    pub form: String,
    /// Why it was refused, if it was.
    pub refused: Option<Refused>,
    /// What was typed, by field name.
    pub typed: Vec<(String, String)>,
}

impl Rejected {
    /// What was typed into a field.
    pub fn value(&self, name: &str) -> Option<String> {
        self.typed.iter().find(|(typed, _)| typed == name).map(|(_, value)| value.clone())
    }
}

impl From<PageError> for Refused {
    fn from(trouble: PageError) -> Self {
        Self { trouble, fields: Vec::new(), cart: None }
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        let fields = problem.errors.iter();
        let fields =
            fields.map(|e| FieldWords { field: field_of(&e.pointer).to_owned(), words: e.detail.clone() });
        Self { fields: fields.collect(), trouble: problem.into(), cart: None }
    }
}

/// The id of the field that a JSON Pointer into the request means; empty when the form has none for it.
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
    fn every_pointer_to_something_that_can_be_typed_has_its_field() {
        let nothing = || String::new();
        let request = OrderRequest {
            customer: CustomerRequest { name: nothing(), email: nothing() },
            // A country that needs all that an address can have, and what it does not need, too long.
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
        assert_eq!(without.pop().map(|f| f.words.as_str()), Some("Order at least one product."));
        assert!(without.is_empty(), "{without:?}");
        assert_eq!(refused.fields.len(), 12);
        let nowhere = AddressRequest { country: nothing(), ..AddressRequest::default() };
        let nowhere = Refused::from(nowhere.validate().unwrap_err());
        assert!(nowhere.fields.iter().any(|info| info.field == "country"));
    }
}

//! Validation of request bodies. All errors are collected, so that one answer names every field that must change.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use crate::card_number::looks_like_card_number;
use crate::commands::receive::{ValidLine, ValidPayment};
use crate::email::{EmailAddress, LONGEST_EMAIL};
use crate::plain_text::{is_blank, visible};
use crate::request::LineRequest;
use crate::{
    Address, AddressRequest, Customer, EmailRequest, FieldError, OrderRequest, PaymentMethod, PaymentRequest,
    Problem, ProblemCode, ValidOrder,
};

/// The error of an empty field.
pub(crate) const FILL_IN: &str = "Fill this in.";
const MOST_LINES: usize = 50;
const MOST_OF_ONE: u32 = 999;

impl OrderRequest {
    /// Validates every field.
    ///
    /// # Errors
    /// `validation-failed` or `card-number-refused`, with a pointer to each field.
    pub fn validate(&self) -> Result<ValidOrder, Problem> {
        let mut validator = Validator::default();
        let order = ValidOrder {
            customer: Customer {
                name: validator.text(Pointer::Field("/customer/name"), &self.customer.name, 200),
                email: validator.email(Pointer::Field("/customer/email"), &self.customer.email),
            },
            ship_to: validator.address("/ship_to", &self.ship_to),
            lines: validator.lines(&self.lines),
            payment: validator.payment("/payment", &self.payment),
            note: self.note.as_deref().and_then(|note| validator.note(Pointer::Field("/note"), note, 500)),
        };
        validator.finish().map(|()| order)
    }
}

impl AddressRequest {
    /// Validates every field of a corrected address.
    ///
    /// # Errors
    /// `validation-failed` or `card-number-refused`, with a pointer to each field.
    pub fn validate(&self) -> Result<Address, Problem> {
        let mut validator = Validator::default();
        let address = validator.address("/ship_to", self);
        validator.finish().map(|()| address)
    }
}

impl PaymentRequest {
    /// Validates another payment method.
    pub fn validate(&self) -> Result<ValidPayment, Problem> {
        let mut validator = Validator::default();
        let payment = validator.payment("/payment", self);
        validator.finish().map(|()| payment)
    }
}

impl EmailRequest {
    /// Validates another e-mail address.
    ///
    /// # Errors
    /// `validation-failed` or `card-number-refused`, with a pointer to the field.
    pub fn validate(&self) -> Result<String, Problem> {
        let mut validator = Validator::default();
        let email = validator.email(Pointer::Field("/email"), &self.email);
        validator.finish().map(|()| email)
    }
}

/// The pointer to a field, which is written only for an error.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pointer<'a> {
    /// A field of the request.
    Field(&'a str),
    /// A field of the object at a pointer.
    Of(&'a str, &'a str),
    /// A field of an ordered line.
    OfLine(usize, &'a str),
}

impl fmt::Display for Pointer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(pointer) => f.write_str(pointer),
            Self::Of(object, field) => write!(f, "{object}/{field}"),
            Self::OfLine(index, field) => write!(f, "/lines/{index}/{field}"),
        }
    }
}

/// Validates fields one by one and collects the errors.
#[derive(Default)]
pub(crate) struct Validator {
    errors: Vec<FieldError>,
    card_number: bool,
}

impl Validator {
    /// Returns one line of text, 1 to `longest` characters after trimming.
    pub(crate) fn text(&mut self, pointer: Pointer<'_>, text: &str, longest: usize) -> String {
        let text = self.visible(pointer, text);
        let text = text.trim();
        if is_blank(text) {
            self.wrong(pointer, FILL_IN);
        } else if text.chars().count() > longest {
            self.wrong(pointer, format!("Use at most {longest} characters."));
        } else if text.chars().any(char::is_control) {
            self.wrong(pointer, "Use one line of plain text.");
        }
        text.to_owned()
    }

    /// Returns lines of text, up to `longest` characters; none when blank.
    pub(crate) fn note(&mut self, pointer: Pointer<'_>, text: &str, longest: usize) -> Option<String> {
        let text = self.visible(pointer, text);
        let text = text.trim();
        if text.chars().count() > longest {
            self.wrong(pointer, format!("Use at most {longest} characters."));
        } else if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            self.wrong(pointer, "Use plain text.");
        }
        (!is_blank(text)).then(|| text.to_owned())
    }

    /// Returns the text without invisible characters. Refuses characters that reorder the text, and card numbers.
    fn visible<'t>(&mut self, pointer: Pointer<'_>, text: &'t str) -> Cow<'t, str> {
        let visible = visible(text).unwrap_or_else(|misleading| {
            self.wrong(pointer, misleading.to_string());
            Cow::Borrowed(text)
        });
        self.no_card_number(pointer, &visible);
        visible
    }

    pub(crate) fn email(&mut self, pointer: Pointer<'_>, text: &str) -> String {
        let email = self.text(pointer, text, LONGEST_EMAIL);
        if EmailAddress::parse(&email).is_none() {
            self.wrong(pointer, "Use an address such as ada@example.org.");
        }
        email
    }

    pub(crate) fn payment(&mut self, at: &str, payment: &PaymentRequest) -> ValidPayment {
        let method_at = Pointer::Of(at, "method");
        let token_at = Pointer::Of(at, "token");
        let token = payment.token.as_deref().map(str::trim).filter(|token| !token.is_empty());
        self.no_card_number(method_at, &payment.method);
        self.no_card_number(token_at, token.unwrap_or_default());
        match (payment.method.as_str(), token) {
            ("card", Some(token)) => {
                let token = self.text(token_at, token, 255);
                if token.contains(char::is_whitespace) {
                    self.wrong(token_at, "A token has no blanks.");
                }
                ValidPayment { method: PaymentMethod::Card, token: Some(token) }
            }
            ("card", None) => {
                self.wrong(token_at, "Choose a card.");
                ValidPayment { method: PaymentMethod::Card, token: None }
            }
            ("invoice", None) => ValidPayment { method: PaymentMethod::Invoice, token: None },
            ("invoice", Some(_)) => {
                self.wrong(token_at, "An invoice takes no token.");
                ValidPayment { method: PaymentMethod::Invoice, token: None }
            }
            _ => {
                self.wrong(method_at, "Use card or invoice.");
                ValidPayment { method: PaymentMethod::Invoice, token: None }
            }
        }
    }

    /// Returns the distinct products in the order of the request; quantities of repeated products are added up.
    pub(crate) fn lines(&mut self, lines: &[LineRequest]) -> Vec<ValidLine> {
        if lines.is_empty() {
            self.wrong(Pointer::Field("/lines"), "Order at least one product.");
        } else if lines.len() > MOST_LINES {
            self.wrong(
                Pointer::Field("/lines"),
                format!("Order at most {MOST_LINES} different products at once."),
            );
        }
        let mut merged: Vec<ValidLine> = Vec::new();
        let mut places = BTreeMap::new();
        for (place, line) in lines.iter().enumerate() {
            let sku_at = Pointer::OfLine(place, "sku");
            if place >= MOST_LINES {
                self.no_card_number(sku_at, &line.sku);
                continue;
            }
            let sku = self.text(sku_at, &line.sku, 64);
            let quantity_at = Pointer::OfLine(place, "quantity");
            let at = *places.entry(sku.clone()).or_insert_with(|| {
                merged.push(ValidLine { sku, quantity: 0, place });
                merged.len() - 1
            });
            match u32::try_from(line.quantity).ok().filter(|quantity| (1..=MOST_OF_ONE).contains(quantity)) {
                None => self.wrong(quantity_at, format!("Use a whole number from 1 to {MOST_OF_ONE}.")),
                Some(more) if merged[at].quantity + more > MOST_OF_ONE => {
                    self.wrong(quantity_at, format!("Order at most {MOST_OF_ONE} of one product."));
                }
                Some(more) => merged[at].quantity += more,
            }
        }
        merged
    }

    /// # Errors
    /// `card-number-refused` when a field holds a card number, `validation-failed` when anything else is wrong, with a
    /// pointer to each field.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        if self.errors.is_empty() {
            return Ok(());
        }
        let code =
            if self.card_number { ProblemCode::CardNumberRefused } else { ProblemCode::ValidationFailed };
        Err(Problem::new(code).errors(self.errors))
    }

    pub(crate) fn no_card_number(&mut self, pointer: Pointer<'_>, text: &str) {
        if looks_like_card_number(text) {
            self.card_number = true;
            self.wrong(pointer, "This looks like a card number. Docket never takes one.");
        }
    }

    /// Adds an error. Only the first one of a field is kept.
    pub(crate) fn wrong(&mut self, pointer: Pointer<'_>, detail: impl Into<String>) {
        let pointer = pointer.to_string();
        if self.errors.iter().all(|error| error.pointer != pointer) {
            self.errors.push(FieldError::new(pointer, detail));
        }
    }
}

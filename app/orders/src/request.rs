//! What callers send, and the order that can be made of it: validated at construction, all fields at once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::card_number::looks_like_card_number;
use crate::{
    Address, Customer, Event, EventType, ExpectedBy, FieldError, Line, Links, Message, Moment, Money, Order,
    OrderId, OrderNumber, Payment, PaymentMethod, PaymentState, Problem, ProblemCode, Product, State, Step,
    StepName,
};

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

/// Where it goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddressRequest {
    /// 1 to 200 characters.
    pub name: String,
    /// 1 to 200 characters.
    pub street: String,
    /// 1 to 200 characters.
    pub city: String,
    /// 1 to 20 characters.
    pub postcode: String,
    /// Two letters, ISO 3166-1.
    pub country: String,
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

/// An order request whose every field is within its limits; prices are not known yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidOrder {
    customer: Customer,
    ship_to: Address,
    /// Distinct products in the order they were named.
    lines: Vec<ValidLine>,
    payment: ValidPayment,
    note: Option<String>,
}

/// One product, how many of it, and the place in the request that named it first.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ValidLine {
    sku: String,
    quantity: u32,
    place: usize,
}

/// A way to pay that is within its limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidPayment {
    /// Card or invoice.
    pub method: PaymentMethod,
    /// The token, for a card.
    pub token: Option<String>,
}

/// Collects what is wrong with a body, so that all of it is said at once.
#[derive(Default)]
struct Check {
    errors: Vec<FieldError>,
    card_number: bool,
}

impl Check {
    fn text(&mut self, pointer: &str, text: &str, longest: usize) -> String {
        self.no_card_number(pointer, text);
        let text = text.trim();
        let length = text.chars().count();
        if length == 0 {
            self.wrong(pointer, "Fill this in.");
        } else if length > longest {
            self.wrong(pointer, format!("Use at most {longest} characters."));
        } else if text.chars().any(char::is_control) {
            self.wrong(pointer, "Use one line of plain text.");
        }
        text.to_owned()
    }

    fn no_card_number(&mut self, pointer: &str, text: &str) {
        if looks_like_card_number(text) {
            self.card_number = true;
            self.wrong(pointer, "This looks like a card number. Docket never takes one.");
        }
    }

    fn wrong(&mut self, pointer: &str, detail: impl Into<String>) {
        self.errors.push(FieldError::new(pointer, detail));
    }

    fn address(&mut self, at: &str, address: &AddressRequest) -> Address {
        let country = self.text(&format!("{at}/country"), &address.country, 2).to_ascii_uppercase();
        if !country.is_empty() && (country.len() != 2 || !country.bytes().all(|b| b.is_ascii_uppercase())) {
            self.wrong(&format!("{at}/country"), "Use the two letters of the country, such as IT.");
        }
        Address {
            name: self.text(&format!("{at}/name"), &address.name, 200),
            street: self.text(&format!("{at}/street"), &address.street, 200),
            city: self.text(&format!("{at}/city"), &address.city, 200),
            postcode: self.text(&format!("{at}/postcode"), &address.postcode, 20),
            country,
        }
    }

    fn payment(&mut self, at: &str, payment: &PaymentRequest) -> ValidPayment {
        let token = payment.token.as_deref().filter(|token| !token.is_empty());
        let pointer = format!("{at}/token");
        match (payment.method.as_str(), token) {
            ("card", Some(token)) => {
                let token = self.text(&pointer, token, 255);
                if token.contains(char::is_whitespace) {
                    self.wrong(&pointer, "A token has no blanks.");
                }
                ValidPayment { method: PaymentMethod::Card, token: Some(token) }
            }
            ("card", None) => {
                self.wrong(&pointer, "Choose a card.");
                ValidPayment { method: PaymentMethod::Card, token: None }
            }
            ("invoice", token) => {
                if token.is_some() {
                    self.wrong(&pointer, "An invoice takes no token.");
                }
                ValidPayment { method: PaymentMethod::Invoice, token: None }
            }
            _ => {
                self.no_card_number(&format!("{at}/method"), &payment.method);
                self.wrong(&format!("{at}/method"), "Use card or invoice.");
                ValidPayment { method: PaymentMethod::Invoice, token: None }
            }
        }
    }

    fn lines(&mut self, lines: &[LineRequest]) -> Vec<ValidLine> {
        if lines.is_empty() {
            self.wrong("/lines", "Order at least one product.");
        } else if lines.len() > 50 {
            self.wrong("/lines", "Order at most 50 different products at once.");
        }
        let mut merged: Vec<ValidLine> = Vec::new();
        let mut places = BTreeMap::new();
        for (place, line) in lines.iter().enumerate().take(50) {
            let sku = self.text(&format!("/lines/{place}/sku"), &line.sku, 64);
            let quantity = u32::try_from(line.quantity).ok().filter(|q| (1..=999).contains(q));
            let at = *places.entry(sku.clone()).or_insert_with(|| {
                merged.push(ValidLine { sku, quantity: 0, place });
                merged.len() - 1
            });
            let sum = quantity.map(|quantity| merged[at].quantity + quantity).filter(|sum| *sum <= 999);
            match sum {
                Some(sum) => merged[at].quantity = sum,
                None => self.wrong(&format!("/lines/{place}/quantity"), "Use a whole number from 1 to 999."),
            }
        }
        merged
    }

    fn finish(self) -> Result<(), Problem> {
        if self.errors.is_empty() {
            return Ok(());
        }
        let code =
            if self.card_number { ProblemCode::CardNumberRefused } else { ProblemCode::ValidationFailed };
        Err(Problem::new(code).errors(self.errors))
    }
}

impl OrderRequest {
    /// Judges every field.
    ///
    /// # Errors
    /// `validation-failed` or `card-number-refused`, with a pointer to each field.
    pub fn validate(&self) -> Result<ValidOrder, Problem> {
        let mut check = Check::default();
        let email = check.text("/customer/email", &self.customer.email, 254);
        if !email.is_empty() && !is_email(&email) {
            check.wrong("/customer/email", "Use an address such as ada@example.org.");
        }
        let customer = Customer { name: check.text("/customer/name", &self.customer.name, 200), email };
        let ship_to = check.address("/ship_to", &self.ship_to);
        let lines = check.lines(&self.lines);
        let payment = check.payment("/payment", &self.payment);
        let note = self.note.as_deref().map(str::trim).filter(|note| !note.is_empty()).map(str::to_owned);
        if let Some(note) = &note {
            check.no_card_number("/note", note);
            if note.chars().count() > 500 {
                check.wrong("/note", "Use at most 500 characters.");
            }
        }
        check.finish()?;
        Ok(ValidOrder { customer, ship_to, lines, payment, note })
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
        check.finish()?;
        Ok(address)
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
        check.finish()?;
        Ok(payment)
    }
}

impl ValidPayment {
    /// The payment of an order before any money moved.
    pub fn untouched(&self) -> Payment {
        Payment { method: self.method, state: PaymentState::None, summary: None }
    }
}

impl ValidOrder {
    /// The products it names.
    pub fn skus(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(|line| line.sku.as_str())
    }

    /// How it is paid.
    pub fn payment(&self) -> &ValidPayment {
        &self.payment
    }

    /// Makes the order, at the prices of the catalogue, and the event that tells of it.
    ///
    /// # Errors
    /// `unknown-product` with a pointer to each line whose product `find` does not know, `validation-failed` when the
    /// total does not fit.
    pub fn receive(
        self,
        id: OrderId,
        number: OrderNumber,
        expected_by: Option<ExpectedBy>,
        now: Moment<'_>,
        find: impl Fn(&str) -> Option<Product>,
    ) -> Result<(Order, Event), Problem> {
        let mut errors = Vec::new();
        let mut lines = Vec::with_capacity(self.lines.len());
        let mut total: Option<Money> = None;
        for ValidLine { sku, quantity, place } in self.lines {
            let Some(product) = find(&sku) else {
                errors.push(FieldError::new(
                    format!("/lines/{place}/sku"),
                    format!("There is no product {sku}."),
                ));
                continue;
            };
            let cost = product.price.times(quantity);
            let sum = match (total, cost) {
                (None, Some(cost)) => Some(cost),
                (Some(sum), Some(cost)) => {
                    sum.amount.checked_add(cost.amount).map(|amount| Money { amount, ..sum })
                }
                (_, None) => None,
            };
            let (Some(cost), Some(sum)) = (cost, sum) else {
                let too_much = FieldError::new(format!("/lines/{place}/quantity"), "The total is too large.");
                return Err(Problem::new(ProblemCode::ValidationFailed).errors(vec![too_much]));
            };
            total = Some(sum);
            lines.push(Line { sku, name: product.name, quantity, unit_price: product.price, total: cost });
        }
        let Some(total) = total.filter(|_| errors.is_empty()) else {
            return Err(Problem::new(ProblemCode::UnknownProduct).errors(errors));
        };
        let mut order = Order {
            id,
            number,
            state: State::Received,
            delayed: false,
            reason: None,
            version: 0,
            created_at: now.at,
            updated_at: now.at,
            expected_by,
            respond_by: None,
            customer: self.customer,
            ship_to: self.ship_to,
            lines,
            total,
            payment: self.payment.untouched(),
            shipment: None,
            steps: StepName::ALL.map(Step::waiting).into(),
            message: Message::empty(),
            actions: Vec::new(),
            problem: None,
            links: Links::of(id),
            note: self.note,
            tracking_token: None,
        };
        let event = order.change(now, None, |_| ());
        debug_assert_eq!(event.kind, EventType::Received);
        Ok((order, event))
    }
}

impl Links {
    /// The links of an order.
    pub fn of(id: OrderId) -> Self {
        Self {
            this: format!("/api/v1/orders/{id}"),
            events: format!("/api/v1/orders/{id}/events"),
            page: format!("/orders/{id}"),
        }
    }
}

/// One `@` with something on both sides, and a dot inside the domain. Whether it exists only a mail can tell.
fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !domain.contains('@')
            && domain.split('.').count() >= 2
            && domain.split('.').all(|label| !label.is_empty())
            && text.is_ascii()
            && !text.contains(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '<' | '>' | '"'))
    })
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;

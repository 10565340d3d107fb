//! Making an order of a valid request, at the prices of the catalogue.

use std::borrow::Borrow;

use crate::{
    Address, CommandContext, Customer, Event, ExpectedBy, FieldError, Line, Links, Message, Money, Order,
    OrderId, OrderNumber, Payment, PaymentMethod, PaymentState, Problem, ProblemCode, Product, State, Step,
    StepName,
};

/// A validated order request. Its prices are not known yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidOrder {
    pub(crate) customer: Customer,
    pub(crate) ship_to: Address,
    /// Distinct products, in the order in which the request names them.
    pub(crate) lines: Vec<ValidLine>,
    pub(crate) payment: ValidPayment,
    pub(crate) note: Option<String>,
}

/// One product, its quantity, and the index of the line in the request that names it first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ValidLine {
    pub(crate) sku: String,
    pub(crate) quantity: u32,
    pub(crate) place: usize,
}

/// A validated payment method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidPayment {
    /// Card or invoice.
    pub method: PaymentMethod,
    /// The token, for a card.
    pub token: Option<String>,
}

impl ValidPayment {
    /// Returns the payment of an order before any money moved.
    pub fn untouched(&self) -> Payment {
        Payment { method: self.method, state: PaymentState::None, summary: None }
    }
}

impl ValidOrder {
    /// Returns the SKUs of the request.
    pub fn skus(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(|line| line.sku.as_str())
    }

    /// How it is paid.
    pub fn payment(&self) -> &ValidPayment {
        &self.payment
    }

    /// Makes the order at the prices of the catalogue, and its first event.
    ///
    /// # Errors
    /// `unknown-product` with a pointer to each line whose product `find` does not know; `validation-failed` when the
    /// total overflows.
    pub fn receive<P: Borrow<Product>>(
        self,
        id: OrderId,
        number: OrderNumber,
        expected_by: Option<ExpectedBy>,
        now: CommandContext<'_>,
        find: impl Fn(&str) -> Option<P>,
    ) -> Result<(Order, Event), Problem> {
        let (lines, total) = price(self.lines, find)?;
        let mut order = Order {
            id,
            number,
            state: State::Received,
            delayed: false,
            reason: None,
            version: 1,
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
            link_generation: 0,
            mail_refused: None,
            note: self.note,
            tracking_token: None,
        };
        order.derive(now.public_url);
        let event = Event::first(&order);
        Ok((order, event))
    }
}

/// Returns the lines at the prices of the catalogue, and their total.
fn price<P: Borrow<Product>>(
    wanted: Vec<ValidLine>,
    find: impl Fn(&str) -> Option<P>,
) -> Result<(Vec<Line>, Money), Problem> {
    let mut unknown = Vec::new();
    let mut lines = Vec::with_capacity(wanted.len());
    let mut sum: Option<Money> = None;
    for ValidLine { sku, quantity, place } in wanted {
        let Some(product) = find(&sku) else {
            let detail = format!("There is no product {sku}.");
            unknown.push(FieldError::new(format!("/lines/{place}/sku"), detail));
            continue;
        };
        let product: &Product = product.borrow();
        let too_large = || {
            let field = FieldError::new(format!("/lines/{place}/quantity"), "The total is too large.");
            Problem::new(ProblemCode::ValidationFailed).errors(vec![field])
        };
        let total = product.price.times(quantity).ok_or_else(too_large)?;
        sum = Some(sum.map_or(Some(total), |sum| sum.plus(total)).ok_or_else(too_large)?);
        lines.push(Line { sku, name: product.name.clone(), quantity, unit_price: product.price, total });
    }
    match sum {
        Some(total) if unknown.is_empty() => Ok((lines, total)),
        _ => Err(Problem::new(ProblemCode::UnknownProduct).errors(unknown)),
    }
}

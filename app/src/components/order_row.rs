//! One order as a row of the report.

use leptos::prelude::*;
use orders::{
    Group, Line, Money, Order, OrderId, OrderNumber, PaymentMethod, PaymentState, State, StepName, Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::components::element::{foreign, link, paragraph, span, text};
use crate::components::order_status::{due_text, times};
use crate::components::state::{current_activity, state_span};
use crate::components::steps::data_state;
use crate::components::time::{Time, TimeFormat, words};

/// The summary of an order: everything that the report shows of a finished one, at a tenth of the size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderSummary {
    pub id: OrderId,
    number: OrderNumber,
    state: State,
    products: String,
    total: Money,
    /// Whether money moved, unless `reason` says it.
    money: String,
    activity: String,
    /// Why it waits or has ended.
    reason: String,
    ordered: Timestamp,
}

impl OrderSummary {
    pub fn of(order: &Order) -> Self {
        let has_reason =
            order.delayed || matches!(order.state, State::InReview | State::Cancelling | State::Cancelled);
        let (money, reason) =
            if has_reason { ("", &*order.message.body) } else { (payment_label(order), "") };
        Self {
            id: order.id,
            number: order.number,
            state: order.state,
            products: products(&order.lines),
            total: order.total,
            money: money.to_owned(),
            activity: current_activity(order),
            reason: reason.to_owned(),
            ordered: order.created_at,
        }
    }
}

/// The row of an order; an open one shows more.
pub fn order_row(summary: &OrderSummary, open: Option<&Order>) -> AnyView {
    let OrderSummary { id, number, state, products, total, money, activity, reason, ordered } = summary;
    let page = "/orders/".to_owned() + &id.to_string();
    let delayed = open.is_some_and(|order| order.delayed);
    let mut now = vec![paragraph("", vec![state_span(*state, delayed, activity.clone())])];
    if !reason.is_empty() {
        now.push(paragraph("soft", words(reason, &open.map(times).unwrap_or_default())));
    }
    let mut last = None;
    let due_text = match open {
        Some(order) => {
            now.extend(next_action(order, &page));
            last = Some(pips(order));
            due_text(order)
        }
        None => view! { "Ordered " <Time at=*ordered format=TimeFormat::DateAndClock /> }.into_any(),
    };
    let mut parts = vec![
        link("number", page, vec![text(&number.to_string())]),
        paragraph("what", vec![foreign(products.clone())]),
        paragraph("cost", vec![span("money", total.to_string()), text(" "), text(money)]),
        view! { <div class="now">{now}</div> }.into_any(),
        paragraph("when", vec![due_text]),
    ];
    parts.extend(last);
    view! { <li class="order-row">{parts}</li> }.into_any()
}

/// The action that the order needs, as a link to its form on the order's page.
fn next_action(order: &Order, page: &str) -> Option<AnyView> {
    let words = order.message.next_step.trim_end_matches('.');
    let whose = " for order ".to_owned() + &order.number.to_string();
    (Group::of(order.state) == Group::NeedsYou)
        .then(|| link("button", page.to_owned() + "#repair-title", vec![text(words), span("unseen", whose)]))
}

fn pips(order: &Order) -> AnyView {
    let pip = |name| view! { <i data-state=data_state(order.step(name).state)></i> }.into_any();
    let pips = StepName::ALL.map(pip).into_iter().collect::<Vec<_>>();
    view! { <span class="pips" aria-hidden="true">{pips}</span> }.into_any()
}

/// `Blue mug`, `2 × Blue mug`, `Blue mug and 2 more`.
fn products(lines: &[Line]) -> String {
    let Some((first, others)) = lines.split_first() else { return String::new() };
    let mut words = String::new();
    if first.quantity > 1 {
        words += &first.quantity.to_string();
        words += " × ";
    }
    words += &first.name;
    if !others.is_empty() {
        words += " and ";
        words += &others.len().to_string();
        words += " more";
    }
    words
}

/// Returns the state of the payment, to be shown after the amount.
fn payment_label(order: &Order) -> &'static str {
    match (order.payment.method, order.payment.state) {
        (PaymentMethod::Invoice, _) => "by invoice",
        (PaymentMethod::Card, PaymentState::None | PaymentState::Voided) => "not charged",
        (PaymentMethod::Card, PaymentState::Authorised) => "held",
        (PaymentMethod::Card, PaymentState::Captured) => "paid",
        (PaymentMethod::Card, PaymentState::Refunded) => "goes back",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::order;

    #[test]
    fn the_products_of_an_order_are_summarised() {
        let mut lines = order().lines;
        assert_eq!(products(&lines), "Blue mug");
        lines[0].quantity = 2;
        assert_eq!(products(&lines), "2 × Blue mug");
        lines.extend([lines[0].clone(), lines[0].clone()]);
        lines[0].quantity = 1;
        assert_eq!(products(&lines), "Blue mug and 2 more");
        assert_eq!(products(&[]), "");
    }

    #[test]
    fn a_row_says_only_once_whether_money_moved() {
        let mut order = order();
        order.message.body = "You cancelled it. Nothing was charged.".to_owned();
        let of = |order: &Order| {
            let OrderSummary { money, reason, .. } = OrderSummary::of(order);
            (money, reason)
        };
        assert_eq!(of(&order), ("by invoice".to_owned(), String::new()));
        order.state = State::Cancelled;
        assert_eq!(of(&order), (String::new(), order.message.body.clone()));
    }
}

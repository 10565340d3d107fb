//! Texts about states.

use std::borrow::Cow;
use std::time::Duration;

use crate::{
    Message, Order, PaymentMethod, PaymentState, ProblemCode, Reason, Service, State, Step, StepName,
    StepReason, StepState, Timestamp,
};

use super::money::{money, paid};
use super::steps::{done_by_itself, step_now, tries_again};

const LONGER_THAN_USUAL: &str = "Your order is safe, but this is taking longer than usual";

/// Returns the message of an order.
pub fn message(order: &Order) -> Message {
    match order.state {
        State::Received => say(
            "We have your order",
            format!("Order {} is saved. {}", order.number, money(order)),
            "You can close this page; the order goes on without it.",
            "received",
        ),
        State::Processing if order.delayed => delayed(order),
        State::Processing => processing(order),
        State::ActionRequired => action_required(order),
        State::InReview => in_review(order),
        State::Confirmed => say(
            "Your order is confirmed",
            match order.payment.method {
                PaymentMethod::Card => format!("{}.", paid(order)),
                PaymentMethod::Invoice => format!("You pay {} by invoice. Nothing was charged.", order.total),
            },
            "Next, we hand it to the carrier. Until then you can cancel it.",
            "confirmed",
        ),
        State::Shipped => {
            say("On its way", parcel(order, "carries"), "Follow it on the carrier's page.", "shipped")
        }
        State::Delivered => say(
            "Delivered",
            parcel(order, "delivered"),
            "Something missing? The help page says what to do.",
            "delivered",
        ),
        State::Cancelling => cancelling(order),
        State::Cancelled => cancelled(order),
    }
}

fn say(heading: &str, body: impl Into<String>, next_step: &str, help: &str) -> Message {
    Message {
        heading: heading.to_owned(),
        body: body.into(),
        next_step: next_step.to_owned(),
        help: format!("/help/{help}"),
    }
}

fn processing(order: &Order) -> Message {
    let now = order.steps.iter().find(|step| !step.state.is_done());
    let (place, name) = now.map_or((4, StepName::CapturePayment), |step| (step.name.index() + 1, step.name));
    let retrying = now.filter(|step| step.state == StepState::Retrying);
    let usual = match (retrying, order.expected_by) {
        (Some(step), _) if step.tries() == 0 => " It takes a moment longer.".to_owned(),
        (Some(_), _) => " It did not work at once, so we are trying again.".to_owned(),
        (None, Some(expected)) => format!(" Usually done by {}.", expected.usual.clock()),
        (None, None) => String::new(),
    };
    say(
        "We are preparing your order",
        format!("Step {place} of 4: {}.{usual} {}", step_now(name), money(order)),
        "No need to wait here.",
        "processing",
    )
}

impl Order {
    /// Returns the order as it is shown at a time. An order that nine of ten recent orders would have overtaken is
    /// shown as taking longer than usual, whether or not a cause is known.
    pub fn seen_at(&self, now: Timestamp) -> Cow<'_, Self> {
        if !self.is_overdue(now) {
            return Cow::Borrowed(self);
        }
        Cow::Owned(Self { delayed: true, message: overdue(self), ..self.clone() })
    }
}

/// Returns the message of an order that should be confirmed by now, without a known delay.
fn overdue(order: &Order) -> Message {
    let now = order.steps.iter().find(|step| !step.state.is_done());
    let doing = now.map_or_else(String::new, |step| format!("Now: {}. ", step_now(step.name)));
    say(
        LONGER_THAN_USUAL,
        format!("{doing}Most orders are done in this time. {}", money(order)),
        "You do not need to do anything.",
        "delayed",
    )
}

fn delayed(order: &Order) -> Message {
    let waiting = order.steps.iter().find(|step| !step.state.is_done());
    say(
        LONGER_THAN_USUAL,
        waiting.map_or_else(|| money(order), |step: &Step| done_by_itself(order, step)),
        "You do not need to do anything.",
        "delayed",
    )
}

fn action_required(order: &Order) -> Message {
    let held = held(order);
    if order.reason == Some(Reason::AskAddress) {
        let unknown = if order.step(StepName::ArrangeShipping).was_mended() {
            "The carrier does not know this address either."
        } else {
            "The carrier does not know it."
        };
        return say(
            "We cannot deliver to this address",
            format!("{unknown} {}{held}", money(order)),
            "Correct the address.",
            "address-undeliverable",
        );
    }
    let payment = order.step(StepName::AuthorisePayment);
    let (heading, help) = match order.reason {
        Some(Reason::AskInsufficientFunds) => ("The card did not have enough money", "insufficient-funds"),
        Some(Reason::AskCardExpired) => ("This card has expired", "card-expired"),
        _ if payment.reason == Some(StepReason::BankFault) => {
            ("Your bank cannot check this card", "card-declined")
        }
        _ => ("Your bank declined the card", "card-declined"),
    };
    let tried = match payment.reason {
        // Otherwise the page looks as if the other card had never been tried.
        _ if payment.was_mended() => "The other card did not work either. ",
        Some(StepReason::BankFault) => "We asked several times. ",
        _ => "",
    };
    say(heading, format!("{tried}Nothing was charged.{held}"), "Use another card.", help)
}

/// Returns until when the items are reserved for the customer, as a sentence that follows another.
fn held(order: &Order) -> String {
    /// Up to this long ahead, a weekday alone names the day.
    const A_WEEK_AT_MOST: Duration = Duration::from_hours(6 * 24);
    let Some(until) = order.respond_by else { return String::new() };
    let far = until.since(order.updated_at) > A_WEEK_AT_MOST;
    let until = if far { until.date_and_clock() } else { until.day_and_clock() };
    format!(" Your items are held until {until}.")
}

fn in_review(order: &Order) -> Message {
    let code = review_problem(order);
    let asked = order.steps.iter().find(|step| step.state == StepState::NeedsOperator);
    let why = match code {
        ProblemCode::PaymentUnresolved => "The payment service has not told us what became of your payment.",
        ProblemCode::DeliveryUnresolved => "The carrier has not told us whether it took the booking.",
        ProblemCode::ParcelReturned => "The carrier could not hand it over.",
        ProblemCode::OrderStalled => match asked.map(|step| (step.reason, step.name.service())) {
            Some((Some(StepReason::Overdue), Service::Payment)) => {
                "The payment service has kept us waiting for too long."
            }
            Some((Some(StepReason::Overdue), Service::Shipping)) => {
                "The carrier has kept us waiting for too long."
            }
            _ => "Something on our side got in its way.",
        },
        _ => "This happens on some orders.",
    };
    let items = match order.step(StepName::ReserveStock).state {
        StepState::Succeeded if code != ProblemCode::ParcelReturned => " Your items are set aside.",
        _ => "",
    };
    let (heading, help) = match code {
        ProblemCode::SuspectedFraud => ("We are checking your order by hand", "in-review"),
        ProblemCode::ParcelReturned => (code.words().heading, code.as_str()),
        _ => ("We are checking your order by hand", code.as_str()),
    };
    // Nobody has promised a time, so none is given.
    let decided = match code {
        ProblemCode::ParcelReturned => "when it goes out again or the order ends",
        _ => "when it goes on or ends",
    };
    let next_step =
        format!("You do not need to do anything: we write to you {decided}. Until then you can cancel it.");
    say(heading, format!("{why}{items} {}", money(order)), &next_step, help)
}

/// Returns what an operator has to decide.
pub(super) fn review_problem(order: &Order) -> ProblemCode {
    let asks = order.steps.iter().find(|step| step.state == StepState::NeedsOperator);
    match asks.and_then(|step| Some((step.reason?, step.name.service()))) {
        Some((StepReason::SuspectedFraud, _)) => ProblemCode::SuspectedFraud,
        Some((StepReason::Returned, _)) => ProblemCode::ParcelReturned,
        Some((StepReason::Overdue | StepReason::Broken, _)) => ProblemCode::OrderStalled,
        Some((_, Service::Payment)) => ProblemCode::PaymentUnresolved,
        Some((_, Service::Shipping)) => ProblemCode::DeliveryUnresolved,
        Some((_, Service::Stock | Service::Mail)) | None => ProblemCode::OrderStalled,
    }
}

fn cancelling(order: &Order) -> Message {
    let total = order.total;
    let what = match order.payment.state {
        // The charge may have succeeded without an answer.
        PaymentState::Authorised if order.step(StepName::CapturePayment).may_have_effect() => {
            format!("Giving back the {total} on your card.")
        }
        PaymentState::Authorised => format!("Releasing the {total} held on your card."),
        PaymentState::Captured => format!("Paying {total} back to your card."),
        _ => format!("Taking back what was prepared. {}", money(order)),
    };
    let late = order.current_step().filter(|step| order.delayed && step.state == StepState::Undoing);
    let body = late.map_or_else(|| what.clone(), |step| format!("{what} {}", tries_again(order, step)));
    say("We are cancelling your order", body, "You do not need to do anything.", "cancelling")
}

fn cancelled(order: &Order) -> Message {
    const AGAIN: &str = "You can order again whenever you like.";
    let could_not = "We could not complete your order";
    let (heading, why, help) = match order.reason {
        Some(Reason::SoldOut) => (could_not, "Something in it was sold out.", "sold-out"),
        Some(Reason::PaymentFailed) => (could_not, "The payment did not go through.", "card-declined"),
        Some(Reason::PaymentExpired) => {
            (could_not, "No other card was given in the time your items were held.", "card-declined")
        }
        Some(Reason::Undeliverable) => {
            (could_not, "The carrier cannot deliver to this address.", "undeliverable")
        }
        Some(Reason::SuspectedFraud) => (could_not, "It did not pass our check.", "suspected-fraud"),
        Some(Reason::Operator) => ("Order cancelled", "The shop cancelled it.", "cancelled"),
        _ => ("Order cancelled", "You cancelled it.", "cancelled"),
    };
    say(heading, format!("{why} {}", money(order)), AGAIN, help)
}

fn parcel(order: &Order, does: &str) -> String {
    let money = money(order);
    order.shipment.as_ref().map_or_else(
        || format!("The carrier {does} it. {money}"),
        |parcel| format!("{} {does} it as {}. {money}", parcel.carrier, parcel.tracking_number),
    )
}

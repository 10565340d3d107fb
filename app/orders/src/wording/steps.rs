//! Texts about steps.

use std::time::Duration;

use super::money::money;
use crate::{Order, PaymentState, Service, Step, StepName, StepReason, StepState};

/// Returns a step as a line of the report.
pub const fn step_name(step: StepName) -> &'static str {
    match step {
        StepName::ReserveStock => "Setting your items aside",
        StepName::AuthorisePayment => "Checking your payment",
        StepName::ArrangeShipping => "Booking the delivery",
        StepName::CapturePayment => "Taking the payment",
        StepName::Notify => "Sending your receipt",
    }
}

/// Returns the state of a step in one or two words.
pub const fn step_state(state: StepState) -> &'static str {
    match state {
        StepState::Waiting => "Not yet",
        StepState::Running => "Now",
        StepState::Retrying => "Trying again",
        StepState::Succeeded => "Done",
        StepState::NeedsCustomer => "Waits for you",
        StepState::NeedsOperator => "A person looks at it",
        StepState::Failed => "Not possible",
        StepState::Undoing => "Taking it back",
        StepState::Undone => "Taken back",
        StepState::Skipped => "Not needed",
    }
}

/// Returns why a step is not simply done, as a sentence.
pub const fn step_reason(service: Service, reason: StepReason) -> &'static str {
    match (reason, service) {
        (StepReason::ServiceDown | StepReason::NoAnswer, Service::Payment) => {
            "The payment service is not answering."
        }
        (StepReason::ServiceDown | StepReason::NoAnswer, Service::Shipping) => {
            "The carrier is not answering."
        }
        (StepReason::ServiceDown | StepReason::NoAnswer, Service::Mail) => {
            "The mail server is not answering."
        }
        (StepReason::ServiceDown | StepReason::NoAnswer, Service::Stock) => {
            "Our stock list is not answering."
        }
        (StepReason::ServiceFault, Service::Payment) => "The payment service has trouble of its own.",
        (StepReason::ServiceFault, Service::Shipping) => "The carrier has trouble of its own.",
        (StepReason::ServiceFault, Service::Mail) => "The mail server has trouble of its own.",
        (StepReason::ServiceFault, Service::Stock) => "Our stock list has trouble of its own.",
        (StepReason::ServiceBusy, Service::Payment) => "The payment service is busy.",
        (StepReason::ServiceBusy, Service::Shipping) => "The carrier is busy.",
        (StepReason::ServiceBusy, Service::Mail) => "The mail server is busy.",
        (StepReason::ServiceBusy, Service::Stock) => "Our stock list is busy.",
        (StepReason::Interrupted, _) => "We were interrupted and look again at what was done.",
        (StepReason::CardDeclined, _) => "The bank declined the card.",
        (StepReason::InsufficientFunds, _) => "The card did not have enough money.",
        (StepReason::CardExpired, _) => "The card has expired.",
        (StepReason::AddressUndeliverable, _) => "The carrier does not know this address.",
        (StepReason::Undeliverable, _) => "The carrier does not deliver there.",
        (StepReason::SoldOut, _) => "It was sold out.",
        (StepReason::SuspectedFraud, _) => "This payment is checked by hand.",
        (StepReason::BankFault, _) => "The bank could not check the card just now.",
        (StepReason::NotTaken, Service::Payment) => "The payment service did not take what we asked.",
        (StepReason::NotTaken, Service::Shipping) => "The carrier did not take what we asked.",
        (StepReason::NotTaken, Service::Mail) => "The mail server did not take what we asked.",
        (StepReason::NotTaken, Service::Stock) => "Our stock list did not take what we asked.",
        (StepReason::Unresolved, Service::Payment) => {
            "The payment service has not told us what became of it."
        }
        (StepReason::Unresolved, Service::Shipping) => {
            "The carrier has not told us whether it took the booking."
        }
        (StepReason::Unresolved, Service::Stock | Service::Mail) => "What became of it is not known.",
        (StepReason::Overdue, _) => "It has not worked for too long, so a person sees to it.",
        (StepReason::Broken, _) => "We could not finish it by ourselves, so a person sees to it.",
        (StepReason::Returned, _) => "The carrier brought the parcel back.",
        (StepReason::ServiceRefusesUs, Service::Payment) => {
            "Our connection to the payment service needs mending on our side."
        }
        (StepReason::ServiceRefusesUs, Service::Shipping) => {
            "Our connection to the carrier needs mending on our side."
        }
        (StepReason::ServiceRefusesUs, Service::Mail) => {
            "Our connection to the mail server needs mending on our side."
        }
        (StepReason::ServiceRefusesUs, Service::Stock) => "Our stock list needs mending on our side.",
        (StepReason::MailRefused, _) => "No mail server takes mail for this address.",
    }
}

/// Returns what is being done for a step, to follow "Step 2 of 4:".
pub const fn step_now(step: StepName) -> &'static str {
    match step {
        StepName::ReserveStock => "setting your items aside",
        StepName::AuthorisePayment => "checking your payment",
        StepName::ArrangeShipping => "booking the delivery",
        StepName::CapturePayment => "taking the payment",
        StepName::Notify => "sending your receipt",
    }
}

/// Returns when something happens that is this far away; none where a clock time says it better.
pub fn soon(away: Duration) -> Option<&'static str> {
    match away.as_secs() {
        0..10 => Some("in a moment"),
        10..60 => Some("within a minute"),
        _ => None,
    }
}

/// Returns why a step failed and when it is retried, as of the order's last change.
pub(super) fn tries_again(order: &Order, step: &Step) -> String {
    let why = step_reason(step.name.service(), step.reason.unwrap_or(StepReason::Interrupted));
    match step.reason {
        Some(StepReason::Broken) => return why.to_owned(),
        Some(StepReason::ServiceRefusesUs) => {
            return format!("{why} We know of it, and your order goes on by itself as soon as it is mended.");
        }
        _ => {}
    }
    let Some(next) = step.next_attempt_at else { return format!("{why} We are trying again right now.") };
    match soon(next.since(order.updated_at)) {
        Some(soon) => format!("{why} We try again by ourselves {soon}."),
        None => format!("{why} We try again by ourselves at {}.", next.clock()),
    }
}

/// Returns why an order waits and that it goes on by itself, for a step that is retried.
pub fn done_by_itself(order: &Order, step: &Step) -> String {
    if step.reason == Some(StepReason::ServiceRefusesUs) {
        return format!("{} {}", tries_again(order, step), money(order));
    }
    let charged = match order.payment.state {
        PaymentState::Captured => "You have paid once, and you will not be charged twice.",
        _ => "You will not be charged twice.",
    };
    format!("{} {charged}", tries_again(order, step))
}

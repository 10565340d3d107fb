//! The due time of an order, and the times in its texts.

use leptos::prelude::*;
use orders::{Order, State, Timestamp};

use crate::components::time::{NamedText, Time, TimeFormat, spellings};

/// When an order is usually done, its deadline, or its date.
pub fn due_text(order: &Order) -> AnyView {
    let (words, at, format) = due_time(order);
    view! { {words} <Time at format /> }.into_any()
}

fn due_time(order: &Order) -> (&'static str, Timestamp, TimeFormat) {
    match (order.state, order.respond_by, order.expected_by) {
        (State::ActionRequired, Some(until), _) => ("Items held until ", until, TimeFormat::DayAndClock),
        (State::Received | State::Processing, _, Some(expected)) if !order.delayed => {
            ("Usually done by ", expected.usual, TimeFormat::Clock)
        }
        _ => ("Ordered ", order.created_at, TimeFormat::DateAndClock),
    }
}

/// Returns the times in the texts of an order, and other parts that are not broken over lines.
pub fn times(order: &Order) -> Vec<NamedText> {
    let steps = order.steps.iter().filter_map(|step| step.next_attempt_at);
    let expected = order.expected_by.iter().map(|expected| expected.usual);
    let times = steps.chain(expected).chain(order.respond_by).flat_map(spellings);
    let parcel = order.shipment.as_ref().map(|shipment| shipment.tracking_number.clone());
    let unbroken = [order.payment.summary.clone(), parcel, Some("5–10 days".to_owned())];
    times.chain(unbroken.into_iter().flatten().map(|words| (words, None))).collect()
}

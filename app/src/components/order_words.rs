//! What an order is doing and by when, for lists.

use leptos::prelude::*;
use orders::{Order, State, Timestamp};

use crate::components::state::{Mark, doing_now};
use crate::components::time::{Form, Time};

/// What an order is doing now, with its sign.
#[component]
pub fn NowState(order: ArcRwSignal<Order>) -> impl IntoView {
    let state = {
        let order = order.clone();
        move || order.with(|order| order.state.as_str())
    };
    let delayed = {
        let order = order.clone();
        move || order.with(|order| order.delayed).then_some("true")
    };
    view! {
        <span class="state" data-state=state data-delayed=delayed>
            <Mark />
            {move || order.with(doing_now)}
        </span>
    }
}

/// By when an order is done, or until when something is asked, or since when it is there.
#[component]
pub fn When(order: ArcRwSignal<Order>) -> impl IntoView {
    let due = Memo::new(move |_| order.with(due));
    move || {
        let (words, at, form) = due.get();
        view! { {words} <Time at form /> }
    }
}

fn due(order: &Order) -> (&'static str, Timestamp, Form) {
    match (order.state, order.respond_by, order.expected_by) {
        (State::ActionRequired, Some(until), _) => ("Items held until ", until, Form::DayAndClock),
        (State::Received | State::Processing, _, Some(expected)) if !order.delayed => {
            ("Usually done by ", expected.usual, Form::Clock)
        }
        _ => ("Ordered ", order.created_at, Form::DateAndClock),
    }
}

/// The times that the words of an order may name.
pub fn times(order: &Order) -> Vec<Timestamp> {
    let steps = order.steps.iter().filter_map(|step| step.next_attempt_at);
    let expected = order.expected_by.iter().flat_map(|expected| [expected.usual, expected.late]);
    steps.chain(expected).chain(order.respond_by).collect()
}

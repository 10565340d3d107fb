//! The state of an order as an icon and a label.

use leptos::prelude::*;
use orders::{Order, State};

/// Returns the label of a state, one or two words.
pub const fn state_label(state: State, delayed: bool) -> &'static str {
    match state {
        State::Received => "Received",
        State::Processing if delayed => "Delayed",
        State::Processing => "In progress",
        State::ActionRequired => "Needs you",
        State::InReview => "Checked by hand",
        State::Confirmed => "Confirmed",
        State::Shipped => "On its way",
        State::Delivered => "Delivered",
        State::Cancelling => "Being cancelled",
        State::Cancelled => "Cancelled",
    }
}

/// Returns what an order is doing now, as a row of a list.
pub fn current_activity(order: &Order) -> String {
    match order.state {
        State::Processing if order.delayed => "Taking longer than usual".to_owned(),
        State::Processing => {
            let step = order.steps.iter().find(|step| !step.state.is_done());
            step.map_or("Almost done", |step| orders::wording::step_name(step.name)).to_owned()
        }
        State::InReview | State::Cancelling => state_label(order.state, false).to_owned(),
        _ => order.message.heading.clone(),
    }
}

/// A state with its icon.
pub fn state_span(state: State, delayed: bool, text: String) -> AnyView {
    view! {
        <span class="state" data-state=state.as_str() data-delayed=delayed.then_some("true")>
            {mark()}
            {text}
        </span>
    }
    .into_any()
}

/// The icon of the parent element, which has the attribute `data-state`.
pub fn mark() -> AnyView {
    view! { <i class="mark" aria-hidden="true"></i> }.into_any()
}

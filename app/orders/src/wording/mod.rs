//! Every text that people read about an order: one place for pages, API, mails and webhooks.
//!
//! The rules: the effect on the person first; always whether money moved; one next step; a help page. No internal
//! names, no begging, no blaming. A test checks every text.

mod mails;
mod money;
mod past;
mod states;
mod steps;

pub use mails::{MailWords, refused_mail};
pub use past::{HistoryEntry, history};
pub use states::message;
pub use steps::{done_by_itself, soon, step_name, step_now, step_reason, step_state};

use crate::{Action, Order, Problem, State};

/// Returns what the caller can do with an order now, the most helpful first.
pub fn actions(order: &Order) -> Vec<Action> {
    let action = |name: &str| Action {
        name: name.to_owned(),
        method: "POST".to_owned(),
        href: format!("/api/v1/orders/{}/{name}", order.id),
    };
    let mut actions = Vec::new();
    if order.wants_payment() {
        actions.push(action("payment"));
    }
    if order.wants_address() {
        actions.push(action("address"));
    }
    if order.wants_email() {
        actions.push(action("email"));
    }
    if order.can_be_cancelled() {
        actions.push(action("cancel"));
    }
    actions
}

/// Returns what stands in the way of an order, if anything.
pub fn problem(order: &Order, public_url: &str) -> Option<Problem> {
    let code = match order.state {
        State::InReview => states::review_problem(order),
        State::ActionRequired | State::Cancelling | State::Cancelled => order.reason?.problem()?,
        _ => return None,
    };
    let mut problem = Problem::new(code).instance(order.links.this.clone()).published_at(public_url);
    let message = message(order);
    problem.detail.clone_from(&message.body);
    problem.user.heading = message.heading;
    problem.user.body = message.body;
    problem.user.next_step = message.next_step;
    Some(problem)
}

//! The five steps of an order as a progress line.

use leptos::prelude::*;
use orders::{Order, State, Step, StepName, StepReason, StepState, Timestamp};

use crate::components::state::mark;
use crate::components::time::{Time, TimeFormat};

pub fn steps(order: &Order) -> AnyView {
    let rows = StepName::ALL.map(|name| row(order, name));
    view! { <ol class="steps">{rows.into_iter().collect::<Vec<_>>()}</ol> }.into_any()
}

fn row(order: &Order, name: StepName) -> AnyView {
    let step = order.step(name);
    let current = is_current(order, name).then_some("step");
    let StepText { words, at, after } = step_text(order, step);
    let time = at.map(|at| view! { <Time at=at format=TimeFormat::Clock /> }.into_any());
    view! {
        <li data-state=data_state(step.state) aria-current=current>
            {mark()}
            <span class="step-name">{orders::wording::step_name(name)}</span>
            <span class="step-words">{words} {time} {after}</span>
        </li>
    }
    .into_any()
}

/// Whether it is the step that is running, asking or being undone; between two steps, the next one.
fn is_current(order: &Order, name: StepName) -> bool {
    if matches!(order.state, State::Delivered | State::Cancelled) {
        return false;
    }
    let next = || order.steps.iter().find(|step| step.state == StepState::Waiting);
    order.current_step().or_else(next).is_some_and(|step| step.name == name)
}

/// The text of a step: words, a time, words.
#[derive(Debug, PartialEq, Eq)]
struct StepText {
    words: String,
    at: Option<Timestamp>,
    after: &'static str,
}

/// Returns the text of a step. The reason of a delay is in the message of the order.
fn step_text(order: &Order, step: &Step) -> StepText {
    let plain = |words: &str| StepText { words: words.to_owned(), at: None, after: "" };
    let timed = |words: &str, at: Option<Timestamp>| StepText { words: words.to_owned(), at, after: "" };
    let tries = |n: u32| match n {
        0 => "Not tried so far".to_owned(),
        1 => "1 try so far".to_owned(),
        n => format!("{n} tries so far"),
    };
    match step.state {
        StepState::Waiting => plain(""),
        StepState::Running if step.tries() > 1 => plain(&format!("Try {} is running", step.tries())),
        StepState::Running => timed("Started at ", step.started_at),
        StepState::Retrying => {
            let next = step.next_attempt_at;
            let words = tries(step.tries());
            // Nobody knows when a refusing service is corrected, so no time is shown.
            if step.reason == Some(StepReason::ServiceRefusesUs) {
                return plain(&words);
            }
            match next.and_then(|next| orders::wording::soon(next.since(order.updated_at))) {
                Some(soon) => plain(&format!("{words}, next {soon}")),
                None if next.is_some() => timed(&format!("{words}, next at "), next),
                None => plain(&words),
            }
        }
        StepState::Succeeded => StepText {
            after: if step.tries() > 1 { " after more than one try" } else { "" },
            ..timed(if step.finished_at.is_some() { "Done at " } else { "Done" }, step.finished_at)
        },
        StepState::Failed if step.reason == Some(StepReason::MailRefused) => plain("Could not be delivered"),
        StepState::NeedsCustomer
        | StepState::NeedsOperator
        | StepState::Failed
        | StepState::Undoing
        | StepState::Undone
        | StepState::Skipped => plain(orders::wording::step_state(step.state)),
    }
}

/// Returns the `data-state` of a step, which is its serialised name.
pub const fn data_state(state: StepState) -> &'static str {
    match state {
        StepState::Waiting => "waiting",
        StepState::Running => "running",
        StepState::Retrying => "retrying",
        StepState::Succeeded => "succeeded",
        StepState::NeedsCustomer => "needs_customer",
        StepState::NeedsOperator => "needs_operator",
        StepState::Failed => "failed",
        StepState::Undoing => "undoing",
        StepState::Undone => "undone",
        StepState::Skipped => "skipped",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::testing::order;

    #[test]
    fn exactly_one_step_is_the_current_one_until_the_order_ends() {
        let mut order = order();
        let current = |order: &Order| StepName::ALL.map(|name| is_current(order, name));
        assert_eq!(current(&order), [true, false, false, false, false]);
        order.steps[0].state = StepState::Succeeded;
        order.steps[1].state = StepState::Retrying;
        assert_eq!(current(&order), [false, true, false, false, false]);
        order.state = State::Cancelled;
        assert_eq!(current(&order), [false; 5]);
    }

    #[test]
    fn the_text_of_a_step_says_how_often_it_was_tried() {
        let order = order();
        let mut step = Step::waiting(StepName::AuthorisePayment);
        let step_text = |step: &Step| step_text(&order, step);
        assert_eq!(step_text(&step).words, "");
        (step.state, step.attempts) = (StepState::Retrying, 3);
        step.next_attempt_at = Some(order.updated_at.plus(Duration::from_secs(300)));
        assert_eq!(
            (step_text(&step).words.as_str(), step_text(&step).at.is_some()),
            ("3 tries so far, next at ", true)
        );
        step.next_attempt_at = Some(order.updated_at.plus(Duration::from_secs(3)));
        assert_eq!(
            (step_text(&step).words.as_str(), step_text(&step).at),
            ("3 tries so far, next in a moment", None)
        );
    }

    #[test]
    fn tries_before_a_correction_are_not_counted() {
        let order = order();
        let mut step = Step::waiting(StepName::AuthorisePayment);
        (step.state, step.attempts) = (StepState::Succeeded, 2);
        assert_eq!(step_text(&order, &step).after, " after more than one try");
        step.attempts_before_mended = 1;
        assert_eq!(step_text(&order, &step).after, "");
    }

    #[test]
    fn the_data_state_of_a_step_is_its_serialised_name() {
        use StepState as S;
        for state in [
            S::Waiting,
            S::Running,
            S::Retrying,
            S::Succeeded,
            S::NeedsCustomer,
            S::NeedsOperator,
            S::Failed,
            S::Undoing,
            S::Undone,
            S::Skipped,
        ] {
            assert_eq!(serde_json::to_string(&state).unwrap(), format!("\"{}\"", data_state(state)));
        }
    }
}

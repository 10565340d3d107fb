//! What happened to an order, in the words of its history.

use serde::{Deserialize, Serialize};

use super::{step_name, step_state};
use crate::{
    CustomerMail, EventData, EventType, MailRefused, State, Step, StepName, StepReason, StepState, Timestamp,
};

/// One line of an order's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// When it happened, for the first time.
    pub at: Timestamp,
    /// What happened.
    pub words: String,
    /// How many times in a row.
    pub times: u32,
}

/// The history that the events of an order tell, the oldest first. What was only begun is no history yet, and what
/// happened again and again is one line.
pub fn history(events: impl IntoIterator<Item = (EventType, Timestamp, EventData)>) -> Vec<Past> {
    let mut history: Vec<Past> = Vec::new();
    let mut refused = None;
    for (kind, at, data) in events {
        let mail = mail(&data, &refused);
        refused.clone_from(&data.mail_refused);
        let state = state(kind, data.state, data.message.heading);
        for words in [step(data.step.as_ref()), mail, state].into_iter().flatten() {
            match history.last_mut() {
                Some(last) if last.words == words => last.times += 1,
                _ => history.push(Past { at, words, times: 1 }),
            }
        }
    }
    history
}

/// What became of a mail, and that the customer gave another address for them.
fn mail(data: &EventData, refused_before: &Option<MailRefused>) -> Option<String> {
    let words = match &data.mail_refused {
        _ if data.customer.is_some() => "You gave another e-mail address",
        Some(refused) if Some(refused) != refused_before.as_ref() => match refused.mail {
            CustomerMail::Confirmed => "Your receipt could not be delivered",
            _ => "A mail to you could not be delivered",
        },
        _ => return None,
    };
    Some(words.to_owned())
}

/// What became of a step, unless the order says it better.
fn step(step: Option<&Step>) -> Option<String> {
    let step = step?;
    match step.state {
        StepState::Waiting if step.was_mended() => Some(
            match step.name {
                StepName::ArrangeShipping => "You gave another address",
                StepName::Notify => return None,
                _ => "You chose another way to pay",
            }
            .to_owned(),
        ),
        StepState::Failed if step.reason == Some(StepReason::MailRefused) => None,
        StepState::Waiting | StepState::Running | StepState::Undoing => None,
        StepState::NeedsCustomer | StepState::NeedsOperator => None,
        StepState::Retrying
        | StepState::Succeeded
        | StepState::Failed
        | StepState::Undone
        | StepState::Skipped => {
            Some(format!("{}: {}", step_name(step.name), step_state(step.state).to_ascii_lowercase()))
        }
    }
}

/// What the order is now, if that is another thing than before.
fn state(kind: EventType, state: State, heading: String) -> Option<String> {
    match kind {
        // Somebody decided that nothing is left to be done.
        EventType::Resumed if state == State::Confirmed => Some(heading),
        // Who did it stands in the audit of the desk; the owner of an order never reads an operator's name.
        EventType::LinkReplaced => Some("The private link was replaced".to_owned()),
        EventType::Snapshot | EventType::StepChanged | EventType::Resumed | EventType::MailChanged => None,
        EventType::Received
        | EventType::StateChanged
        | EventType::ActionRequired
        | EventType::Delayed
        | EventType::Finished => Some(heading),
    }
}

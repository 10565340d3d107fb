//! The history of an order in words.

use serde::{Deserialize, Serialize};

use super::{step_name, step_state};
use crate::{
    CustomerMail, EventData, EventType, MailRefused, State, Step, StepName, StepReason, StepState, Timestamp,
};

/// One line of an order's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// When it happened first.
    pub at: Timestamp,
    /// What happened.
    pub words: String,
    /// How many times in a row.
    pub times: u32,
}

/// Returns the history that the events of an order tell, oldest first. Started attempts are left out, and what
/// happened several times in a row is one line.
pub fn history(events: impl IntoIterator<Item = (EventType, Timestamp, EventData)>) -> Vec<HistoryEntry> {
    let mut history: Vec<HistoryEntry> = Vec::new();
    let mut refused = None;
    for (kind, at, data) in events {
        let mail = mail(&data, &refused);
        refused.clone_from(&data.mail_refused);
        let state = state(kind, data.state, data.message.heading);
        for words in [step(data.step.as_ref()), mail, state].into_iter().flatten() {
            match history.last_mut() {
                Some(last) if last.words == words => last.times += 1,
                _ => history.push(HistoryEntry { at, words, times: 1 }),
            }
        }
    }
    history
}

/// Returns what happened to a mail, and that the customer gave another address.
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

/// Returns what happened to a step, unless the order's own message says it better.
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

/// Returns the new state, if it changed.
fn state(kind: EventType, state: State, heading: String) -> Option<String> {
    match kind {
        // An operator approved an order with nothing left to do.
        EventType::Resumed if state == State::Confirmed => Some(heading),
        // The desk's audit has the operator's name; the owner of an order never sees it.
        EventType::LinkReplaced => Some("The private link was replaced".to_owned()),
        EventType::Snapshot | EventType::StepChanged | EventType::Resumed | EventType::MailChanged => None,
        EventType::Received
        | EventType::StateChanged
        | EventType::ActionRequired
        | EventType::Delayed
        | EventType::Finished => Some(heading),
    }
}

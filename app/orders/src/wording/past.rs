//! What happened to an order, in the words of its history.

use serde::{Deserialize, Serialize};

use super::{step_name, step_state};
use crate::{EventData, EventType, Step, StepState, Timestamp};

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
    for (kind, at, data) in events {
        for words in [step(data.step.as_ref()), state(kind, data.message.heading)].into_iter().flatten() {
            match history.last_mut() {
                Some(last) if last.words == words => last.times += 1,
                _ => history.push(Past { at, words, times: 1 }),
            }
        }
    }
    history
}

/// What became of a step, unless the order says it better.
fn step(step: Option<&Step>) -> Option<String> {
    let step = step?;
    match step.state {
        StepState::Waiting | StepState::Running | StepState::Undoing => None,
        StepState::NeedsCustomer | StepState::NeedsOperator => None,
        StepState::Retrying
        | StepState::Succeeded
        | StepState::Failed
        | StepState::Undone
        | StepState::Skipped => {
            Some(format!("{}: {}", step_name(step.name), step_state(step.state).to_lowercase()))
        }
    }
}

/// What the order is now, if that is another thing than before.
fn state(kind: EventType, heading: String) -> Option<String> {
    match kind {
        EventType::Snapshot | EventType::StepChanged | EventType::Resumed => None,
        EventType::Received
        | EventType::StateChanged
        | EventType::ActionRequired
        | EventType::Delayed
        | EventType::Finished => Some(heading),
    }
}

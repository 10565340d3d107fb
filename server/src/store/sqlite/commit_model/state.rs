//! The callers of the writer, and every step that can happen.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Mutex;

use stateright::{Model, Property};

use super::caller::{Answer, KEYS, order_of};
use super::disk::{CycleResult, Disk, Planted};

/// This caller's command can never be written.
pub(super) const POISONED: usize = KEYS.len();
pub(super) const CALLERS: usize = KEYS.len() + 1;
/// How often a caller sends its command.
pub(super) const TRIES: u8 = 2;
/// How many commits fail or are interrupted.
pub(super) const FAULTS: u8 = 1;

pub(super) const ACKNOWLEDGED: &str = "what was acknowledged is on the disk";
pub(super) const REFUSED_IS_ABSENT: &str = "what was refused is not on the disk";
pub(super) const ONE_PER_KEY: &str = "a key makes one order";
pub(super) const NONE_AFTER_FAILURE: &str =
    "no caller is acknowledged after a commit whose outcome is unknown";
pub(super) const POISON_IS_ISOLATED: &str = "a command that cannot be written refuses no other command";

/// The model.
#[derive(Debug)]
pub(super) struct Commits {
    pub(super) planted: Planted,
    /// The results of cycles by their input, so that none is run twice.
    results: Mutex<HashMap<CycleInput, CycleResult>>,
}

/// A cycle: the orders before it, its callers and their attempts, and whether its commit fails.
pub(super) type CycleInput = (BTreeMap<u8, u8>, Vec<(usize, u8)>, bool);

#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct ModelState {
    /// The orders on the disk, with their keys.
    orders: BTreeMap<u8, u8>,
    callers: [Caller; CALLERS],
    /// The outcome of a commit is unknown: the process ends and has not restarted.
    given_up: bool,
    faults: u8,
    /// A caller was acknowledged after a commit whose outcome is unknown, and before the restart.
    acknowledged_after_failure: bool,
    /// A caller was refused because of a poisoned command in the same batch.
    refused_with_poisoned: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Caller {
    tries: u8,
    answer: Answer,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// A caller sends its command.
    Send(usize),
    /// A cycle runs these commands, in this order.
    Commit(Vec<usize>, CommitOutcome),
    Restart,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CommitOutcome {
    Committed,
    /// The commit returns an error; the next start shows whether it reached the disk.
    Unknown {
        written: bool,
    },
    /// The process dies when the commit is on disk and nobody is answered.
    Crash,
}

impl Model for Commits {
    type State = ModelState;
    type Action = Step;

    fn init_states(&self) -> Vec<ModelState> {
        vec![ModelState::default()]
    }

    fn actions(&self, state: &ModelState, actions: &mut Vec<Step>) {
        for (index, caller) in state.callers.iter().enumerate() {
            let may_send = matches!(caller.answer, Answer::Nothing | Answer::Unknown | Answer::Refused);
            if may_send && caller.tries < TRIES {
                actions.push(Step::Send(index));
            }
        }
        if state.given_up {
            actions.push(Step::Restart);
        }
        if state.given_up && self.planted != Planted::ContinuesAfterFailure {
            return;
        }
        for batch in batches(state) {
            actions.push(Step::Commit(batch.clone(), CommitOutcome::Committed));
            if state.faults < FAULTS {
                for outcome in [
                    CommitOutcome::Unknown { written: false },
                    CommitOutcome::Unknown { written: true },
                    CommitOutcome::Crash,
                ] {
                    actions.push(Step::Commit(batch.clone(), outcome));
                }
            }
        }
    }

    fn next_state(&self, state: &ModelState, chosen: Step) -> Option<ModelState> {
        let mut next = state.clone();
        match chosen {
            Step::Send(caller) => {
                next.callers[caller].tries += 1;
                next.callers[caller].answer = Answer::Waits;
            }
            Step::Commit(batch, outcome) => self.commit(&mut next, &batch, outcome),
            Step::Restart => {
                // Late callers are refused.
                answer_waiting(&mut next, Answer::Refused);
                next.given_up = false;
            }
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(ACKNOWLEDGED, |_, state: &ModelState| {
                // Nothing can be read until the restart; then every acknowledged order must exist.
                state.given_up || state.acknowledged().all(|order| state.orders.contains_key(&order))
            }),
            Property::always(REFUSED_IS_ABSENT, |_, state: &ModelState| {
                let refused = |(index, caller): (usize, &Caller)| {
                    caller.answer == Answer::Refused
                        && state.orders.contains_key(&order_of(index, caller.tries))
                };
                !state.callers.iter().enumerate().any(refused)
            }),
            Property::always(ONE_PER_KEY, |_, state: &ModelState| {
                state.orders.values().collect::<BTreeSet<_>>().len() == state.orders.len()
            }),
            Property::always(NONE_AFTER_FAILURE, |_, state: &ModelState| !state.acknowledged_after_failure),
            Property::always(POISON_IS_ISOLATED, |_, state: &ModelState| !state.refused_with_poisoned),
            Property::sometimes("every key is stored and acknowledged", |_, state: &ModelState| {
                state.acknowledged().count() == KEYS.len()
            }),
            Property::sometimes("an order is stored whose caller does not know", |_, state: &ModelState| {
                state.orders.keys().any(|order| state.acknowledged().all(|known| known != *order))
            }),
            Property::sometimes("a retry gets the order of the first attempt", |_, state: &ModelState| {
                let is_replay = |(index, caller): (usize, &Caller)| matches!(caller.answer, Answer::Stored(order) if order != order_of(index, caller.tries));
                state.callers.iter().enumerate().any(is_replay)
            }),
        ]
    }
}

impl Commits {
    pub(super) fn new(planted: Planted) -> Self {
        Self { planted, results: Mutex::default() }
    }

    fn commit(&self, state: &mut ModelState, batch: &[usize], outcome: CommitOutcome) {
        let fails = matches!(outcome, CommitOutcome::Unknown { .. });
        let result = self.run(state, batch, fails);
        state.faults += u8::from(outcome != CommitOutcome::Committed);
        if outcome == CommitOutcome::Crash {
            state.orders = result.orders;
            answer_waiting(state, Answer::Unknown);
            return;
        }
        let had_given_up = state.given_up;
        state.orders = match outcome {
            CommitOutcome::Unknown { written: true } => self.run(state, batch, false).orders,
            _ => result.orders,
        };
        state.given_up |= result.gave_up;
        for (caller, answer) in result.answers {
            state.callers[caller].answer = answer;
            state.acknowledged_after_failure |= had_given_up && matches!(answer, Answer::Stored(_));
            state.refused_with_poisoned |= !fails && answer == Answer::Refused && caller != POISONED;
        }
    }

    fn run(&self, state: &ModelState, batch: &[usize], fails: bool) -> CycleResult {
        let tries: Vec<_> = batch.iter().map(|caller| (*caller, state.callers[*caller].tries)).collect();
        let input = (state.orders.clone(), tries, fails);
        if let Some(result) = self.results.lock().unwrap().get(&input) {
            return result.clone();
        }
        let result = Disk::holding(&input.0, self.planted).run(&input.1, fails, self.planted);
        self.results.lock().unwrap().insert(input, result.clone());
        result
    }
}

impl ModelState {
    fn acknowledged(&self) -> impl Iterator<Item = u8> {
        self.callers.iter().filter_map(|caller| match caller.answer {
            Answer::Stored(order) => Some(order),
            _ => None,
        })
    }
}

/// Returns every batch of waiting callers, in both orders.
fn batches(state: &ModelState) -> Vec<Vec<usize>> {
    let waiting = (0..CALLERS).filter(|caller| state.callers[*caller].answer == Answer::Waits);
    let mut batches: Vec<Vec<usize>> = vec![Vec::new()];
    for caller in waiting {
        let with = batches.iter().map(|batch| batch.iter().copied().chain([caller]).collect());
        let with: Vec<_> = with.collect();
        batches.extend(with);
    }
    let reversed = batches.iter().filter(|batch| batch.len() > 1);
    let reversed: Vec<Vec<usize>> = reversed.map(|batch| batch.iter().rev().copied().collect()).collect();
    batches.extend(reversed);
    batches.retain(|batch| !batch.is_empty());
    batches
}

/// Answers all waiting callers.
fn answer_waiting(state: &mut ModelState, answer: Answer) {
    for caller in state.callers.iter_mut().filter(|caller| caller.answer == Answer::Waits) {
        caller.answer = answer;
    }
}

//! The callers of the writer, and every step that can happen.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Mutex;

use stateright::{Model, Property};

use super::caller::{Answer, KEYS, order_of};
use super::disk::{Disk, Planted, Ran};

/// This caller's command can never be written.
pub(super) const POISONED: usize = KEYS.len();
pub(super) const CALLERS: usize = KEYS.len() + 1;
/// How often a caller sends its command.
pub(super) const TRIES: u8 = 2;
/// How many commits fail or are interrupted.
pub(super) const FAULTS: u8 = 1;

pub(super) const ACKNOWLEDGED: &str = "what was acknowledged is on the disk";
pub(super) const HONEST: &str = "what was refused is not on the disk";
pub(super) const ONE_PER_KEY: &str = "a key makes one order";
pub(super) const SILENT: &str = "nobody is acknowledged after a commit whose outcome is unknown";
pub(super) const ALONE: &str = "a command that cannot be written takes nobody along";

/// The model.
#[derive(Debug)]
pub(super) struct Commits {
    pub(super) planted: Planted,
    /// The results of cycles, so that none is run twice.
    ran: Mutex<HashMap<Cycled, Ran>>,
}

/// A cycle: the orders before it, its callers and their attempts, and whether its commit fails.
pub(super) type Cycled = (BTreeMap<u8, u8>, Vec<(usize, u8)>, bool);

#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct ModelState {
    /// The orders on the disk, with their keys.
    orders: BTreeMap<u8, u8>,
    callers: [Caller; CALLERS],
    /// The outcome of a commit is unknown: the process ends and has not restarted.
    over: bool,
    faults: u8,
    /// A caller was acknowledged after the end.
    spoke: bool,
    /// A caller was refused because of a poisoned command in the same batch.
    taken_along: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Caller {
    tries: u8,
    answer: Answer,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Move {
    Ask(usize),
    /// A cycle runs these commands, in this order.
    Commit(Vec<usize>, End),
    Restart,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Well,
    /// The commit returns an error; the next start shows whether it reached the disk.
    Unknown {
        written: bool,
    },
    /// The process dies when the commit is on disk and nobody is answered.
    Dies,
}

impl Model for Commits {
    type State = ModelState;
    type Action = Move;

    fn init_states(&self) -> Vec<ModelState> {
        vec![ModelState::default()]
    }

    fn actions(&self, state: &ModelState, moves: &mut Vec<Move>) {
        for (place, caller) in state.callers.iter().enumerate() {
            let may = matches!(caller.answer, Answer::Nothing | Answer::Unknown | Answer::Refused);
            if may && caller.tries < TRIES {
                moves.push(Move::Ask(place));
            }
        }
        if state.over {
            moves.push(Move::Restart);
        }
        if state.over && self.planted != Planted::GoesOn {
            return;
        }
        for batch in batches(state) {
            moves.push(Move::Commit(batch.clone(), End::Well));
            if state.faults < FAULTS {
                for end in [End::Unknown { written: false }, End::Unknown { written: true }, End::Dies] {
                    moves.push(Move::Commit(batch.clone(), end));
                }
            }
        }
    }

    fn next_state(&self, state: &ModelState, chosen: Move) -> Option<ModelState> {
        let mut next = state.clone();
        match chosen {
            Move::Ask(caller) => {
                next.callers[caller].tries += 1;
                next.callers[caller].answer = Answer::Waits;
            }
            Move::Commit(batch, end) => self.commit(&mut next, &batch, end),
            Move::Restart => {
                // Late callers are refused.
                handle(&mut next, Answer::Refused);
                next.over = false;
            }
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(ACKNOWLEDGED, |_, state: &ModelState| {
                // Nothing can be read until the restart; then every acknowledged order must exist.
                state.over || state.acknowledged().all(|order| state.orders.contains_key(&order))
            }),
            Property::always(HONEST, |_, state: &ModelState| {
                let refused = |(place, caller): (usize, &Caller)| {
                    caller.answer == Answer::Refused
                        && state.orders.contains_key(&order_of(place, caller.tries))
                };
                !state.callers.iter().enumerate().any(refused)
            }),
            Property::always(ONE_PER_KEY, |_, state: &ModelState| {
                state.orders.values().collect::<BTreeSet<_>>().len() == state.orders.len()
            }),
            Property::always(SILENT, |_, state: &ModelState| !state.spoke),
            Property::always(ALONE, |_, state: &ModelState| !state.taken_along),
            Property::sometimes("everybody is served", |_, state: &ModelState| {
                state.acknowledged().count() == KEYS.len()
            }),
            Property::sometimes("an order is stored whose caller does not know", |_, state: &ModelState| {
                state.orders.keys().any(|order| state.acknowledged().all(|known| known != *order))
            }),
            Property::sometimes("who asks again is told of the first order", |_, state: &ModelState| {
                let again = |(place, caller): (usize, &Caller)| matches!(caller.answer, Answer::Stored(order) if order != order_of(place, caller.tries));
                state.callers.iter().enumerate().any(again)
            }),
        ]
    }
}

impl Commits {
    pub(super) fn new(planted: Planted) -> Self {
        Self { planted, ran: Mutex::default() }
    }

    fn commit(&self, state: &mut ModelState, batch: &[usize], end: End) {
        let fails = matches!(end, End::Unknown { .. });
        let ran = self.ran(state, batch, fails);
        state.faults += u8::from(end != End::Well);
        if end == End::Dies {
            state.orders = ran.orders;
            handle(state, Answer::Unknown);
            return;
        }
        let was_over = state.over;
        state.orders = match end {
            End::Unknown { written: true } => self.ran(state, batch, false).orders,
            _ => ran.orders,
        };
        state.over |= ran.gave_up;
        for (caller, answer) in ran.heard {
            state.callers[caller].answer = answer;
            state.spoke |= was_over && matches!(answer, Answer::Stored(_));
            state.taken_along |= !fails && answer == Answer::Refused && caller != POISONED;
        }
    }

    fn ran(&self, state: &ModelState, batch: &[usize], fails: bool) -> Ran {
        let tries: Vec<_> = batch.iter().map(|caller| (*caller, state.callers[*caller].tries)).collect();
        let cycled = (state.orders.clone(), tries, fails);
        if let Some(ran) = self.ran.lock().unwrap().get(&cycled) {
            return ran.clone();
        }
        let ran = Disk::holding(&cycled.0, self.planted).run(&cycled.1, fails, self.planted);
        self.ran.lock().unwrap().insert(cycled, ran.clone());
        ran
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
fn handle(state: &mut ModelState, what: Answer) {
    for caller in state.callers.iter_mut().filter(|caller| caller.answer == Answer::Waits) {
        caller.answer = what;
    }
}

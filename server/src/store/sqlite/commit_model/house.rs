//! Those who wait for the writer, and everything that can happen to them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Mutex;

use stateright::{Model, Property};

use super::disk::{Disk, Planted, Ran};

/// The keys of the callers. Two of them share one: somebody pressed the button twice.
pub(super) const KEYS: [u8; 3] = [1, 1, 2];
/// This caller's command cannot be written, ever.
pub(super) const POISONED: usize = KEYS.len();
pub(super) const CALLERS: usize = KEYS.len() + 1;
/// How often a caller asks.
pub(super) const TRIES: u8 = 2;
/// How many commits fail or are cut off.
pub(super) const FAULTS: u8 = 1;

pub(super) const ACKNOWLEDGED: &str = "what was acknowledged is on the disk";
pub(super) const HONEST: &str = "what was refused is not on the disk";
pub(super) const ONE_PER_KEY: &str = "a key makes one order";
pub(super) const SILENT: &str = "nobody is acknowledged after a commit whose outcome is unknown";
pub(super) const ALONE: &str = "a command that cannot be written takes nobody along";

/// The writer and those who wait for it.
#[derive(Debug)]
pub(super) struct Commits {
    pub(super) planted: Planted,
    /// What cycles came to, so that the same one is not run again.
    ran: Mutex<HashMap<Cycled, Ran>>,
}

/// A cycle: the orders before, who is in it with which try, and whether its commit fails.
pub(super) type Cycled = (BTreeMap<u8, u8>, Vec<(usize, u8)>, bool);

#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct House {
    /// The orders on the disk, with their keys.
    orders: BTreeMap<u8, u8>,
    callers: [Caller; CALLERS],
    /// A commit's outcome is unknown: the process ends and has not yet started again.
    over: bool,
    faults: u8,
    /// Somebody was acknowledged when it was over.
    spoke: bool,
    /// Somebody was refused in the company of a poisoned command.
    taken_along: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Caller {
    tries: u8,
    hears: Hears,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) enum Hears {
    /// Has not asked yet.
    #[default]
    Nothing,
    /// The command is with the writer.
    Waits,
    /// Stored as this order.
    Stored(u8),
    /// Ask again with the same key.
    Unknown,
    /// Nothing was written.
    Refused,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Move {
    Ask(usize),
    /// A cycle takes these, in this order.
    Commit(Vec<usize>, End),
    Restart,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Well,
    /// The commit returns an error; whether it is on the disk is shown by the next start.
    Unknown {
        written: bool,
    },
    /// The process dies when the commit is on the disk and nobody has been answered.
    Dies,
}

impl Model for Commits {
    type State = House;
    type Action = Move;

    fn init_states(&self) -> Vec<House> {
        vec![House::default()]
    }

    fn actions(&self, house: &House, moves: &mut Vec<Move>) {
        for (place, caller) in house.callers.iter().enumerate() {
            let may = matches!(caller.hears, Hears::Nothing | Hears::Unknown | Hears::Refused);
            if may && caller.tries < TRIES {
                moves.push(Move::Ask(place));
            }
        }
        if house.over {
            moves.push(Move::Restart);
        }
        if house.over && self.planted != Planted::GoesOn {
            return;
        }
        for batch in batches(house) {
            moves.push(Move::Commit(batch.clone(), End::Well));
            if house.faults < FAULTS {
                for end in [End::Unknown { written: false }, End::Unknown { written: true }, End::Dies] {
                    moves.push(Move::Commit(batch.clone(), end));
                }
            }
        }
    }

    fn next_state(&self, house: &House, chosen: Move) -> Option<House> {
        let mut next = house.clone();
        match chosen {
            Move::Ask(caller) => {
                next.callers[caller].tries += 1;
                next.callers[caller].hears = Hears::Waits;
            }
            Move::Commit(batch, end) => self.commit(&mut next, &batch, end),
            Move::Restart => {
                // Whoever handed in too late was told so.
                handle(&mut next, Hears::Refused);
                next.over = false;
            }
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(ACKNOWLEDGED, |_, house: &House| {
                // Until it starts again nobody can look; then what was said must be there.
                house.over || house.acknowledged().all(|order| house.orders.contains_key(&order))
            }),
            Property::always(HONEST, |_, house: &House| {
                let refused = |(place, caller): (usize, &Caller)| {
                    caller.hears == Hears::Refused
                        && house.orders.contains_key(&order_of(place, caller.tries))
                };
                !house.callers.iter().enumerate().any(refused)
            }),
            Property::always(ONE_PER_KEY, |_, house: &House| {
                house.orders.values().collect::<BTreeSet<_>>().len() == house.orders.len()
            }),
            Property::always(SILENT, |_, house: &House| !house.spoke),
            Property::always(ALONE, |_, house: &House| !house.taken_along),
            Property::sometimes("everybody is served", |_, house: &House| {
                house.acknowledged().count() == KEYS.len()
            }),
            Property::sometimes("an order is stored whose caller does not know", |_, house: &House| {
                house.orders.keys().any(|order| house.acknowledged().all(|known| known != *order))
            }),
            Property::sometimes("who asks again is told of the first order", |_, house: &House| {
                let again = |(place, caller): (usize, &Caller)| matches!(caller.hears, Hears::Stored(order) if order != order_of(place, caller.tries));
                house.callers.iter().enumerate().any(again)
            }),
        ]
    }
}

impl Commits {
    pub(super) fn new(planted: Planted) -> Self {
        Self { planted, ran: Mutex::default() }
    }

    fn commit(&self, house: &mut House, batch: &[usize], end: End) {
        let fails = matches!(end, End::Unknown { .. });
        let ran = self.ran(house, batch, fails);
        house.faults += u8::from(end != End::Well);
        if end == End::Dies {
            house.orders = ran.orders;
            handle(house, Hears::Unknown);
            return;
        }
        let was_over = house.over;
        house.orders = match end {
            End::Unknown { written: true } => self.ran(house, batch, false).orders,
            _ => ran.orders,
        };
        house.over |= ran.gave_up;
        for (caller, hears) in ran.heard {
            house.callers[caller].hears = hears;
            house.spoke |= was_over && matches!(hears, Hears::Stored(_));
            house.taken_along |= !fails && hears == Hears::Refused && caller != POISONED;
        }
    }

    fn ran(&self, house: &House, batch: &[usize], fails: bool) -> Ran {
        let tries: Vec<_> = batch.iter().map(|caller| (*caller, house.callers[*caller].tries)).collect();
        let cycled = (house.orders.clone(), tries, fails);
        if let Some(ran) = self.ran.lock().unwrap().get(&cycled) {
            return ran.clone();
        }
        let ran = Disk::holding(&cycled.0, self.planted).run(&cycled.1, fails, self.planted);
        self.ran.lock().unwrap().insert(cycled, ran.clone());
        ran
    }
}

impl House {
    fn acknowledged(&self) -> impl Iterator<Item = u8> {
        self.callers.iter().filter_map(|caller| match caller.hears {
            Hears::Stored(order) => Some(order),
            _ => None,
        })
    }
}

/// Each try would make an order of its own.
pub(super) const fn order_of(caller: usize, tries: u8) -> u8 {
    10 * (caller as u8 + 1) + tries
}

/// Every company in which those who wait can be taken, first come first served and the other way round.
fn batches(house: &House) -> Vec<Vec<usize>> {
    let waiting = (0..CALLERS).filter(|caller| house.callers[*caller].hears == Hears::Waits);
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

/// Tells this to those who wait.
fn handle(house: &mut House, what: Hears) {
    for caller in house.callers.iter_mut().filter(|caller| caller.hears == Hears::Waits) {
        caller.hears = what;
    }
}

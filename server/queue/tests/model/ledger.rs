//! What the jobs change, and what an onlooker remembers beside the store.

use std::collections::BTreeMap;

use queue::{Fence, JobId};

/// An order is done when each of so many steps was done, one after the other.
pub const STEPS: usize = 2;

/// The order, and how it came to be so.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Ledger {
    /// How often the effect of each step was written.
    pub written: [u8; STEPS],
    /// How often a job that had used up its attempts put the order aside.
    pub buried: u8,
    /// How often the customer changed the order. A result from before does not fit it any more.
    pub edits: u8,
    /// The live jobs, as an onlooker knows them from what the store has answered.
    pub live: BTreeMap<JobId, Seen>,
    /// The job that waits for a person.
    pub aside: Option<JobId>,
    /// Writes that were accepted from a claim that had lost its job.
    pub stale_writes: u8,
}

/// A live job, seen from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Seen {
    /// The claim that works it.
    pub holder: Option<Fence>,
    /// How often a handler was called for it, without the times that it asked to be called later.
    pub calls: u8,
}

/// The business change a job ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Effect {
    pub change: Change,
    /// The order it was made for.
    pub edits: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    StepDone(usize),
    PutAside,
}

impl Ledger {
    /// Writes an effect, or refuses it because the order is not any more what it was made for.
    pub fn apply(&mut self, effect: &Effect) -> bool {
        if effect.edits != self.edits {
            return false;
        }
        match effect.change {
            Change::StepDone(step) => self.written[step] += 1,
            Change::PutAside => self.buried += 1,
        }
        true
    }

    /// The step that comes next; none when the order is done.
    pub fn next_step(&self) -> Option<usize> {
        self.written.iter().position(|times| *times == 0)
    }

    pub fn holder(&self, job: JobId) -> Option<Fence> {
        self.live.get(&job).and_then(|seen| seen.holder)
    }
}

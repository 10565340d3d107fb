//! Whether a state comes to a good end when nothing new goes wrong.
//!
//! "Eventually" is asked of every single state: from here on messages arrive, killed processes start again, the rescuer
//! looks, time passes. That is stronger than to ask it of whole runs, and says where the way to the end was lost.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::desk::{Desk, Verdict, Worker};
use crate::moves::{Leases, Move};

/// How the handlers behave from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Handlers {
    Work,
    /// Each call ends with the death of its process.
    KillTheirWorker,
}

/// Far more than any way to the end takes.
const LONGEST_WAY: usize = 100;

impl Leases {
    pub fn recovers(&self, desk: &Desk, handlers: Handlers) -> bool {
        let mut passed = Vec::new();
        let mut desk = desk.clone();
        while !desk.is_settled() {
            let state = hash(&desk, handlers);
            if self.recovering.lock().unwrap().contains(&state) {
                break;
            }
            if passed.len() == LONGEST_WAY {
                return false;
            }
            passed.push(state);
            desk = self.go_on(&desk, handlers);
        }
        self.recovering.lock().unwrap().extend(passed);
        true
    }

    /// The first thing that is to be done.
    fn go_on(&self, desk: &Desk, handlers: Handlers) -> Desk {
        let arriving = desk.on_their_way.keys().map(|(job, fence)| Move::Arrive(*job, *fence));
        let workers = desk.workers.iter().enumerate().filter_map(|(worker, is)| match is {
            Worker::Down => Some(Move::Restart(worker)),
            Worker::Working(held) if desk.elapsed >= held.trusted_until => Some(Move::LetGo(worker)),
            Worker::Working(held) if held.is_exhausted() => Some(Move::Finish(worker, Verdict::PutAside)),
            Worker::Working(_) if handlers == Handlers::KillTheirWorker => Some(Move::Crash(worker)),
            Worker::Working(_) => Some(Move::Finish(worker, Verdict::Done)),
            Worker::Idle | Worker::Settling(_) => None,
        });
        let then = [Move::Rescue, Move::Claim(0), Move::Wait, Move::Tick];
        let possible = arriving.chain(workers).chain(then).map(|chosen| {
            let mut next = desk.clone();
            self.make(&mut next, chosen);
            next
        });
        possible.into_iter().find(|next| next != desk).unwrap_or_else(|| desk.clone())
    }
}

fn hash(desk: &Desk, handlers: Handlers) -> u64 {
    let mut hasher = DefaultHasher::new();
    (desk, handlers).hash(&mut hasher);
    hasher.finish()
}

//! What must hold in every state, and what must come about in some.

use stateright::Property;

use crate::desk::{Desk, MAX_ATTEMPTS, Worker};
use crate::moves::Leases;
use crate::recovery::Handlers;

pub const ONCE: &str = "an effect is written at most once";
pub const FENCED: &str = "nothing is written under a claim that has lost its job";
pub const COUNTED: &str = "no job is worked more often than its attempts allow";
pub const CARRIED_ON: &str = "an order that is not done has a live job or waits for a person";
pub const TOLD: &str = "a job that is put aside takes its order along";
pub const ALONE: &str = "no two jobs of an order are live";
pub const TRUSTED_BY_ONE: &str = "no two workers believe that they hold an order while no clock jumps";
pub const ENDS: &str = "once nothing breaks any more the order ends or waits for a person";
pub const BURIED: &str = "an order that kills each worker is put aside";

/// What holds in every state.
pub const LAWS: [&str; 9] = [ONCE, FENCED, COUNTED, CARRIED_ON, TOLD, ALONE, TRUSTED_BY_ONE, ENDS, BURIED];

pub const DONE: &str = "the order is done";
pub const DONE_AFTER_ALL: &str = "the order is done after a second chance";
pub const LATE: &str = "a result comes when its job has another worker";
pub const OUTDATED: &str = "a result comes when the order is another one";
pub const EXHAUSTED: &str = "a worker finds a job that has killed all before it";
pub const ASIDE: &str = "the order is put aside";

pub fn all() -> Vec<Property<Leases>> {
    vec![
        Property::always(ONCE, |_, desk: &Desk| {
            desk.ledger.written.iter().all(|times| *times <= 1)
                && desk.ledger.buried <= 1 + desk.second_chances
        }),
        Property::always(FENCED, |_, desk: &Desk| desk.ledger.stale_writes == 0),
        Property::always(COUNTED, |_, desk: &Desk| {
            desk.ledger.live.values().all(|seen| u32::from(seen.calls) <= MAX_ATTEMPTS)
        }),
        Property::always(CARRIED_ON, |_, desk: &Desk| {
            desk.ledger.next_step().is_none() || !desk.ledger.live.is_empty() || desk.ledger.aside.is_some()
        }),
        Property::always(TOLD, |_, desk: &Desk| {
            desk.ledger.aside.is_none() || desk.ledger.buried > desk.second_chances
        }),
        Property::always(ALONE, |_, desk: &Desk| desk.ledger.live.len() <= 1),
        Property::always(TRUSTED_BY_ONE, |_, desk: &Desk| desk.jumped > 0 || trusting(desk) <= 1),
        Property::always(ENDS, |leases: &Leases, desk: &Desk| leases.recovers(desk, Handlers::Work)),
        Property::always(BURIED, |leases: &Leases, desk: &Desk| {
            leases.recovers(desk, Handlers::KillTheirWorker)
        }),
        Property::sometimes(DONE, |_, desk: &Desk| desk.ledger.next_step().is_none()),
        Property::sometimes(DONE_AFTER_ALL, |_, desk: &Desk| {
            desk.ledger.next_step().is_none() && desk.second_chances > 0
        }),
        Property::sometimes(LATE, |_, desk: &Desk| {
            let mut late = desk.on_their_way.keys();
            late.any(|(job, fence)| desk.ledger.holder(*job).is_some_and(|holder| holder != *fence))
        }),
        Property::sometimes(OUTDATED, |_, desk: &Desk| {
            let mut sent = desk.on_their_way.iter();
            sent.any(|((job, fence), sent)| {
                sent.edits < desk.ledger.edits && desk.ledger.holder(*job) == Some(*fence)
            })
        }),
        Property::sometimes(EXHAUSTED, |_, desk: &Desk| {
            let exhausted = |worker: &Worker| matches!(worker, Worker::Working(held) if held.is_exhausted());
            desk.workers.iter().any(exhausted)
        }),
        Property::sometimes(ASIDE, |_, desk: &Desk| desk.ledger.aside.is_some()),
    ]
}

fn trusting(desk: &Desk) -> usize {
    let trusts = |worker: &&Worker| match worker {
        Worker::Down | Worker::Idle => false,
        Worker::Working(held) | Worker::Settling(held) => desk.elapsed < held.trusted_until,
    };
    desk.workers.iter().filter(trusts).count()
}

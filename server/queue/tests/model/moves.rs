//! Everything that can happen, and what comes of it.

use std::collections::HashSet;
use std::sync::Mutex;

use queue::{Claim, Fence, Intervention, JobId, Leased, Outcome, Settled, Settlement, Store};
use stateright::{Model, Property};

use crate::desk::{
    Desk, Held, LEASE_FOR, MAX_ATTEMPTS, PUT_OFF, QUEUE, Sent, TRUSTED_FOR, Verdict, Worker, job_of, name,
};
use crate::ledger::{Change, Effect};
use crate::planted::Planted;
use crate::properties;

/// How much may go wrong, which is what makes the states finite.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// The last moment.
    pub moments: i64,
    /// How far the wall clock may jump ahead, once.
    pub jump: i64,
    /// Processes that are killed.
    pub crashes: u8,
    /// Times that the customer changes the order.
    pub edits: u8,
    /// Times that an operator retries what was put aside.
    pub second_chances: u8,
}

/// The rules of the queue in use.
#[derive(Debug)]
pub struct Leases {
    pub bounds: Bounds,
    pub planted: Planted,
    /// States that are known to come to a good end; see [`crate::recovery`].
    pub recovering: Mutex<HashSet<u64>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Move {
    /// Time passes.
    Tick,
    /// Nobody works, and nothing is to be done until the next job is due.
    Wait,
    /// The wall clock is set ahead, so that every lease seems to have run out.
    JumpAhead,
    /// The rescuer looks.
    Rescue,
    /// A worker asks for work and gets it.
    Claim(usize),
    /// A worker renews its lease.
    Beat(usize),
    /// A worker stops a handler whose lease it does not trust any more.
    LetGo(usize),
    /// A handler comes to a result, which is sent at a moment when its lease is trusted.
    Finish(usize, Verdict),
    /// A settlement reaches the store, and its answer the worker.
    Arrive(JobId, Fence),
    /// A worker's process is killed.
    Crash(usize),
    /// It starts again under the same name.
    Restart(usize),
    /// The customer changes the order.
    Edit,
    /// An operator retries what was put aside.
    Retry,
}

impl Model for Leases {
    type State = Desk;
    type Action = Move;

    fn init_states(&self) -> Vec<Desk> {
        vec![Desk::open()]
    }

    fn actions(&self, desk: &Desk, moves: &mut Vec<Move>) {
        let bounds = self.bounds;
        if desk.elapsed < bounds.moments {
            moves.push(Move::Tick);
        }
        if desk.jumped == 0 && bounds.jump > 0 {
            moves.push(Move::JumpAhead);
        }
        moves.push(Move::Rescue);
        for (worker, is) in desk.workers.iter().enumerate() {
            match is {
                Worker::Down => moves.push(Move::Restart(worker)),
                Worker::Idle => moves.push(Move::Claim(worker)),
                Worker::Working(held) => {
                    moves.extend([Move::Beat(worker), Move::LetGo(worker)]);
                    let verdicts: &[Verdict] = match held {
                        held if held.is_exhausted() => &[Verdict::PutAside],
                        Held { step: 0, .. } => &[Verdict::Done, Verdict::TryAgain, Verdict::NotNow],
                        // The last step is there for what the first one leaves behind.
                        Held { .. } => &[Verdict::Done],
                    };
                    moves.extend(verdicts.iter().map(|verdict| Move::Finish(worker, *verdict)));
                }
                Worker::Settling(_) => moves.push(Move::Beat(worker)),
            }
            if is.holds_something() && desk.crashes < bounds.crashes {
                moves.push(Move::Crash(worker));
            }
        }
        moves.extend(desk.on_their_way.keys().map(|(job, fence)| Move::Arrive(*job, *fence)));
        if desk.ledger.edits < bounds.edits && desk.ledger.next_step().is_some() {
            moves.push(Move::Edit);
        }
        if desk.second_chances < bounds.second_chances {
            moves.push(Move::Retry);
        }
    }

    fn next_state(&self, desk: &Desk, chosen: Move) -> Option<Desk> {
        let mut next = desk.clone();
        self.make(&mut next, chosen);
        (next != *desk).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}

impl Leases {
    pub fn new(bounds: Bounds, planted: Planted) -> Self {
        Self { bounds, planted, recovering: Mutex::default() }
    }

    /// Makes a move; one that is not possible changes nothing.
    pub fn make(&self, desk: &mut Desk, chosen: Move) {
        match chosen {
            Move::Tick => desk.elapsed += 1,
            Move::Wait => wait(desk),
            Move::JumpAhead => desk.jumped = self.bounds.jump,
            Move::Rescue => self.rescue(desk),
            Move::Claim(worker) => claim(desk, worker),
            Move::Beat(worker) => self.beat(desk, worker),
            Move::LetGo(worker) => let_go(desk, worker),
            Move::Finish(worker, verdict) => self.finish(desk, worker, verdict),
            Move::Arrive(job, fence) => self.arrive(desk, (job, fence)),
            Move::Crash(worker) => {
                desk.workers[worker] = Worker::Down;
                desk.crashes += 1;
            }
            Move::Restart(worker) => self.restart(desk, worker),
            Move::Edit => self.edit(desk),
            Move::Retry => retry(desk),
        }
    }

    fn rescue(&self, desk: &mut Desk) {
        let now = desk.now();
        match self.planted {
            Planted::NobodyRescues => {}
            Planted::CrashIsNoAttempt => self.planted.take_back_uncounted(desk),
            _ => {
                desk.ask(async |store| store.rescue(now).await);
            }
        }
        desk.look_again();
    }

    fn restart(&self, desk: &mut Desk, worker: usize) {
        let now = desk.now();
        desk.workers[worker] = Worker::Idle;
        match self.planted {
            Planted::NobodyRescues | Planted::CrashIsNoAttempt => {}
            _ => {
                desk.ask(async |store| store.rescue_worker(&name(worker), now).await);
            }
        }
        desk.look_again();
    }

    /// As `Heartbeat::beat`: trust is counted from before the store was asked, and ends when it says so.
    fn beat(&self, desk: &mut Desk, worker: usize) {
        let (Worker::Working(held) | Worker::Settling(held)) = &desk.workers[worker] else { return };
        let (lease, now, asked_at) = (held.lease, desk.now(), desk.elapsed);
        let renewed = desk.ask(async |store| store.heartbeat(&[lease], now, LEASE_FOR).await);
        let unasked = (self.planted == Planted::TrustWithoutAnswer).then_some(lease);
        match (renewed.first().copied().or(unasked), &mut desk.workers[worker]) {
            (Some(renewed), Worker::Working(held) | Worker::Settling(held)) => {
                held.lease = renewed;
                held.trusted_until = asked_at + TRUSTED_FOR;
            }
            (None, working @ Worker::Working(_)) => *working = Worker::Idle,
            // It waits for the answer to its settlement, which will say the same.
            (None, _) | (_, Worker::Down | Worker::Idle) => {}
        }
    }

    /// As `Attempt::guard` and `Attempt::settle`: a result counts when the lease is trusted at that very moment.
    fn finish(&self, desk: &mut Desk, worker: usize, verdict: Verdict) {
        let Worker::Working(held) = &desk.workers[worker] else { return };
        if desk.elapsed >= held.trusted_until {
            return;
        }
        let held = held.clone();
        // Who wants to try again and may not, puts the job aside at once (`Attempt::final_error`).
        let verdict = match verdict {
            Verdict::TryAgain if held.attempts >= MAX_ATTEMPTS => Verdict::PutAside,
            other => other,
        };
        if self.planted == Planted::EffectBesideSettlement && verdict == Verdict::Done {
            desk.ledger.written[held.step] += 1;
        }
        let key = (held.lease.job, held.lease.fence);
        desk.on_their_way
            .insert(key, Sent { lease: held.lease, step: held.step, verdict, edits: desk.ledger.edits });
        desk.workers[worker] = Worker::Settling(held);
    }

    fn arrive(&self, desk: &mut Desk, key: (JobId, Fence)) {
        let Some(sent) = desk.on_their_way.remove(&key) else { return };
        let settled = self.settle(desk, &sent);
        let done = settled == Settled::Done;
        if done && desk.ledger.holder(key.0) != Some(key.1) {
            desk.ledger.stale_writes += 1;
        }
        if done && sent.verdict == Verdict::NotNow {
            // The attempt was taken back.
            desk.ledger.live.entry(key.0).and_modify(|seen| seen.calls = seen.calls.saturating_sub(1));
        }
        desk.look_again();
        for worker in &mut desk.workers {
            if let Worker::Settling(held) = worker
                && (held.lease.job, held.lease.fence) == key
            {
                *worker = match settled {
                    // The order is another one now: the handler decides anew.
                    Settled::Refused(_) => Worker::Working(held.clone()),
                    Settled::Done | Settled::LeaseLost => Worker::Idle,
                };
            }
        }
    }

    fn settle(&self, desk: &mut Desk, sent: &Sent) -> Settled<Effect> {
        let now = desk.now();
        let Sent { lease, step, verdict, edits } = sent;
        let said = || "it did not work".to_owned();
        let outcome = match verdict {
            Verdict::Done => Outcome::Completed,
            Verdict::TryAgain => Outcome::RetryAt { run_at: now, error: said() },
            Verdict::NotNow => Outcome::Snooze { run_at: now + PUT_OFF, error: None },
            Verdict::PutAside => Outcome::Quarantined { error: said() },
        };
        let change = match verdict {
            Verdict::Done if self.planted != Planted::EffectBesideSettlement => Some(Change::StepDone(*step)),
            Verdict::PutAside if self.planted != Planted::PutAsideInSilence => Some(Change::PutAside),
            _ => None,
        };
        let follows = *verdict == Verdict::Done && step + 1 < desk.ledger.written.len();
        let next = follows.then(|| job_of(step + 1, now));
        let settlement = Settlement {
            lease: self.planted.lease_to_compare(desk, lease),
            now,
            outcome,
            effect: change.map(|change| Effect { change, edits: *edits }),
            next: next.into_iter().filter(|_| self.planted != Planted::NextIsForgotten).collect(),
        };
        desk.ask(async |store| store.settle(settlement).await)
    }

    /// As `SqliteStore::change`: the change of the order and its job are one transaction.
    fn edit(&self, desk: &mut Desk) {
        let Some(step) = desk.ledger.next_step() else { return };
        // What was put aside waits for the operator, and for nobody else.
        if desk.ledger.live.is_empty() {
            return;
        }
        desk.ledger.edits += 1;
        let exclusive_key = job_of(step, desk.now());
        let exclusive_key = if self.planted == Planted::NoExclusiveKey {
            queue::NewJob { exclusive_key: None, ..exclusive_key }
        } else {
            exclusive_key
        };
        desk.enqueue(exclusive_key);
    }
}

fn wait(desk: &mut Desk) {
    if desk.workers.iter().any(Worker::holds_something)
        || desk.ledger.live.values().any(|seen| seen.holder.is_some())
    {
        return;
    }
    if let Some(due) = desk.ask(async |store| store.next_due(&QUEUE).await) {
        desk.elapsed = desk.elapsed.max(due.as_millis() - desk.jumped);
    }
}

fn claim(desk: &mut Desk, worker: usize) {
    let (now, asked_at) = (desk.now(), desk.elapsed);
    let claim = Claim { queue: QUEUE, worker: name(worker), limit: 1, now, lease_for: LEASE_FOR };
    let claimed = desk.ask(async |store| store.claim(claim).await);
    let Some(Leased { job, lease }) = claimed.into_iter().next() else { return };
    let held = Held {
        lease,
        step: job.payload.parse().expect("a step"),
        attempts: job.attempts,
        trusted_until: asked_at + TRUSTED_FOR,
    };
    let seen = desk.ledger.live.entry(job.id).or_default();
    seen.holder = Some(lease.fence);
    seen.calls += u8::from(!held.is_exhausted());
    desk.workers[worker] = Worker::Working(held);
}

fn let_go(desk: &mut Desk, worker: usize) {
    let Worker::Working(held) = &desk.workers[worker] else { return };
    if desk.elapsed >= held.trusted_until {
        desk.workers[worker] = Worker::Idle;
    }
}

fn retry(desk: &mut Desk) {
    let now = desk.now();
    let Some(job) = desk.ledger.aside else { return };
    if desk.ask(async |store| store.retry(job, now).await) == Intervention::Done {
        desk.second_chances += 1;
        desk.look_again();
    }
}

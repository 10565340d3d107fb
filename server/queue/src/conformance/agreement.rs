//! Whatever is asked of a store, in whatever order: it answers as the reference store does.

use std::collections::BTreeMap;

use super::Harness;
use super::fixture::*;
use crate::clock::Timestamp;
use crate::job::{Job, JobId, NewJob};
use crate::lease::Lease;
use crate::memory::MemoryStore;
use crate::random::{Random, SeededRandom};
use crate::store::{Claim, Enqueued, Intervention, Outcome, Settled, Settlement, Store};

const SEEDS: u64 = 4;
const STEPS: u64 = 120;

/// The store under test and the reference store, which are asked the same.
struct Both<'s, S> {
    tested: &'s S,
    reference: MemoryStore<()>,
    /// The reference's name for each job of the tested store.
    ids: BTreeMap<JobId, JobId>,
    leases: Vec<(Lease, Lease)>,
    random: SeededRandom,
    now: Timestamp,
    step: u64,
}

pub async fn a_store_does_what_the_reference_store_does<H: Harness>() {
    for seed in 0..SEEDS {
        let harness = H::start().await;
        let store = harness.store();
        let mut both = Both {
            tested: &*store,
            reference: MemoryStore::new(|()| true),
            ids: BTreeMap::new(),
            leases: Vec::new(),
            random: SeededRandom::new(seed),
            now: NOW,
            step: 0,
        };
        for step in 0..STEPS {
            both.step = step;
            let told = both.step().await;
            assert_eq!(told.0, told.1, "seed {seed}, step {step}: the reference store answers the second");
            for (seen, reference) in both.look().await {
                assert_eq!(seen, reference, "seed {seed}, step {step}: the reference store holds the second");
            }
        }
    }
}

impl<S: Store> Both<'_, S> {
    fn draw(&self, below: u64) -> u64 {
        self.random.next_u64() % below
    }

    fn pick<'t>(&self, words: &[&'t str]) -> Option<&'t str> {
        words.get(self.draw(words.len() as u64 + 1) as usize).copied()
    }

    /// One thing asked of both, with their answers.
    async fn step(&mut self) -> (String, String) {
        let now = self.now;
        match self.draw(16) {
            0..5 => self.enqueue().await,
            5..9 => self.claim().await,
            9..12 if !self.leases.is_empty() => self.settle().await,
            12 => both(self.tested.rescue(now).await, self.reference.rescue(now).await),
            13 => self.intervene().await,
            14 if self.draw(3) == 0 => {
                both(self.tested.pause(&QUEUE, now).await, self.reference.pause(&QUEUE, now).await)
            }
            14 => both(self.tested.resume(&QUEUE, now).await, self.reference.resume(&QUEUE, now).await),
            15 => {
                let limit = self.draw(3) as u32;
                let tested = self.tested.bring_forward(&QUEUE, now, limit).await;
                both(tested, self.reference.bring_forward(&QUEUE, now, limit).await)
            }
            _ => {
                self.now = self.now + std::time::Duration::from_secs(self.draw(4));
                Default::default()
            }
        }
    }

    async fn enqueue(&mut self) -> (String, String) {
        let new = NewJob {
            queue: if self.draw(4) == 0 { OTHER_QUEUE } else { QUEUE },
            exclusive_key: self.pick(&["order-1", "order-2", "order-3"]).map(str::to_owned),
            fairness_key: self.pick(&["ada", "bob", "eve"]).map(str::to_owned),
            run_at: self.now + std::time::Duration::from_secs(self.draw(8).saturating_sub(4)),
            max_attempts: 1 + self.draw(3) as u32,
            ..job(&self.step.to_string())
        };
        let tested = self.tested.enqueue(vec![new.clone()], self.now).await.expect("enqueue");
        let reference = self.reference.enqueue(vec![new], self.now).await.expect("enqueue");
        if let (Enqueued::Added(tested), Enqueued::Added(reference)) = (tested[0], reference[0]) {
            self.ids.insert(tested, reference);
        }
        let named = |enqueued| match enqueued {
            Enqueued::Added(_) => "added".to_owned(),
            Enqueued::Moved(id) => format!("moved {id}"),
            Enqueued::Dropped(id) => format!("dropped {id}"),
        };
        let tested = match tested[0] {
            Enqueued::Added(id) => Enqueued::Added(id),
            Enqueued::Moved(id) => Enqueued::Moved(self.ids[&id]),
            Enqueued::Dropped(id) => Enqueued::Dropped(self.ids[&id]),
        };
        (named(tested), named(reference[0]))
    }

    async fn claim(&mut self) -> (String, String) {
        let queue = if self.draw(4) == 0 { OTHER_QUEUE } else { QUEUE };
        let limit = self.draw(4) as u32;
        let claim = Claim { queue, worker: worker("worker"), limit, now: self.now, lease_for: LEASE };
        let tested = self.tested.claim(claim.clone()).await.expect("claim");
        let reference = self.reference.claim(claim).await.expect("claim");
        self.leases.extend(tested.iter().zip(&reference).map(|(tested, other)| (tested.lease, other.lease)));
        let tested: Vec<_> = tested.into_iter().map(|leased| self.renamed(leased.job)).collect();
        let reference: Vec<_> = reference.into_iter().map(|leased| leased.job).collect();
        (format!("{tested:?}"), format!("{reference:?}"))
    }

    /// Settles a lease, held or lost, and keeps it for another try now and then.
    async fn settle(&mut self) -> (String, String) {
        let chosen = self.draw(self.leases.len() as u64) as usize;
        let (tested, reference) = self.leases[chosen];
        if self.draw(4) > 0 {
            self.leases.swap_remove(chosen);
        }
        let (now, run_at) = (self.now, self.now + std::time::Duration::from_secs(self.draw(3)));
        let error = format!("error {}", self.step);
        let outcome = match self.draw(4) {
            0 => Outcome::Completed,
            1 => Outcome::RetryAt { run_at, error },
            2 => Outcome::Snooze { run_at, error: (self.draw(2) == 0).then_some(error) },
            _ => Outcome::Quarantined { error },
        };
        let tested = Settlement { lease: tested, now, outcome: outcome.clone(), effect: None, next: vec![] };
        let reference = Settlement { lease: reference, now, outcome, effect: None, next: vec![] };
        let named = |done, lost| {
            if done {
                "done"
            } else if lost {
                "lost"
            } else {
                "refused"
            }
            .to_owned()
        };
        let tested = self.tested.settle(tested).await.expect("settle");
        let reference = self.reference.settle(reference).await.expect("settle");
        (
            named(matches!(tested, Settled::Done), matches!(tested, Settled::LeaseLost)),
            named(matches!(reference, Settled::Done), matches!(reference, Settled::LeaseLost)),
        )
    }

    async fn intervene(&mut self) -> (String, String) {
        let Some((&tested, &reference)) = self.ids.iter().nth(self.draw(self.ids.len() as u64 + 1) as usize)
        else {
            return Default::default();
        };
        let (told, reference) = if self.draw(2) == 0 {
            (self.tested.retry(tested, self.now).await, self.reference.retry(reference, self.now).await)
        } else {
            (self.tested.discard(tested, self.now).await, self.reference.discard(reference, self.now).await)
        };
        let told = told.map(|told| match told {
            Intervention::ExclusiveKeyTaken(id) => Intervention::ExclusiveKeyTaken(self.ids[&id]),
            told => told,
        });
        both(told, reference)
    }

    /// Everything that can be seen of both.
    async fn look(&self) -> Vec<(String, String)> {
        let mut seen = Vec::new();
        for (&tested, &reference) in &self.ids {
            let tested = self.renamed(find(self.tested, tested).await);
            seen.push(both(tested, find(&self.reference, reference).await));
        }
        seen.push(both(self.tested.queues(self.now).await, self.reference.queues(self.now).await));
        // What is due is due; since when is told by the queues.
        let due = self.tested.next_due(&QUEUE).await.expect("next due").map(|due| due.max(self.now));
        let same = self.reference.next_due(&QUEUE).await.expect("next due").map(|due| due.max(self.now));
        seen.push(both(due, same));
        seen
    }

    fn renamed(&self, job: Job) -> Job {
        Job { id: self.ids[&job.id], ..job }
    }
}

fn both<T: std::fmt::Debug>(tested: T, reference: T) -> (String, String) {
    (format!("{tested:?}"), format!("{reference:?}"))
}

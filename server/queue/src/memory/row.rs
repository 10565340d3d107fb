//! One job, and the rules of its life.

use crate::clock::Timestamp;
use crate::crash_backoff::available_after_crash_at;
use crate::job::{Job, JobId, NewJob};
use crate::lease::{Fence, Lease, Leased, WorkerId};
use crate::state::JobState;
use crate::store::{Claim, Enqueued, Outcome};

/// A job with its last claim.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Row {
    pub(super) job: Job,
    /// The place of a due job in its queue, counted from that of the job claimed last.
    pub(super) place: Option<u64>,
    /// Rises with every claim and is never set back.
    pub(super) fence: Fence,
    pub(super) worker: Option<WorkerId>,
    pub(super) expires_at: Timestamp,
}

impl Row {
    pub(super) fn new(id: JobId, new: NewJob, now: Timestamp) -> Self {
        let NewJob { queue, kind, exclusive_key, fairness_key, payload, run_at, max_attempts } = new;
        let job = Job {
            id,
            queue,
            kind,
            exclusive_key,
            fairness_key,
            payload,
            state: JobState::Available,
            attempts: 0,
            max_attempts,
            run_at,
            created_at: now,
            ended_at: None,
            last_error: None,
        };
        Self { job, place: None, fence: Fence(0), worker: None, expires_at: now }
    }

    pub(super) fn replace(&mut self, new: NewJob) -> Enqueued {
        let job = &mut self.job;
        if job.state == JobState::Running {
            return Enqueued::Dropped(job.id);
        }
        let NewJob { queue, kind, exclusive_key, fairness_key, payload, run_at, max_attempts } = new;
        (job.queue, job.kind, job.exclusive_key, job.fairness_key, job.payload) =
            (queue, kind, exclusive_key, fairness_key, payload);
        self.place = None;
        (job.run_at, job.max_attempts, job.attempts, job.last_error) = (run_at, max_attempts, 0, None);
        Enqueued::Moved(job.id)
    }

    pub(super) fn lease(&mut self, claim: &Claim) -> Leased {
        self.job.state = JobState::Running;
        self.place = None;
        self.job.attempts += 1;
        self.fence.0 += 1;
        self.worker = Some(claim.worker.clone());
        self.expires_at = claim.now + claim.lease_for;
        let lease = Lease { job: self.job.id, fence: self.fence, expires_at: self.expires_at };
        Leased { job: self.job.clone(), lease }
    }

    pub(super) fn settle(&mut self, outcome: Outcome, now: Timestamp) {
        match outcome {
            Outcome::Completed => self.end(JobState::Completed, now),
            Outcome::RetryAt { run_at, error } => {
                self.job.last_error = Some(error);
                if self.job.attempts_are_spent() {
                    self.end(JobState::Quarantined, now);
                } else {
                    self.wait_until(run_at);
                }
            }
            Outcome::Snooze { run_at, error } => {
                self.job.attempts -= 1;
                if error.is_some() {
                    self.job.last_error = error;
                }
                self.wait_until(run_at);
            }
            Outcome::Quarantined { error } => {
                self.job.last_error = Some(error);
                self.end(JobState::Quarantined, now);
            }
        }
    }

    pub(super) fn take_back(&mut self, now: Timestamp) {
        self.job.last_error = Some("the worker was lost".to_owned());
        self.wait_until(available_after_crash_at(self.job.id, self.job.attempts, self.job.run_at, now));
    }

    pub(super) fn wait_until(&mut self, run_at: Timestamp) {
        self.job.state = JobState::Available;
        self.place = None;
        self.job.run_at = run_at;
        self.job.ended_at = None;
        self.worker = None;
    }

    pub(super) fn end(&mut self, state: JobState, now: Timestamp) {
        self.job.state = state;
        self.place = None;
        self.job.ended_at = Some(now);
        self.worker = None;
    }
}

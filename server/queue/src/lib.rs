//! A durable job runtime: jobs are executed *at least* once and have their effect *exactly* once.
//!
//! The crate knows nothing of orders, SQL or networks. It contains the rules of a job's life, the workers that follow
//! them, and a test suite that every store has to pass.
//!
//! # Guarantees
//!
//! - **No job is lost.** An enqueued job ends completed, discarded by an operator, or quarantined for one. When its
//!   worker crashes, hangs or is cut off, the lease expires and the job runs again within seconds.
//! - **No effect is written twice.** What a job changes (its *effect*), the end of the job and the jobs that follow are
//!   one transaction that names the claim under which the job ran. A worker that has lost its lease writes nothing.
//! - **No job blocks others.** Every queue has its own workers, concurrency, rate limit and pause switch, and within a
//!   queue the jobs of one customer do not delay those of another. A job that fails or crashes its process uses up its
//!   attempts and is quarantined where an operator sees it; the jobs that ran beside it complete.
//! - **No job waits for a timer.** Claims are triggered by hints and due dates; polling is the safety net.
//!
//! What a handler does *outside* of the store may happen twice; no queue can prevent that. It has to be idempotent, by a
//! key that is the same in every attempt.
//!
//! # The life of a job
//!
//! ```text
//!              enqueue
//!                 │          snooze (not counted) · retry · rescue · hand back
//!                 ▼        ┌──────────────────────────────────────────────────┐
//!            ┌───────────┐ │  claim: lease + fence, attempt counted    ┌──────┴────┐
//!            │ available │◄┘──────────────────────────────────────────►│  running  │
//!            └─────┬─────┘                                             └─┬───────┬─┘
//!     discard      │   ▲                      attempts spent, or         │       │ settle: job, effect
//!   (operator)     │   └── retry (operator) ─┐ a retry is useless         │       │ and next jobs, at once
//!                  ▼                        │                            │       ▼
//!            ┌───────────┐   discard  ┌─────┴───────┐                    │  ┌───────────┐
//!            │ discarded │◄───────────│ quarantined │◄───────────────────┘  │ completed │
//!            └───────────┘            └─────────────┘                       └───────────┘
//!               pruned                 never pruned                            pruned
//! ```
//!
//! 1. **Enqueue.** A [`NewJob`] names its queue, its kind and when it is due. Of the jobs with the same *exclusive key*
//!    one is live at a time: a newer one replaces one that waits, and is dropped while one runs.
//! 2. **Claim.** A [`Worker`] claims due jobs, up to its concurrency. It gets a [`Lease`] of ten seconds with a
//!    [`Fence`], a number that tells this claim from every other. The attempt counts from now on. From a paused queue
//!    nothing is claimed.
//! 3. **Run.** The [`Registry`] finds the [`Handler`] of the kind, which returns a [`Verdict`]. Meanwhile the
//!    [`Heartbeat`] renews the lease. Panics and timeouts are failed attempts. When the lease cannot be renewed, the
//!    handler is stopped *before* the lease expires, so that no two workers run a job.
//! 4. **Settle.** [`Store::settle`] writes the verdict. The store may refuse an effect because what the handler had read
//!    has changed; then nothing is written and the handler decides again ([`Handler::revise`]), without repeating its
//!    outside call.
//! 5. **Quarantine.** A job whose attempts are spent, also one that crashed its last worker, is claimed once more and not
//!    run: its handler decides which effect is written with the quarantine ([`Handler::exhausted`]), so that the order
//!    always learns that its job has ended.
//! 6. **Housekeeping.** The [`Rescuer`] takes back jobs whose lease has expired, and at once those of a process that
//!    restarts. After repeated crashes jobs become available at different times ([`available_after_crash_at`]), because
//!    one of those that crashed together may be the cause. The [`Pruner`] deletes old finished jobs.
//!
//! # Fair share
//!
//! A [`NewJob`] may have a *fairness key*, such as its customer. A due job gets a place in its queue: one more than that
//! of the last waiting job with the same key, or than that of the job claimed last, whichever is greater. Claims go by
//! place, then by due date. So the keys are served in turns, within a key the earliest job comes first, and a key that
//! was idle has neither debt nor credit. A job that is not due has no place yet, and one without a key is served as if it
//! had a key of its own. This is start-time fair queueing (Goyal, Vin and Cheng) with jobs of equal cost.
//!
//! # A service that is down
//!
//! A [`Breaker`] is asked before each call. After some failures in a row it refuses, and the job is snoozed
//! ([`Verdict::snooze`]), which does not count: attempts are for failures of the job itself. One probe at a time finds
//! out whether the service is back; then [`Store::bring_forward`] makes the waiting jobs due. A [`Rate`] keeps a worker
//! within the limits of a service, and [`Store::pause`] stops a queue until it is resumed.
//!
//! # Using it
//!
//! ```
//! use std::sync::Arc;
//!
//! use futures::{FutureExt, future::BoxFuture};
//! use queue::{
//!     Clock, Ended, Handler, JobKind, Leased, ManualClock, MemoryStore, NewJob, Policy, QueueName, Registry,
//!     Runtime, SeededRandom, Store, Timestamp, Verdict, Wakeup, Worker, WorkerConfig, WorkerId,
//! };
//!
//! const MAIL: QueueName = QueueName::new("mail");
//! const SEND_RECEIPT: JobKind = JobKind::new("send_receipt");
//!
//! /// The business change that is written when the mail is out.
//! struct ReceiptSent {
//!     order: String,
//! }
//!
//! struct SendReceipt;
//!
//! impl Handler<ReceiptSent> for SendReceipt {
//!     fn handle<'a>(&'a self, leased: &'a Leased) -> BoxFuture<'a, Verdict<ReceiptSent>> {
//!         async {
//!             // … hand the mail to the server, with a key made of the order …
//!             Verdict::completed().with_effect(ReceiptSent { order: leased.job.payload.clone() })
//!         }
//!         .boxed()
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), queue::StoreError> {
//! let wakeup = Wakeup::new();
//! let runtime = Runtime {
//!     store: Arc::new(MemoryStore::new(|sent: &ReceiptSent| !sent.order.is_empty()).telling(wakeup.clone())),
//!     registry: Arc::new(Registry::new().with(SEND_RECEIPT, SendReceipt)),
//!     clock: Arc::new(ManualClock::at(Timestamp::from_millis(0))),
//!     random: Arc::new(SeededRandom::new(7)),
//!     wakeup,
//! };
//! let receipt = NewJob {
//!     queue: MAIL,
//!     kind: SEND_RECEIPT,
//!     exclusive_key: None,
//!     fairness_key: None,
//!     payload: "order-1".to_owned(),
//!     run_at: runtime.clock.now(),
//!     max_attempts: Policy::DEFAULT.max_attempts,
//! };
//! runtime.store.enqueue(vec![receipt], runtime.clock.now()).await?;
//!
//! let worker = Worker::new(runtime.clone(), WorkerConfig::new(MAIL, WorkerId::from("docs")));
//! let worked = worker.tick().await?;
//! assert_eq!(worked[0].ended, Ended::Completed);
//! # Ok(())
//! # }
//! ```
//!
//! In production a [`Runner`] runs each worker, one per queue, and a [`Rescuer`] and a [`Pruner`] run beside them. All
//! three stop when the future that they are given resolves. A test calls [`Worker::tick`], [`Rescuer::rescue`] and
//! [`Pruner::prune`] and moves a [`ManualClock`], or pauses tokio's time and uses a [`RuntimeClock`]; it never sleeps.
//!
//! # What a store must guarantee
//!
//! The methods of [`Store`] document it in full and [`conformance`](mod@conformance) tests it. In short:
//!
//! - Each method is one transaction, durable when it returns.
//! - Concurrent claims never get the same job, and no exclusive key gets two live jobs.
//! - A write that names a lease counts only while the job runs under that fence. The clock decides when the rescuer may
//!   act, and nothing else.
//! - A settlement is all or nothing: state, effect and the jobs that follow.
//! - After a commit the workers get one [`Hint`] about what is due. They claim only when a job is due: an idle or paused
//!   queue costs a read at the poll interval, and no write.
//! - Only an operator moves or deletes a quarantined job.
//!
//! # What is deliberately absent
//!
//! No order between jobs of different exclusive keys beyond fair share and due dates, no priorities, no results to fetch,
//! no dependencies between jobs other than "this one follows that one". The time is read only through [`Clock`], and
//! random numbers come only from [`Random`].

pub mod attempt;
pub mod backoff;
pub mod breaker;
pub mod clock;
pub mod config;
pub mod conformance;
mod crash_backoff;
mod due_cache;
pub mod handler;
pub mod heartbeat;
pub mod job;
pub mod lease;
pub mod memory;
pub mod name;
pub mod pruner;
pub mod random;
pub mod rate;
pub mod registry;
pub mod rescuer;
pub mod runner;
pub mod runtime;
pub mod state;
pub mod store;
pub mod wakeup;
pub mod worker;

pub use attempt::{Attempted, Ended, Observer};
pub use backoff::Backoff;
pub use breaker::{Access, Breaker, BreakerConfig, BreakerState, BreakerView, Permit, Turn};
pub use clock::{Clock, ManualClock, RuntimeClock, SystemClock, Timestamp};
pub use config::WorkerConfig;
pub use crash_backoff::available_after_crash_at;
pub use handler::{Decision, Failure, Handler, Policy, Verdict};
pub use heartbeat::{Heartbeat, HeldLease, Renewals};
pub use job::{Job, JobId, NewJob};
pub use lease::{Fence, Lease, Leased, WorkerId};
pub use memory::{MemorySnapshot, MemoryStore};
pub use name::{JobKind, QueueName};
pub use pruner::{Pruner, PrunerConfig};
pub use random::{Random, SeededRandom};
pub use rate::Rate;
pub use registry::Registry;
pub use rescuer::Rescuer;
pub use runner::{Runner, Wait};
pub use runtime::Runtime;
pub use state::JobState;
pub use store::{
    Claim, Enqueued, Intervention, JobFilter, Outcome, QueueStatus, Settled, Settlement, Store, StoreError,
};
pub use wakeup::{Hint, Listener, Wakeup};
pub use worker::Worker;

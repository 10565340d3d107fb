//! A durable job runtime: jobs are executed *at least* once and have their effect *exactly* once.
//!
//! The crate knows no business, no database and no network. It brings the rules of a job's life, the workers
//! that live by them, and a suite that holds every store to them.
//!
//! # The promise
//!
//! - **Nothing is lost.** A job that was enqueued is worked until it is completed, discarded by a person, or
//!   quarantined for one. A worker that dies, hangs or is cut off loses its lease, and its job runs again within
//!   seconds.
//! - **Nothing is written twice.** What a job changes (its *effect*), the end of the job and the jobs that follow
//!   are one transaction, and it names the claim under which the work was done. A worker that has lost its
//!   claim writes nothing, however late it comes.
//! - **Nothing blocks anything else.** Every queue has its own workers, limit, rate and pause, and in a queue nobody's
//!   thousand jobs keep somebody else's single one waiting. A poisonous job uses up its attempts, also if it takes its
//!   process down each time, and is then put aside where it can be seen; who was merely beside it gets through.
//! - **Nothing waits for a timer.** Pick-up is driven by events and due dates; polling is the safety net.
//!
//! What a handler does *outside* the store may happen twice, since no queue can prevent that. It has to be safe to
//! repeat: by a key that is the same in every attempt.
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
//!   (a person)     │   └── retry (a person) ─┐ no use trying again        │       │ and next jobs, at once
//!                  ▼                        │                            │       ▼
//!            ┌───────────┐   discard  ┌─────┴───────┐                    │  ┌───────────┐
//!            │ discarded │◄───────────│ quarantined │◄───────────────────┘  │ completed │
//!            └───────────┘            └─────────────┘                       └───────────┘
//!               pruned                 never pruned                            pruned
//! ```
//!
//! 1. **Enqueue.** A [`NewJob`] says which queue, which kind, from when on. Its *exclusive key*, if it has one, admits one
//!    live job at a time: a newer one takes the place of one that waits, and is dropped while one runs.
//! 2. **Claim.** A [`Worker`] takes what is due, as much as it has room for. It gets a [`Lease`] of ten seconds
//!    with a [`Fence`], a number that tells this claim from every other. The attempt counts from now on.
//!    A paused queue gives nothing away.
//! 3. **Work.** The [`Registry`] names the [`Handler`] of the kind, which comes to a [`Verdict`]. Meanwhile the
//!    [`Heartbeat`] renews the lease. Panics and overruns are failed attempts. If renewing fails, the handler
//!    is stopped *before* the lease ends, so that two workers never believe they hold one job.
//! 4. **Settle.** [`Store::settle`] writes the verdict. The store may refuse an effect because the world has moved on;
//!    then nothing at all is written and the handler decides anew ([`Handler::revise`]), without making its outside
//!    call again.
//! 5. **Bury.** A job whose attempts are spent, also one that took its last worker down, is claimed once more and not
//!    worked: its handler writes what there is to say with the quarantine ([`Handler::exhausted`]), so that a
//!    business never learns less of the end of a job than the queue.
//! 6. **Afterwards.** The [`Rescuer`] takes back jobs whose lease ran out, at once those of a process that
//!    restarts. A job that is lost again and again comes back later each time, at a moment of its own
//!    ([`comes_back_at`]), for one of those that are lost together kills them all. The [`Pruner`] forgets what is long done.
//!
//! # Whose turn it is
//!
//! A [`NewJob`] may say whose work it is, its *fairness key*. A due job has a place in its queue, which is one more than that
//! of the last job of its fairness key that waits there, or else than that of the job claimed last; claims go by place, then
//! by time. So fairness keys are served in turns, within a fairness key the earliest comes first, and one that comes back after a
//! while has neither debt nor credit. A job that is not due has no place yet, and one without a fairness key is a fairness key of its
//! own. This is start-time fair queueing (Goyal, Vin and Cheng) with jobs that count the same.
//!
//! # A service in trouble
//!
//! A [`Breaker`] is asked before each call. After some failures in a row it refuses, and the job is put off
//! ([`Verdict::snooze`]), which is not counted: attempts are for what a job does wrong by itself. One probe at a time finds
//! out whether the service is back; then [`Store::bring_forward`] makes due what waits. A [`Rate`] keeps a worker
//! within what a service allows, and [`Store::pause`] stops a queue altogether until somebody resumes it.
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
//! In production a [`Runner`] drives each worker, one per queue, and a [`Rescuer`] and a [`Pruner`] run beside
//! them. All three take a future that tells them to stop. A test calls [`Worker::tick`], [`Rescuer::rescue`] and
//! [`Pruner::prune`] by hand and moves a [`ManualClock`], or pauses tokio's time and uses a [`RuntimeClock`]; it
//! never sleeps.
//!
//! # What a store must guarantee
//!
//! The methods of [`Store`] say it in full and [`conformance`](mod@conformance) tests it. In short:
//!
//! - Each method is one transaction, durable when it returns.
//! - Side by side, no two claims get the same job and no exclusive key gets two live jobs.
//! - A write that names a lease counts only while the job runs under that very fence. The clock decides when the
//!   rescuer may act and nothing else.
//! - A settlement is all or nothing: state, effect and the jobs that follow.
//! - After a commit the workers are told by a [`Hint`] what there is to do, once. They claim when something is due and
//!   not to find out: an idle or paused queue costs a read now and then, and no write.
//! - A quarantined job is moved and deleted by a person only.
//!
//! # What is deliberately absent
//!
//! No ordering between exclusive keys beyond turns and due dates, no priorities, no results to fetch, no
//! dependencies between jobs other than "this one follows that one". A clock is never read but through [`Clock`],
//! and chance comes through [`Random`].

pub mod attempt;
pub mod backoff;
pub mod breaker;
pub mod clock;
pub mod config;
pub mod conformance;
pub mod handler;
pub mod heartbeat;
pub mod job;
pub mod lease;
mod lost;
pub mod memory;
pub mod name;
mod outlook;
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

pub use attempt::{Attempted, Ended};
pub use backoff::Backoff;
pub use breaker::{Access, Breaker, BreakerConfig, BreakerState, BreakerView, Permit, Turn};
pub use clock::{Clock, ManualClock, RuntimeClock, SystemClock, Timestamp};
pub use config::WorkerConfig;
pub use handler::{Decision, Failure, Handler, Policy, Verdict};
pub use heartbeat::{Beat, Heartbeat, Hold};
pub use job::{Job, JobId, NewJob};
pub use lease::{Fence, Lease, Leased, WorkerId};
pub use lost::comes_back_at;
pub use memory::{MemorySnapshot, MemoryStore};
pub use name::{JobKind, QueueName};
pub use pruner::{Pruner, PrunerConfig};
pub use random::{Random, SeededRandom};
pub use rate::Rate;
pub use registry::Registry;
pub use rescuer::Rescuer;
pub use runner::{Rest, Runner};
pub use runtime::Runtime;
pub use state::JobState;
pub use store::{
    Claim, Enqueued, Intervention, JobFilter, Outcome, QueueStatus, Settled, Settlement, Store, StoreError,
};
pub use wakeup::{Hint, Listener, Wakeup};
pub use worker::Worker;

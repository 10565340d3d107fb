//! A lane: commands that are written together, one batch after the other.
//!
//! A lane takes everything that is queued, decides it over a [`Sheet`], and writes it in one call. Batches grow by
//! themselves while a call takes time. A process has a lane for new orders and one for everything else, so that neither
//! waits for the other.

use std::collections::BTreeSet;
use std::sync::Arc;

use ::queue::{JobId, StoreError, Wakeup};
use serde_json::Value;
use sqlx::PgPool;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::load::load;
use super::rows::{Key, Rows};
use super::sheet::Sheet;
use crate::metrics::Metrics;
use crate::store::after_commit::AfterCommit;
use crate::store::transaction::{EarlierUse, Transaction, WriteError, Written};
use ::orders::OrderId;

/// How many commands may wait before new orders are refused.
const QUEUE_CAPACITY: usize = 8_192;
/// The largest number of commands in one call.
const BATCH: usize = 256;
/// How often a batch is decided before its commands are run one by one, and one command before it is refused.
const MAX_PASSES: u32 = 12;

/// Decides in a sheet, and keeps the result for the answer.
type Run = dyn FnMut(&mut Sheet<'_>) -> Written<()> + Send;

/// A command, and what gets its answer.
struct Command {
    run: Box<Run>,
    answer: Box<dyn FnOnce(Result<(), StoreError>) + Send>,
}

/// The handle to a lane.
#[derive(Debug, Clone)]
pub(super) struct Lane(mpsc::Sender<Command>);

/// What lanes share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) pool: PgPool,
    pub(super) wakeup: Wakeup,
    pub(super) metrics: Arc<Metrics>,
}

/// Why a batch was not written.
enum Refusal {
    /// Nothing was written.
    Failed(String),
    /// It may be written.
    Unknown(String),
}

impl Lane {
    /// Starts a lane. It ends when its last handle is dropped.
    pub(super) fn start(shared: Arc<Shared>) -> Self {
        let (commands, inbox) = mpsc::channel(QUEUE_CAPACITY);
        tokio::spawn(work(inbox, shared));
        Self(commands)
    }

    /// Runs a command, waiting for a place.
    pub(super) async fn call<R: Send + 'static>(
        &self,
        run: impl FnMut(&mut dyn Transaction) -> Written<R> + Send + 'static,
    ) -> Result<R, StoreError> {
        let (command, answer) = command(run);
        self.0.send(command).await.map_err(|_| closed())?;
        answer.await.unwrap_or(Err(StoreError::CommitUnknown))
    }

    /// Runs a command, or refuses it when too many wait.
    pub(super) async fn try_call<R: Send + 'static>(
        &self,
        run: impl FnMut(&mut dyn Transaction) -> Written<R> + Send + 'static,
    ) -> Result<R, StoreError> {
        let (command, answer) = command(run);
        self.0.try_send(command).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => StoreError::Overloaded,
            mpsc::error::TrySendError::Closed(_) => closed(),
        })?;
        answer.await.unwrap_or(Err(StoreError::CommitUnknown))
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("the store is closed".to_owned())
}

fn command<R: Send + 'static>(
    mut run: impl FnMut(&mut dyn Transaction) -> Written<R> + Send + 'static,
) -> (Command, oneshot::Receiver<Result<R, StoreError>>) {
    let (reply, answer) = oneshot::channel();
    let result = Arc::new(std::sync::Mutex::new(None));
    let decided = result.clone();
    let command = Command {
        run: Box::new(move |sheet| {
            let value = run(sheet)?;
            *decided.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(value);
            Ok(())
        }),
        answer: Box::new(move |outcome| {
            let value = result.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
            let none = || StoreError::Unavailable("a command ended without a result".to_owned());
            // A caller that has left is not waited for; its command is done.
            let _ = reply.send(outcome.and_then(|()| value.ok_or_else(none)));
        }),
    };
    (command, answer)
}

async fn work(mut inbox: mpsc::Receiver<Command>, shared: Arc<Shared>) {
    let mut job_ids = Vec::new();
    while let Some(first) = inbox.recv().await {
        let mut batch = vec![first];
        while batch.len() < BATCH
            && let Ok(next) = inbox.try_recv()
        {
            batch.push(next);
        }
        match write(&shared, &mut batch, &mut job_ids).await {
            Ok(()) => batch.into_iter().for_each(|command| (command.answer)(Ok(()))),
            Err(Refusal::Unknown(reason)) => unknown(batch, &reason),
            Err(Refusal::Failed(reason)) if batch.len() == 1 => refuse(batch, &reason),
            Err(Refusal::Failed(reason)) => {
                // One of them cannot be written, and must not fail the others.
                tracing::warn!(%reason, commands = batch.len(), "running a batch again command by command");
                for command in batch {
                    let mut one = vec![command];
                    match write(&shared, &mut one, &mut job_ids).await {
                        Ok(()) => one.into_iter().for_each(|command| (command.answer)(Ok(()))),
                        Err(Refusal::Unknown(reason)) => unknown(one, &reason),
                        Err(Refusal::Failed(reason)) => refuse(one, &reason),
                    }
                }
            }
        }
    }
}

fn unknown(batch: Vec<Command>, reason: &str) {
    tracing::error!(%reason, commands = batch.len(), "the outcome of a commit is unknown");
    batch.into_iter().for_each(|command| (command.answer)(Err(StoreError::CommitUnknown)));
}

fn refuse(batch: Vec<Command>, reason: &str) {
    tracing::error!(%reason, commands = batch.len(), "a write failed; nothing was written");
    let refused = || StoreError::Unavailable(reason.to_owned());
    batch.into_iter().for_each(|command| (command.answer)(Err(refused())));
}

/// Decides a batch and writes it: again with other rows as long as those that it was decided from have changed.
async fn write(shared: &Shared, batch: &mut [Command], job_ids: &mut Vec<JobId>) -> Result<(), Refusal> {
    let begun = Instant::now();
    let (mut rows, mut wanted) = (Rows::default(), BTreeSet::new());
    for _ in 0..MAX_PASSES {
        let mut sheet = Sheet::new(&rows, std::mem::take(job_ids));
        for command in batch.iter_mut() {
            match (command.run)(&mut sheet) {
                // The other commands tell which rows they need, too.
                Ok(()) | Err(WriteError::Missing) => {}
                Err(WriteError::Failed(reason)) => return Err(Refusal::Failed(reason)),
            }
        }
        if !sheet.missing.is_empty() {
            let missing = std::mem::take(&mut sheet.missing);
            *job_ids = sheet.into_job_ids();
            let loaded = load(&shared.pool, &missing, &mut rows, job_ids).await;
            loaded.map_err(|error| Refusal::Failed(error.to_string()))?;
            wanted.extend(missing.into_iter().filter(|key| *key != Key::JobIds));
            continue;
        }
        let Some(value) = sheet.batch() else {
            let (after_commit, unused) = sheet.committed(0);
            *job_ids = unused;
            publish(shared, after_commit);
            return Ok(());
        };
        let committing = Instant::now();
        match call(shared, &value).await? {
            Called::Committed(first) => {
                let (after_commit, unused) = sheet.committed(first);
                *job_ids = unused;
                let size = batch.len();
                shared.metrics.store.record_transaction(size, begun.elapsed(), committing.elapsed());
                publish(shared, after_commit);
                return Ok(());
            }
            Called::KnownKeys(known) => {
                *job_ids = sheet.into_job_ids();
                rows.keys_used.extend(known);
            }
            Called::Stale => {
                *job_ids = sheet.into_job_ids();
                let keys_used = std::mem::take(&mut rows.keys_used);
                rows = Rows { keys_used, ..Rows::default() };
                let loaded = load(&shared.pool, &wanted, &mut rows, job_ids).await;
                loaded.map_err(|error| Refusal::Failed(error.to_string()))?;
            }
        }
    }
    Err(Refusal::Failed("the rows that it was decided from changed again and again".to_owned()))
}

/// The result of a call.
enum Called {
    /// It is written; the sequence of the first event.
    Committed(u64),
    /// Nothing was written: these keys were used before.
    KnownKeys(Vec<([u8; 16], EarlierUse)>),
    /// Nothing was written: the rows have changed.
    Stale,
}

async fn call(shared: &Shared, batch: &Value) -> Result<Called, Refusal> {
    let called: Result<Value, sqlx::Error> =
        sqlx::query_scalar("SELECT docket_commit_v1($1)").bind(batch).fetch_one(&shared.pool).await;
    let answer = match called {
        Ok(answer) => answer,
        Err(sqlx::Error::Database(reason)) => {
            return match reason.code().as_deref() {
                // unique_violation, check_violation, serialization_failure, deadlock_detected, lock_not_available
                Some("23505" | "23514" | "40001" | "40P01" | "55P03") => Ok(Called::Stale),
                _ => Err(Refusal::Failed(reason.to_string())),
            };
        }
        Err(error @ (sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed)) => {
            return Err(Refusal::Failed(error.to_string()));
        }
        Err(error) => return Err(Refusal::Unknown(error.to_string())),
    };
    if answer.get("stale").is_some() {
        return Ok(Called::Stale);
    }
    if let Some(known) = answer.get("known").and_then(Value::as_array) {
        return Ok(Called::KnownKeys(known.iter().filter_map(earlier_use).collect()));
    }
    Ok(Called::Committed(answer.get("first").and_then(Value::as_u64).unwrap_or(0)))
}

fn earlier_use(known: &Value) -> Option<([u8; 16], EarlierUse)> {
    let bytes = |name: &str| {
        let digits = known.get(name)?.as_str()?;
        Some(u128::from_str_radix(digits, 16).ok()?.to_be_bytes())
    };
    let order = OrderId::from_bytes(bytes("id")?);
    Some((bytes("idempotency")?, EarlierUse { order, fingerprint: bytes("fingerprint")? }))
}

fn publish(shared: &Shared, after_commit: AfterCommit) {
    after_commit.stats.export(&shared.metrics.orders);
    after_commit.woken.iter().for_each(|(queue, hint)| shared.wakeup.tell(queue, *hint));
}

//! One cycle of the real writer on a database in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use queue::{StoreError, Wakeup};
use rusqlite::{Connection, OptionalExtension, params};
use tokio::sync::oneshot;

use super::caller::{Answer, KEYS, order_of};
use crate::metrics::Metrics;
use crate::store::engine::Phase;
use crate::store::sqlite::backlog::InFlight;
use crate::store::sqlite::checkpoint::Checkpoints;
use crate::store::sqlite::command::{Command, Message, message};
use crate::store::sqlite::cycle::Cycle;
use crate::store::sqlite::open_order_cache::OpenOrderCache;
use crate::store::sqlite::transaction::SqliteTransaction;
use crate::store::transaction::Written;

/// One for all cycles, because the model runs very many.
static METRICS: LazyLock<Arc<Metrics>> = LazyLock::new(Arc::default);

/// Bugs that the model must find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Planted {
    Nothing,
    /// A command is answered before the commit.
    AnswerBeforeCommit,
    /// The writer continues after a failed commit.
    ContinuesAfterFailure,
    /// Keys are not checked.
    NoKeys,
}

/// The result of a cycle.
#[derive(Debug, Clone)]
pub(super) struct CycleResult {
    pub(super) orders: BTreeMap<u8, u8>,
    pub(super) answers: Vec<(usize, Answer)>,
    pub(super) gave_up: bool,
}

/// A database in memory, in place of the disk.
pub(super) struct Disk(Connection);

impl Disk {
    pub(super) fn holding(orders: &BTreeMap<u8, u8>, planted: Planted) -> Self {
        let disk = Connection::open_in_memory().unwrap();
        disk.execute_batch(
            "PRAGMA foreign_keys = ON; CREATE TABLE stored (id INTEGER PRIMARY KEY, key INTEGER); \
             CREATE TABLE dependents (stored INTEGER REFERENCES stored (id) DEFERRABLE INITIALLY DEFERRED);",
        )
        .unwrap();
        if planted != Planted::NoKeys {
            disk.execute_batch("CREATE UNIQUE INDEX one_per_key ON stored (key)").unwrap();
        }
        for (id, key) in orders {
            disk.execute("INSERT INTO stored (id, key) VALUES (?1, ?2)", params![id, key]).unwrap();
        }
        Self(disk)
    }

    /// Runs the real cycle with these commands.
    pub(super) fn run(self, batch: &[(usize, u8)], fails: bool, planted: Planted) -> CycleResult {
        let mut cycle = Cycle {
            connection: self.0,
            last_sequence: 0,
            open_orders: Arc::new(OpenOrderCache::new()),
            wakeup: Wakeup::new(),
            on_commit: Box::new(drop),
            in_flight: Arc::new(InFlight::new()),
            checkpoints: Checkpoints::new(Connection::open_in_memory().unwrap(), METRICS.clone()),
            metrics: METRICS.clone(),
        };
        let mut commands: Vec<Box<dyn Command>> = Vec::new();
        let mut replies = Vec::new();
        for (caller, tries) in batch {
            let (command, reply) = accept(*caller, *tries, planted);
            commands.push(command);
            replies.push((*caller, reply));
        }
        if fails {
            commands.insert(batch.len() / 2, constraint_violation());
        }
        let gave_up = cycle.run(&mut commands).is_err();
        let answers =
            replies.into_iter().map(|(caller, mut reply)| (caller, answer_of(reply.try_recv()))).collect();
        if !cycle.connection.is_autocommit() {
            cycle.connection.execute_batch("ROLLBACK").unwrap();
        }
        let mut rows = cycle.connection.prepare("SELECT id, key FROM stored").unwrap();
        let orders =
            rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
        drop(rows);
        CycleResult { orders, answers, gave_up }
    }
}

type Reply = oneshot::Receiver<Result<u8, StoreError>>;

fn answer_of(reply: Result<Result<u8, StoreError>, oneshot::error::TryRecvError>) -> Answer {
    match reply {
        Ok(Ok(order)) => Answer::Stored(order),
        Ok(Err(StoreError::CommitUnknown)) => Answer::Unknown,
        Ok(Err(_)) => Answer::Refused,
        // As `Writer::call` reports a missing answer.
        Err(_) => Answer::Unknown,
    }
}

/// The same as `SqliteStore::accept` on a smaller table: the order of the key, or a new one.
fn accept(caller: usize, tries: u8, planted: Planted) -> (Box<dyn Command>, Reply) {
    let (id, key) = (order_of(caller, tries), KEYS.get(caller).copied());
    let store = move |transaction: &mut SqliteTransaction<'_>| {
        let Some(key) = key else { return Err(rusqlite::Error::InvalidQuery.into()) };
        let known = transaction
            .prepare("SELECT id FROM stored WHERE key = ?1")?
            .query_row([key], |row| row.get(0))
            .optional()?;
        if let Some(known) = known.filter(|_| planted != Planted::NoKeys) {
            return Ok(known);
        }
        transaction.prepare("INSERT INTO stored (id, key) VALUES (?1, ?2)")?.execute(params![id, key])?;
        Ok(id)
    };
    if planted == Planted::AnswerBeforeCommit {
        let (reply, answer) = oneshot::channel();
        return (Box::new(AnswersBeforeCommit { store, reply: Some(reply) }), answer);
    }
    let (Message::Run { command, .. }, answer) = message(Phase::Accept, store) else {
        unreachable!("a command is a message to run it")
    };
    (command, answer)
}

/// Violates a deferred constraint, which the commit checks.
fn constraint_violation() -> Box<dyn Command> {
    let (message, _) = message(Phase::Claim, |transaction| {
        transaction.prepare("INSERT INTO dependents (stored) VALUES (0)")?.execute([])?;
        Ok(())
    });
    let Message::Run { command, .. } = message else { unreachable!("a command is a message to run it") };
    command
}

/// A command that is answered before the commit.
struct AnswersBeforeCommit<F> {
    store: F,
    reply: Option<oneshot::Sender<Result<u8, StoreError>>>,
}

impl<F: FnMut(&mut SqliteTransaction<'_>) -> Written<u8> + Send> Command for AnswersBeforeCommit<F> {
    fn phase(&self) -> Phase {
        Phase::Accept
    }

    fn run(&mut self, transaction: &mut SqliteTransaction<'_>) -> Written<()> {
        let order = (self.store)(transaction)?;
        if let Some(reply) = self.reply.take() {
            drop(reply.send(Ok(order)));
        }
        Ok(())
    }

    fn answer(self: Box<Self>, _: Result<(), StoreError>) {}
}

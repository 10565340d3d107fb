use std::{path::Path, thread, time::Duration};

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use crate::platform::private_files;

/// How many commands may share one transaction, and so one fsync.
const BATCH: usize = 256;

/// The ledger in a SQLite file of its own.
///
/// One thread owns the connection. It runs queued commands in one transaction, each under a savepoint, and answers
/// only after the commit is durable.
#[derive(Clone, Debug)]
pub struct SandboxLedger {
    commands: mpsc::Sender<Command>,
}

/// Rows in the order in which they were written, and the token of the next page.
#[derive(Debug)]
pub struct Page<T> {
    pub rows: Vec<T>,
    pub next: Option<i64>,
}

#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    #[error("the ledger's file could not be created: {0}")]
    File(#[from] std::io::Error),
    #[error("the ledger could not be read or written: {0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error("the ledger was written by a newer version ({0})")]
    TooNew(i64),
    #[error("the commit failed; its durability is unknown")]
    CommitUnknown,
    #[error("the ledger is closed")]
    Closed,
}

type Command = Box<dyn FnOnce(&Connection) -> Ran + Send>;

type Answer = Box<dyn FnOnce(bool)>;

/// Whether the command's writes are kept, and how to answer once the outcome of the commit is known.
struct Ran {
    keep: bool,
    answer: Answer,
}

impl SandboxLedger {
    /// Opens the file, creating it and its folder if missing, and starts the thread that owns it. The thread ends and
    /// the file is closed when the last clone is dropped.
    pub fn open(file: &Path) -> Result<SandboxLedger, LedgerError> {
        private_files::create_missing(file)?;
        let db = Connection::open(file)?;
        db.busy_timeout(Duration::from_secs(5))?;
        db.pragma_update(None, "journal_mode", "wal")?;
        db.pragma_update(None, "synchronous", "full")?;
        db.pragma_update(None, "foreign_keys", true)?;
        // 64 MB: a checkpoint keeps every caller waiting.
        db.pragma_update(None, "wal_autocheckpoint", 16_000)?;
        migrate(&db)?;
        let (commands, queued) = mpsc::channel(4 * BATCH);
        thread::Builder::new().name("sandbox-ledger".to_owned()).spawn(move || work(db, queued))?;
        Ok(SandboxLedger { commands })
    }

    pub(super) async fn run<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let (sender, answer) = oneshot::channel();
        let command: Command = Box::new(move |db| {
            let result = act(db);
            Ran {
                keep: result.is_ok(),
                answer: Box::new(move |committed| {
                    let answer = match result {
                        Ok(_) if !committed => Err(LedgerError::CommitUnknown),
                        result => result.map_err(LedgerError::from),
                    };
                    // The effect of a caller that has left is kept, as with any real service.
                    drop(sender.send(answer));
                }),
            }
        });
        self.commands.send(command).await.map_err(|_| LedgerError::Closed)?;
        answer.await.map_err(|_| LedgerError::Closed)?
    }
}

impl<T> Page<T> {
    /// Cuts `size` rows from rows that were read with one to spare.
    pub(super) fn cut(mut rows: Vec<(i64, T)>, size: u32) -> Page<T> {
        let size = size as usize;
        let next = if rows.len() > size {
            rows.truncate(size);
            rows.last().map(|(seq, _)| *seq)
        } else {
            None
        };
        Page { rows: rows.into_iter().map(|(_, row)| row).collect(), next }
    }
}

fn migrate(db: &Connection) -> Result<(), LedgerError> {
    match db.pragma_query_value(None, "user_version", |row| row.get(0))? {
        0 => Ok(db.execute_batch(concat!(
            "BEGIN IMMEDIATE;",
            include_str!("schema.sql"),
            "PRAGMA user_version = 1; COMMIT;"
        ))?),
        1 => Ok(()),
        newer => Err(LedgerError::TooNew(newer)),
    }
}

fn work(mut db: Connection, mut queued: mpsc::Receiver<Command>) {
    let mut batch = Vec::with_capacity(BATCH);
    while queued.blocking_recv_many(&mut batch, BATCH) > 0 {
        let (answers, committed) = run_batch(&mut db, batch.drain(..));
        for answer in answers {
            answer(committed);
        }
    }
}

fn run_batch(db: &mut Connection, batch: impl Iterator<Item = Command>) -> (Vec<Answer>, bool) {
    let mut answers = Vec::new();
    // Commands dropped on an error are answered by their dropped sender: the ledger is closed to them.
    let Ok(mut transaction) = db.transaction_with_behavior(TransactionBehavior::Immediate) else {
        return (answers, false);
    };
    for command in batch {
        let Ok(savepoint) = transaction.savepoint() else {
            return (answers, false);
        };
        let ran = command(&savepoint);
        answers.push(ran.answer);
        // A dropped savepoint rolls back.
        if ran.keep && savepoint.commit().is_err() {
            return (answers, false);
        }
    }
    let committed = transaction.commit().is_ok();
    (answers, committed)
}

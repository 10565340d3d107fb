//! The one writer: a thread, a queue of commands, one transaction a cycle.
//!
//! A cycle waits for the first command and takes everything else that is queued, without waiting longer: under load
//! the batches grow by themselves, and when idle a command is committed at once. Accepted orders run first, then
//! results of work, then claims, so that work made due in a cycle is claimed in the same one.
//!
//! A failed fsync is never retried, because its pages may be lost and the next fsync would succeed (Rebello et al.,
//! *Can Applications Recover from fsync Failures?*). The thread then answers that the outcome is unknown and ends;
//! the file is left as it is for [`super::recover`] at the next start.

use std::fmt::Display;
use std::sync::Arc;

use queue::{StoreError, Wakeup};
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::backlog::InFlight;
use super::checkpoint::Checkpoints;
use super::command::{Command, Message, WriterState, closed};
use super::disk_full::is_disk_full;
use super::open_order_cache::OpenOrderCache;
use super::transaction::SqliteTransaction;
use crate::metrics::Metrics;
use crate::platform::failpoint::{self, Bug, Point};
use crate::store::OnCommit;

/// The largest number of commands in one transaction.
const BATCH: usize = 512;

pub(super) struct Cycle {
    pub(super) connection: Connection,
    pub(super) last_sequence: u64,
    pub(super) open_orders: Arc<OpenOrderCache>,
    pub(super) wakeup: Wakeup,
    pub(super) on_commit: OnCommit,
    pub(super) in_flight: Arc<InFlight>,
    pub(super) checkpoints: Checkpoints,
    pub(super) metrics: Arc<Metrics>,
}

/// Everything that is queued at one moment.
struct Batch {
    commands: Vec<Box<dyn Command>>,
    oldest: Option<Instant>,
    checkpoint: bool,
}

impl Cycle {
    /// Runs until it is closed, until every sender is dropped, or until it must give up.
    pub(super) fn work(mut self, mut inbox: mpsc::Receiver<Message>, life: &watch::Sender<WriterState>) {
        let mut end = WriterState::Ended;
        while let Some(first) = inbox.blocking_recv() {
            let batch = Batch::take(first, &mut inbox);
            if let Some(asked_at) = batch.oldest {
                self.in_flight.take(asked_at);
            }
            if let Err(reason) = self.run_and_checkpoint(batch, &inbox) {
                tracing::error!(%reason, "the outcome of a commit is unknown; the store accepts no more writes");
                end = WriterState::GivenUp;
                break;
            }
            if inbox.is_empty() {
                self.in_flight.idle();
            }
        }
        inbox.close();
        while let Ok(late) = inbox.try_recv() {
            if let Message::Run { command, .. } = late {
                command.answer(Err(closed()));
            }
        }
        life.send_replace(self.leave(end));
    }

    fn run_and_checkpoint(
        &mut self,
        mut batch: Batch,
        inbox: &mpsc::Receiver<Message>,
    ) -> rusqlite::Result<()> {
        if !batch.commands.is_empty() {
            batch.commands.sort_by_key(|command| command.phase());
            self.run(&mut batch.commands)?;
            self.checkpoints.after_commit(&self.connection)?;
        }
        if batch.checkpoint && inbox.is_empty() {
            self.checkpoints.when_idle(&self.connection)?;
        }
        Ok(())
    }

    /// Runs a batch in one transaction and answers it.
    ///
    /// # Errors
    /// When the outcome of the commit is unknown, or the connection cannot leave its state.
    fn run(&mut self, batch: &mut Vec<Box<dyn Command>>) -> rusqlite::Result<()> {
        let (begun, size) = (Instant::now(), batch.len());
        if let Err(reason) = self.connection.execute_batch("BEGIN IMMEDIATE") {
            refuse(batch, &reason);
            return Ok(());
        }
        let mut transaction = SqliteTransaction::new(&self.connection, self.last_sequence);
        let outcome = batch.iter_mut().try_for_each(|command| command.run(&mut transaction));
        let outcome = outcome.and_then(|()| Ok(transaction.write_stats()?));
        if let Err(reason) = outcome {
            drop(transaction);
            if let Err(stuck) = self.roll_back() {
                refuse(batch, &reason);
                return Err(stuck);
            }
            if batch.len() == 1 {
                refuse(batch, &reason);
                return Ok(());
            }
            // One of them cannot be written, and must not fail the others.
            tracing::warn!(%reason, commands = batch.len(), "running a batch again command by command");
            return batch.drain(..).try_for_each(|command| self.run(&mut vec![command]));
        }
        let (last_sequence, after_commit) = transaction.finish();
        if failpoint::planted(Bug::AnswerBeforeCommit) {
            batch.drain(..).for_each(|command| command.answer(Ok(())));
        }
        failpoint::reach_here(Point::BeforeCommit);
        let committing = Instant::now();
        if let Err(reason) = self.connection.execute_batch("COMMIT") {
            // Only a full disk is distinguished: the commit frame is written last, so it is not there.
            if is_disk_full(&reason) && self.roll_back().is_ok() {
                refuse(batch, &reason);
                return Ok(());
            }
            batch.drain(..).for_each(|command| command.answer(Err(StoreError::CommitUnknown)));
            return Err(reason);
        }
        failpoint::reach_here(Point::AfterCommit);
        self.last_sequence = last_sequence;
        self.open_orders.put(after_commit.records);
        self.in_flight.committed();
        self.metrics.store.record_transaction(size, begun.elapsed(), committing.elapsed());
        after_commit.stats.export(&self.metrics.orders);
        batch.drain(..).for_each(|command| command.answer(Ok(())));
        failpoint::reach_here(Point::BeforePublish);
        if !after_commit.events.is_empty() {
            (self.on_commit)(after_commit.events);
        }
        after_commit.woken.iter().for_each(|(queue, hint)| self.wakeup.tell(queue, *hint));
        Ok(())
    }

    fn roll_back(&self) -> rusqlite::Result<()> {
        // Some errors end the transaction by themselves.
        if self.connection.is_autocommit() { Ok(()) } else { self.connection.execute_batch("ROLLBACK") }
    }

    /// Leaves a file that needs no recovery; or, after giving up, the file as it is. Returns the final state.
    fn leave(self, mut end: WriterState) -> WriterState {
        if let Err(reason) = self.checkpoints.finish() {
            tracing::error!(%reason, "the last checkpoint failed; the next start recovers");
            end = WriterState::GivenUp;
        }
        if end == WriterState::GivenUp {
            let kept = self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
            debug_assert!(kept.is_ok(), "{kept:?}");
        } else {
            // If it fails, the next start does it.
            let _ = self.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        end
    }
}

impl Batch {
    /// Takes the first message and everything else that is queued, without waiting.
    fn take(first: Message, inbox: &mut mpsc::Receiver<Message>) -> Self {
        let mut batch = Self { commands: Vec::new(), oldest: None, checkpoint: false };
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Run { command, asked_at } => {
                    batch.oldest.get_or_insert(asked_at);
                    batch.commands.push(command);
                }
                Message::Checkpoint => batch.checkpoint = true,
                Message::Close => inbox.close(),
            }
            next = if batch.commands.len() < BATCH { inbox.try_recv().ok() } else { None };
        }
        batch
    }
}

/// Answers commands that wrote nothing.
fn refuse(batch: &mut Vec<Box<dyn Command>>, reason: &impl Display) {
    tracing::error!(%reason, commands = batch.len(), "a write failed; nothing was written");
    for command in batch.drain(..) {
        command.answer(Err(StoreError::Unavailable(reason.to_string())));
    }
}

#[cfg(test)]
#[path = "commit_model/mod.rs"]
mod commit_model;

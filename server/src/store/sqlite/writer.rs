//! The one writer: a thread, a queue of commands, one transaction a cycle.
//!
//! A cycle waits for the first command and takes what else is there, without lingering: under load the batches grow by
//! themselves, when idle a command is committed at once. Accepted orders come first, then what workers bring back, then
//! their claims, so that work made ready in a cycle is handed out in the same one.

use std::sync::Arc;
use std::thread;

use queue::{StoreError, Wakeup};
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot, watch};

use super::recent::Recent;
use super::transaction::Transaction;
use crate::failpoint::{self, Bug, Point};
use crate::store::OnCommit;

/// The most commands that one transaction takes.
const BATCH: usize = 512;
/// How many commands may wait before new orders are refused.
const WAITING: usize = 8192;

/// In which part of a cycle a command runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// New orders.
    Accept,
    /// Results of work, and everything else.
    Settle,
    /// Claims of work.
    Claim,
}

/// The handle to the writer's thread.
#[derive(Debug)]
pub(super) struct Writer {
    commands: mpsc::Sender<Message>,
    state: watch::Receiver<Life>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    Working,
    GivenUp,
    Ended,
}

trait Command: Send {
    fn phase(&self) -> Phase;
    fn run(&mut self, transaction: &mut Transaction<'_>) -> rusqlite::Result<()>;
    fn answer(self: Box<Self>, outcome: Result<(), StoreError>);
}

struct Call<F, R> {
    phase: Phase,
    run: F,
    result: Option<R>,
    reply: oneshot::Sender<Result<R, StoreError>>,
}

impl<F, R> Command for Call<F, R>
where
    F: FnMut(&mut Transaction<'_>) -> rusqlite::Result<R> + Send,
    R: Send,
{
    fn phase(&self) -> Phase {
        self.phase
    }

    fn run(&mut self, transaction: &mut Transaction<'_>) -> rusqlite::Result<()> {
        self.result = Some((self.run)(transaction)?);
        Ok(())
    }

    fn answer(self: Box<Self>, outcome: Result<(), StoreError>) {
        let Self { run, result, reply, .. } = *self;
        // What the command borrowed from its caller is given back before the caller goes on.
        drop(run);
        let answer = outcome.and_then(|()| {
            result.ok_or_else(|| StoreError::Unavailable("a command ended without a result".to_owned()))
        });
        // A caller that went away is not waited for; what it asked is done.
        let _ = reply.send(answer);
    }
}

enum Message {
    Run(Box<dyn Command>),
    /// Write what was handed in before, then end.
    Close,
}

impl Writer {
    /// Starts the thread on an open connection whose log ends at `last_sequence`.
    pub(super) fn start(
        connection: Connection,
        last_sequence: u64,
        recent: Arc<Recent>,
        wakeup: Wakeup,
        on_commit: OnCommit,
    ) -> std::io::Result<Self> {
        let (commands, inbox) = mpsc::channel(WAITING);
        let (life, state) = watch::channel(Life::Working);
        let cycle = Cycle { connection, last_sequence, recent, wakeup, on_commit };
        thread::Builder::new().name("store-writer".to_owned()).spawn(move || cycle.work(inbox, &life))?;
        Ok(Self { commands, state })
    }

    /// Runs a command; waits for a place in the queue, because work that is done must be written down.
    pub(super) async fn call<R: Send + 'static>(
        &self,
        phase: Phase,
        run: impl FnMut(&mut Transaction<'_>) -> rusqlite::Result<R> + Send + 'static,
    ) -> Result<R, StoreError> {
        let (message, answer) = message(phase, run);
        self.commands.send(message).await.map_err(|_| closed())?;
        answer.await.unwrap_or(Err(StoreError::CommitUnknown))
    }

    /// Runs a command if there is a place for it now, else refuses at once.
    pub(super) async fn try_call<R: Send + 'static>(
        &self,
        phase: Phase,
        run: impl FnMut(&mut Transaction<'_>) -> rusqlite::Result<R> + Send + 'static,
    ) -> Result<R, StoreError> {
        let (message, answer) = message(phase, run);
        self.commands.try_send(message).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => StoreError::Overloaded,
            mpsc::error::TrySendError::Closed(_) => closed(),
        })?;
        answer.await.unwrap_or(Err(StoreError::CommitUnknown))
    }

    pub(super) async fn given_up(&self) {
        let mut state = self.state.clone();
        if state.wait_for(|life| *life == Life::GivenUp).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    pub(super) async fn close(&self) {
        // A writer that has ended already takes no command, and that is what is asked for.
        let _ = self.commands.send(Message::Close).await;
        let mut state = self.state.clone();
        let _ = state.wait_for(|life| *life != Life::Working).await;
    }
}

/// A command for the writer, and where its answer arrives.
fn message<R: Send + 'static>(
    phase: Phase,
    run: impl FnMut(&mut Transaction<'_>) -> rusqlite::Result<R> + Send + 'static,
) -> (Message, oneshot::Receiver<Result<R, StoreError>>) {
    let (reply, answer) = oneshot::channel();
    (Message::Run(Box::new(Call { phase, run, result: None, reply })), answer)
}

fn closed() -> StoreError {
    StoreError::Unavailable("the writer has ended".to_owned())
}

struct Cycle {
    connection: Connection,
    last_sequence: u64,
    recent: Arc<Recent>,
    wakeup: Wakeup,
    on_commit: OnCommit,
}

impl Cycle {
    fn work(mut self, mut inbox: mpsc::Receiver<Message>, life: &watch::Sender<Life>) {
        let mut batch: Vec<Box<dyn Command>> = Vec::with_capacity(BATCH);
        let mut end = Life::Ended;
        while let Some(first) = inbox.blocking_recv() {
            let mut next = Some(first);
            while let Some(message) = next {
                match message {
                    Message::Run(command) => batch.push(command),
                    Message::Close => inbox.close(),
                }
                next = if batch.len() < BATCH { inbox.try_recv().ok() } else { None };
            }
            batch.sort_by_key(|command| command.phase());
            if let Err(reason) = self.run(&mut batch) {
                tracing::error!(%reason, "a commit's outcome is unknown; the store takes no more writes");
                end = Life::GivenUp;
                break;
            }
        }
        inbox.close();
        while let Ok(late) = inbox.try_recv() {
            if let Message::Run(command) = late {
                command.answer(Err(closed()));
            }
        }
        drop(self);
        life.send_replace(end);
    }

    /// Runs a batch in one transaction and answers it.
    ///
    /// # Errors
    /// When the commit's outcome is unknown: an fsync that did not work is never tried again, because the pages it was
    /// about may be gone and the next one would say that all is well (Rebello et al., *Can Applications Recover from
    /// fsync Failures?*).
    fn run(&mut self, batch: &mut Vec<Box<dyn Command>>) -> Result<(), rusqlite::Error> {
        if batch.is_empty() {
            return Ok(());
        }
        if let Err(reason) = self.connection.execute_batch("BEGIN IMMEDIATE") {
            self.refuse(batch, &reason);
            return Ok(());
        }
        let mut transaction = Transaction::new(&self.connection, self.last_sequence);
        let outcome = batch.iter_mut().try_for_each(|command| command.run(&mut transaction));
        let outcome = outcome.and_then(|()| transaction.write_tally());
        if let Err(reason) = outcome {
            drop(transaction);
            self.roll_back();
            if batch.len() == 1 {
                self.refuse(batch, &reason);
                return Ok(());
            }
            // One of them cannot be written and must not take the others along.
            tracing::warn!(%reason, commands = batch.len(), "a batch is run again command by command");
            return batch.drain(..).try_for_each(|command| self.run(&mut vec![command]));
        }
        let written = transaction.finish();
        if failpoint::planted(Bug::AnswerBeforeCommit) {
            batch.drain(..).for_each(|command| command.answer(Ok(())));
        }
        failpoint::reach_here(Point::BeforeCommit);
        if let Err(reason) = self.connection.execute_batch("COMMIT") {
            if reason.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull) && self.roll_back() {
                // The log of writes could not grow, so the commit is not in it.
                self.refuse(batch, &reason);
                return Ok(());
            }
            batch.drain(..).for_each(|command| command.answer(Err(StoreError::CommitUnknown)));
            return Err(reason);
        }
        failpoint::reach_here(Point::AfterCommit);
        self.last_sequence = written.last_sequence;
        self.recent.put(written.dossiers);
        batch.drain(..).for_each(|command| command.answer(Ok(())));
        failpoint::reach_here(Point::BeforePublish);
        if !written.events.is_empty() {
            (self.on_commit)(written.events);
        }
        written.woken.iter().for_each(|(queue, hint)| self.wakeup.tell(queue, *hint));
        Ok(())
    }

    fn roll_back(&self) -> bool {
        // Some faults end the transaction by themselves.
        self.connection.is_autocommit() || self.connection.execute_batch("ROLLBACK").is_ok()
    }

    /// Answers commands of which nothing was written.
    fn refuse(&self, batch: &mut Vec<Box<dyn Command>>, reason: &rusqlite::Error) {
        tracing::error!(%reason, commands = batch.len(), "nothing could be written");
        for command in batch.drain(..) {
            command.answer(Err(StoreError::Unavailable(reason.to_string())));
        }
    }
}

impl Drop for Cycle {
    fn drop(&mut self) {
        // The file that is left behind then needs no recovery; if it does not work, the next start does it.
        let _ = self.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
    }
}

#[cfg(test)]
#[path = "commit_model/mod.rs"]
mod commit_model;

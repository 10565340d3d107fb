//! The way to the one writer: a bounded queue of commands to a thread of its own ([`super::cycle`]).

use std::sync::Arc;
use std::thread;

use queue::{StoreError, Wakeup};
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use super::backlog::{Backlog, InFlight};
use super::cycle::Cycle;
use super::open_order_cache::OpenOrderCache;
use super::transaction::Transaction;
use crate::store::OnCommit;

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
    in_flight: Arc<InFlight>,
}

/// Where the writer's thread stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    Working,
    GivenUp,
    Ended,
}

/// A command as the thread runs it.
pub(super) trait Command: Send {
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

/// What the thread is told.
pub(super) enum Message {
    Run {
        command: Box<dyn Command>,
        asked_at: Instant,
    },
    /// Move the log of writes into the database and shorten it, when there is nothing else to do.
    Tidy,
    /// Write what was handed in before, then end.
    Close,
}

impl Writer {
    /// Starts the thread on an open connection whose log ends at `last_sequence`.
    pub(super) fn start(
        connection: Connection,
        last_sequence: u64,
        open_orders: Arc<OpenOrderCache>,
        wakeup: Wakeup,
        on_commit: OnCommit,
    ) -> std::io::Result<Self> {
        let (commands, inbox) = mpsc::channel(WAITING);
        let (life, state) = watch::channel(Life::Working);
        let in_flight = Arc::new(InFlight::new());
        let cycle = Cycle::new(connection, last_sequence, open_orders, wakeup, on_commit, in_flight.clone());
        thread::Builder::new().name("store-writer".to_owned()).spawn(move || cycle.work(inbox, &life))?;
        Ok(Self { commands, state, in_flight })
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

    /// What waits for the writer now.
    pub(super) fn backlog(&self) -> Backlog {
        self.in_flight.backlog(self.commands.max_capacity() - self.commands.capacity())
    }

    /// Shortens the log of writes, unless there is something else to do.
    pub(super) fn tidy(&self) {
        // A full queue is not idle, and a writer that has ended has tidied up.
        let _ = self.commands.try_send(Message::Tidy);
    }

    /// Waits until the writer has stopped in the middle of things: because a commit's outcome is unknown, or by a panic.
    pub(super) async fn given_up(&self) {
        let mut state = self.state.clone();
        drop(state.wait_for(|life| *life != Life::Working).await);
        if !self.has_given_up() {
            std::future::pending::<()>().await;
        }
    }

    /// Whether it has.
    pub(super) fn has_given_up(&self) -> bool {
        match *self.state.borrow() {
            Life::GivenUp => true,
            Life::Ended => false,
            // The thread says last how it ended; without that word it broke off.
            Life::Working => self.state.has_changed().is_err(),
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
pub(super) fn message<R: Send + 'static>(
    phase: Phase,
    run: impl FnMut(&mut Transaction<'_>) -> rusqlite::Result<R> + Send + 'static,
) -> (Message, oneshot::Receiver<Result<R, StoreError>>) {
    let (reply, answer) = oneshot::channel();
    let command = Box::new(Call { phase, run, result: None, reply });
    (Message::Run { command, asked_at: Instant::now() }, answer)
}

/// What is answered after the end: nothing was written.
pub(super) fn closed() -> StoreError {
    StoreError::Unavailable("the writer has ended".to_owned())
}

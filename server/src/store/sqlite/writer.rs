//! The handle to the one writer: a bounded queue of commands to a thread of its own ([`super::cycle`]).

use std::sync::Arc;
use std::thread;

use queue::{StoreError, Wakeup};
use rusqlite::Connection;
use tokio::sync::{mpsc, watch};

use super::backlog::InFlight;
use super::checkpoint::Checkpoints;
use super::command::{Message, WriterState, closed, message};
use super::cycle::Cycle;
use super::open_order_cache::OpenOrderCache;
use super::transaction::SqliteTransaction;
use crate::metrics::Metrics;
use crate::store::engine::Phase;
use crate::store::transaction::Written;
use crate::store::{Backlog, OnCommit};

/// How many commands may wait before new orders are refused.
const QUEUE_CAPACITY: usize = 8192;

/// The handle to the writer's thread.
#[derive(Debug)]
pub(super) struct Writer {
    commands: mpsc::Sender<Message>,
    state: watch::Receiver<WriterState>,
    in_flight: Arc<InFlight>,
}

impl Writer {
    /// Starts the thread on an open connection whose log ends at `last_sequence`.
    pub(super) fn start(
        connection: Connection,
        checkpoints: Checkpoints,
        last_sequence: u64,
        open_orders: Arc<OpenOrderCache>,
        wakeup: Wakeup,
        on_commit: OnCommit,
        metrics: Arc<Metrics>,
    ) -> std::io::Result<Self> {
        let (commands, inbox) = mpsc::channel(QUEUE_CAPACITY);
        let (life, state) = watch::channel(WriterState::Working);
        let in_flight = Arc::new(InFlight::new());
        let cycle = Cycle {
            connection,
            last_sequence,
            open_orders,
            wakeup,
            on_commit,
            in_flight: in_flight.clone(),
            checkpoints,
            metrics,
        };
        thread::Builder::new().name("store-writer".to_owned()).spawn(move || cycle.work(inbox, &life))?;
        Ok(Self { commands, state, in_flight })
    }

    /// Runs a command; waits for a place in the queue, because finished work must be written.
    pub(super) async fn call<R: Send + 'static>(
        &self,
        phase: Phase,
        run: impl FnMut(&mut SqliteTransaction<'_>) -> Written<R> + Send + 'static,
    ) -> Result<R, StoreError> {
        let (message, answer) = message(phase, run);
        self.commands.send(message).await.map_err(|_| closed())?;
        answer.await.unwrap_or(Err(StoreError::CommitUnknown))
    }

    /// Runs a command if there is a place in the queue, else refuses at once.
    pub(super) async fn try_call<R: Send + 'static>(
        &self,
        phase: Phase,
        run: impl FnMut(&mut SqliteTransaction<'_>) -> Written<R> + Send + 'static,
    ) -> Result<R, StoreError> {
        let (message, answer) = message(phase, run);
        self.commands.try_send(message).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => StoreError::Overloaded,
            mpsc::error::TrySendError::Closed(_) => closed(),
        })?;
        answer.await.unwrap_or(Err(StoreError::CommitUnknown))
    }

    /// Returns the backlog.
    pub(super) fn backlog(&self) -> Backlog {
        self.in_flight.backlog(self.commands.max_capacity() - self.commands.capacity())
    }

    /// Truncates the WAL, unless there is something else to do.
    pub(super) fn checkpoint(&self) {
        // Ignore a full or closed queue: a busy writer checkpoints by itself, and a finished one already has.
        let _ = self.commands.try_send(Message::Checkpoint);
    }

    /// Waits until the writer has given up: because the outcome of a commit is unknown, or by a panic.
    pub(super) async fn given_up(&self) {
        let mut state = self.state.clone();
        drop(state.wait_for(|life| *life != WriterState::Working).await);
        if !self.has_given_up() {
            std::future::pending::<()>().await;
        }
    }

    /// Whether it has given up.
    pub(super) fn has_given_up(&self) -> bool {
        match *self.state.borrow() {
            WriterState::GivenUp => true,
            WriterState::Ended => false,
            // The thread publishes its final state as its last act; a closed channel without that value means that it
            // panicked.
            WriterState::Working => self.state.has_changed().is_err(),
        }
    }

    pub(super) async fn close(&self) {
        // A writer that has already ended accepts no command, which is what the caller wants.
        let _ = self.commands.send(Message::Close).await;
        let mut state = self.state.clone();
        let _ = state.wait_for(|life| *life != WriterState::Working).await;
    }
}

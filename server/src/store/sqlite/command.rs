//! The commands that callers hand to the writer's thread, and the messages that carry them.

use queue::StoreError;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::transaction::SqliteTransaction;
use crate::store::engine::Phase;
use crate::store::transaction::Written;

/// The state of the writer's thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WriterState {
    Working,
    GivenUp,
    Ended,
}

/// A command as the thread runs it.
pub(super) trait Command: Send {
    fn phase(&self) -> Phase;
    fn run(&mut self, transaction: &mut SqliteTransaction<'_>) -> Written<()>;
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
    F: FnMut(&mut SqliteTransaction<'_>) -> Written<R> + Send,
    R: Send,
{
    fn phase(&self) -> Phase {
        self.phase
    }

    fn run(&mut self, transaction: &mut SqliteTransaction<'_>) -> Written<()> {
        self.result = Some((self.run)(transaction)?);
        Ok(())
    }

    fn answer(self: Box<Self>, outcome: Result<(), StoreError>) {
        let Self { run, result, reply, .. } = *self;
        // Borrowed data is released before the caller continues.
        drop(run);
        let answer = outcome.and_then(|()| {
            result.ok_or_else(|| StoreError::Unavailable("a command ended without a result".to_owned()))
        });
        // A caller that has left is not waited for; its command is done.
        let _ = reply.send(answer);
    }
}

/// A message to the thread.
pub(super) enum Message {
    Run {
        command: Box<dyn Command>,
        asked_at: Instant,
    },
    /// Checkpoint and truncate the WAL when there is nothing else to do.
    Checkpoint,
    /// Run the earlier commands, then end.
    Close,
}

/// Returns a command for the writer, and the receiver of its answer.
pub(super) fn message<R: Send + 'static>(
    phase: Phase,
    run: impl FnMut(&mut SqliteTransaction<'_>) -> Written<R> + Send + 'static,
) -> (Message, oneshot::Receiver<Result<R, StoreError>>) {
    let (reply, answer) = oneshot::channel();
    let command = Box::new(Call { phase, run, result: None, reply });
    (Message::Run { command, asked_at: Instant::now() }, answer)
}

/// Returns the answer after the end: nothing was written.
pub(super) fn closed() -> StoreError {
    StoreError::Unavailable("the writer has ended".to_owned())
}

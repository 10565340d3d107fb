//! The commands that callers hand to the writer's thread, and the messages that carry them.

use queue::StoreError;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::transaction::Transaction;

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

/// Where the writer's thread stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WriterState {
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

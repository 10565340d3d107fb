//! What a store offers for commands.

use queue::StoreError;

use super::transaction::{Transaction, Written};

/// The part of a cycle in which a command runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// New orders.
    Accept,
    /// Results of work, and everything else.
    Settle,
    /// Claims of work.
    Claim,
}

/// Runs commands in transactions.
pub trait Engine: Send + Sync + 'static {
    /// Returns the serial number of the next order. An unused number is left out.
    fn next_serial(&self) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Runs a command, waiting for its place: finished work must be written. The command may run more than once, and
    /// only the last time counts.
    fn write<R: Send + 'static>(
        &self,
        phase: Phase,
        run: impl FnMut(&mut dyn Transaction) -> Written<R> + Send + 'static,
    ) -> impl Future<Output = Result<R, StoreError>> + Send;

    /// Runs a command, or refuses it as `Overloaded` when too many wait.
    fn try_write<R: Send + 'static>(
        &self,
        phase: Phase,
        run: impl FnMut(&mut dyn Transaction) -> Written<R> + Send + 'static,
    ) -> impl Future<Output = Result<R, StoreError>> + Send;
}

//! What changes the store: each function is one command, run in a transaction that either commits or leaves nothing.
//!
//! The functions decide and the [`Transaction`](super::transaction::Transaction) reads and writes, so that every store
//! follows the same rules.

pub mod accept;
pub mod carrier_reports;
pub mod change;
pub mod desk;
pub mod jobs;
pub mod mails;
pub mod settle;

pub use carrier_reports::Reported;
pub use change::Changed;
pub use desk::JobAct;
pub use settle::Settled;

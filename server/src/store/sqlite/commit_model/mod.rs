//! A model of what callers are told: they send commands in every order and batch, commits fail, processes die, and a
//! caller without an answer retries with the same key.
//!
//! The model checker (stateright) chooses the steps; each cycle runs the real [`Cycle`] on a real database, which is
//! created anew. A failing commit is one that SQLite refuses at the end because of a deferred constraint. Whether it
//! reached the disk is then open, and both are explored.

mod caller;
mod disk;
mod explored;
mod state;

//! The rules of leases, fences and settlements, explored move by move.
//!
//! A model checker (stateright) stands two workers, a rescuer, a customer and an operator before one order of two steps,
//! lets them act in every possible order with crashes, stopped processes, late messages and a clock that jumps, and judges
//! every state that can be reached. What they act on is no model: each move runs the real [`MemoryStore`], which the
//! conformance suite holds together with every other store. Only the worker's side ([`queue::Worker`], whose moves are
//! futures and cannot be copied) is retold, in [`desk::Worker`].
//!
//! A checker that cannot fail proves nothing: each of [`planted::Planted`]'s faults must be found, by the property that
//! speaks of it.
//!
//! `cargo test -p queue --test model` prints how many states there are.
//!
//! [`MemoryStore`]: queue::MemoryStore

mod desk;
mod explored;
mod ledger;
mod moves;
mod planted;
mod properties;
mod recovery;

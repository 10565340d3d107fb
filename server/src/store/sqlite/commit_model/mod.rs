//! What callers may believe, explored: they hand in orders in every order and company, commits fail, processes die, and
//! whoever has no answer asks again with the same key.
//!
//! A model checker (stateright) chooses; what a cycle does is done by the real [`Cycle`] on a real database, which is made
//! anew for every move. A commit that fails is one that SQLite refuses at its very end, because of a promise to another table
//! that is not kept. Whether it is on the disk all the same is then open, and both are tried.

mod caller;
mod disk;
mod explored;
mod state;

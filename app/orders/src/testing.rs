//! Orders in every state, for the tests of this crate.

//! Who somebody is: sessions of browsers, keys of programs, tokens of single orders.
//!
//! Secrets are random, leave this room once, and are kept as hashes or not at all. Randomness comes in as bytes.

pub mod keys;
pub mod known_keys;
pub mod session;
pub mod tracking;

//! Who somebody is: sessions of browsers, keys of programs, tokens of single orders.
//!
//! Secrets are random, leave this room once, and are kept as hashes, outside of the database, or not at all. Randomness comes
//! in as bytes.

pub mod installation_secret;
pub mod keys;
pub mod known_keys;
pub mod secret_file;
pub mod session;
pub mod tracking;
pub mod webhook_signature;

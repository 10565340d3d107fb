//! Identity: sessions of browsers, keys of programs, tokens of single orders, and webhook signatures.
//!
//! Secrets are random, shown once, and stored as hashes, outside of the database, or not at all. Random bytes are
//! passed in.

pub mod installation_secret;
pub mod keys;
pub mod known_keys;
pub mod secret_file;
pub mod session;
pub mod tracking;
pub mod webhook_signature;

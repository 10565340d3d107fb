//! The reference store.

mod jobs;
mod row;
mod store;

pub use store::{MemorySnapshot, MemoryStore};

//! The measurements, one a file.

pub mod burst;
pub mod idle;
pub mod page;
pub mod queue;
pub mod rates;
pub mod stored;
pub mod watchers;

//! The operator's port, as [`accept`](crate::accept) is the shopper's: looking at the whole desk, and steering it.

mod jobs;
mod orders;
mod overview;
mod queues;
mod service;

pub use service::{BreakerStatus, Desk, ServiceStatus};

//! The operator's calls.

pub mod audit;
pub mod jobs;
mod operator;
pub mod orders;
pub mod overview;
pub mod queues;

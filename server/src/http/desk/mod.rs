//! The calls of operators.

pub mod audit;
pub mod jobs;
pub mod operator;
pub mod orders;
pub mod overview;
pub mod queues;

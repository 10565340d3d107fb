//! Overload protection: how many connections an address may hold, and whether another order is accepted.

pub mod admission;
pub mod connection_limiter;
pub mod health_monitor;

//! Overload protection: how many connections an address may hold, and whether another order is accepted; and the
//! readings of the load for the metrics.

pub mod admission;
pub mod connection_limiter;
pub mod health_monitor;
pub mod metrics_sampler;

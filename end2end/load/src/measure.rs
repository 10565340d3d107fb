//! Repeats a request on some connections and measures rate and latency.

use std::time::Duration;

use hyper::StatusCode;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::client::{ClientError, Connection, Request};

/// The result of a measurement.
pub struct Measured {
    /// Successful responses.
    pub responses: u64,
    /// Successful responses per second.
    pub per_second: f64,
    /// The median latency.
    pub p50: Duration,
    /// The 99th percentile of the latency.
    pub p99: Duration,
}

/// Why a measurement is invalid.
#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("the status was {0} instead of {1}")]
    Status(StatusCode, StatusCode),
    #[error("a client panicked: {0}")]
    Panic(#[from] tokio::task::JoinError),
}

/// Sends requests on `concurrency` connections for this long; a connection waits for each response. `request` returns
/// the request with this number.
pub async fn measure(
    address: &str,
    concurrency: usize,
    duration: Duration,
    expected: StatusCode,
    request: impl Fn(u64) -> Request + Clone + Send + 'static,
) -> Result<Measured, MeasureError> {
    let mut connections = Vec::new();
    for _ in 0..concurrency {
        connections.push(Connection::open(address).await?);
    }
    let started = Instant::now();
    let mut workers = JoinSet::new();
    for (worker, mut connection) in connections.into_iter().enumerate() {
        let request = request.clone();
        workers.spawn(async move {
            let mut latencies = Vec::new();
            let mut number = worker as u64;
            while started.elapsed() < duration {
                let next = request(number);
                number += concurrency as u64;
                let sent = Instant::now();
                let (status, _) = connection.send(&next).await?;
                latencies.push(sent.elapsed());
                if status != expected {
                    return Err(MeasureError::Status(status, expected));
                }
            }
            Ok(latencies)
        });
    }
    let mut latencies: Vec<Duration> = Vec::new();
    while let Some(joined) = workers.join_next().await {
        latencies.extend(joined??);
    }
    Ok(Measured::of(latencies, started.elapsed()))
}

impl Measured {
    /// Returns the result of responses with these latencies, all of them within `elapsed`.
    pub fn of(mut latencies: Vec<Duration>, elapsed: Duration) -> Self {
        Self {
            responses: latencies.len() as u64,
            per_second: latencies.len() as f64 / elapsed.as_secs_f64(),
            p50: quantile(&mut latencies, 0.50),
            p99: quantile(&mut latencies, 0.99),
        }
    }
}

/// Returns the quantile of the values; zero of none.
pub fn quantile(values: &mut [Duration], share: f64) -> Duration {
    values.sort_unstable();
    let index = (values.len() as f64 * share) as usize;
    values.get(index.min(values.len().saturating_sub(1))).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_the_value_below_which_that_share_lies() {
        let mut values: Vec<_> = (1..=100).rev().map(Duration::from_millis).collect();
        assert_eq!(quantile(&mut values, 0.50), Duration::from_millis(51));
        assert_eq!(quantile(&mut values, 0.99), Duration::from_millis(100));
        assert_eq!(quantile(&mut [], 0.5), Duration::ZERO);
    }
}

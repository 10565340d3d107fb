//! Repeats a request on some connections and measures rate and latency.

use std::time::Duration;

use hyper::StatusCode;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::client::{Ask, AskError, Connection};

/// The result of a measurement.
pub struct Measured {
    /// Successful answers per second.
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
    Ask(#[from] AskError),
    #[error("the answer was {0} instead of {1}")]
    Answer(StatusCode, StatusCode),
    #[error("a connection broke off: {0}")]
    Broke(#[from] tokio::task::JoinError),
}

/// Sends requests on `concurrency` connections for this long, each waiting for its answer. `ask` makes the request
/// with this number.
pub async fn measure(
    address: &str,
    concurrency: usize,
    duration: Duration,
    expected: StatusCode,
    ask: impl Fn(u64) -> Ask + Clone + Send + 'static,
) -> Result<Measured, MeasureError> {
    let mut connections = Vec::new();
    for _ in 0..concurrency {
        connections.push(Connection::open(address).await?);
    }
    let began = Instant::now();
    let mut workers = JoinSet::new();
    for (worker, mut connection) in connections.into_iter().enumerate() {
        let ask = ask.clone();
        workers.spawn(async move {
            let mut latencies = Vec::new();
            let mut number = worker as u64;
            while began.elapsed() < duration {
                let request = ask(number);
                number += concurrency as u64;
                let asked = Instant::now();
                let (status, _) = connection.ask(request).await?;
                latencies.push(asked.elapsed());
                if status != expected {
                    return Err(MeasureError::Answer(status, expected));
                }
            }
            Ok(latencies)
        });
    }
    let mut latencies: Vec<Duration> = Vec::new();
    while let Some(joined) = workers.join_next().await {
        latencies.extend(joined??);
    }
    let took = began.elapsed();
    Ok(Measured {
        per_second: latencies.len() as f64 / took.as_secs_f64(),
        p50: share(&mut latencies, 0.50),
        p99: share(&mut latencies, 0.99),
    })
}

/// Returns the quantile of the values; zero of none.
pub fn share(values: &mut [Duration], share: f64) -> Duration {
    values.sort_unstable();
    let place = (values.len() as f64 * share) as usize;
    values.get(place.min(values.len().saturating_sub(1))).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_the_value_below_which_it_lies() {
        let mut values: Vec<_> = (1..=100).rev().map(Duration::from_millis).collect();
        assert_eq!(share(&mut values, 0.50), Duration::from_millis(51));
        assert_eq!(share(&mut values, 0.99), Duration::from_millis(100));
        assert_eq!(share(&mut [], 0.5), Duration::ZERO);
    }
}

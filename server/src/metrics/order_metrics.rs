//! The metrics of orders.

use std::time::Duration;

use orders::ProblemCode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::labels::Labels;

/// In seconds: usually less than a second, and hours when a service is down.
const CONFIRMATIONS: [f64; 12] = [0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 600.0, 3_600.0, 86_400.0];

/// Orders by what became of them. All but refusals and confirmation times are counted after their commit.
#[derive(Debug)]
pub struct OrderMetrics {
    /// Committed orders.
    pub accepted: Counter,
    /// Orders that became confirmed.
    pub confirmed: Counter,
    /// Orders that became delivered.
    pub delivered: Counter,
    /// Orders that became cancelled.
    pub cancelled: Counter,
    /// In the order of [`ProblemCode::ALL`].
    refused: [Counter; ProblemCode::ALL.len()],
    confirmation: Histogram,
}

impl OrderMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let mut counter = |name: &str, help: &str| {
            let counter = Counter::default();
            registry.register(name, help, counter.clone());
            counter
        };
        let accepted = counter("orders_accepted", "Committed orders");
        let confirmed = counter("orders_confirmed", "Orders that became confirmed");
        let delivered = counter("orders_delivered", "Orders that became delivered");
        let cancelled = counter("orders_cancelled", "Orders that became cancelled");
        let refusals = Family::<Labels<1>, Counter>::default();
        let refused = std::array::from_fn(|place| {
            refusals.get_or_create_owned(&[("code", ProblemCode::ALL[place].as_str())])
        });
        registry.register("orders_refused", "Refused submissions", refusals);
        let confirmation = Histogram::new(CONFIRMATIONS);
        registry.register_with_unit(
            "order_confirmation_duration",
            "Time from acceptance to confirmation",
            Unit::Seconds,
            confirmation.clone(),
        );
        Self { accepted, confirmed, delivered, cancelled, refused, confirmation }
    }

    /// Counts a refused submission.
    pub fn refuse(&self, code: ProblemCode) {
        self.refused[code as usize].inc();
    }

    /// Records how long an order took from its acceptance to its confirmation.
    pub fn record_confirmation(&self, took: Duration) {
        self.confirmation.observe(took.as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_counts_for_its_own_code() {
        let metrics = OrderMetrics::register(&mut Registry::default());
        for (place, code) in ProblemCode::ALL.iter().enumerate() {
            metrics.refuse(*code);
            assert_eq!(metrics.refused[place].get(), 1, "{}", code.as_str());
        }
    }
}

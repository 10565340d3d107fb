//! The counters of the desk, written by the transaction that changes what they count.
//!
//! A cycle of the writer sums up its commands and writes the sums once before it commits, so counting costs a batch
//! of five hundred orders as much as one.

use crate::metrics::OrderMetrics;
use orders::{State, Timestamp};

/// The length of a span.
const SPAN_MILLIS: i64 = 5_000;
/// Two days of spans.
pub(super) const KEPT_SPANS: i64 = 2 * 24 * 60 * 60 * 1_000 / SPAN_MILLIS;

/// Returns the span of a time.
pub(in crate::store) const fn span(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(SPAN_MILLIS)
}

/// The changes of one transaction.
#[derive(Debug, Default)]
pub struct OrderStats {
    /// By how much the count of each state changes, in the order of [`State::ALL`].
    pub(super) states: [i64; State::ALL.len()],
    /// Spans with the orders that were accepted, confirmed and finished in them; nearly always one.
    pub(super) spans: Vec<(i64, [u32; 3])>,
}

impl OrderStats {
    /// Counts a change of state, or a new order when there was none before.
    pub fn count(&mut self, before: Option<State>, after: State, at: Timestamp) {
        if before == Some(after) {
            return;
        }
        self.states[after as usize] += 1;
        if let Some(before) = before {
            self.states[before as usize] -= 1;
        } else {
            self.tally(at, 0);
        }
        match after {
            State::Confirmed => self.tally(at, 1),
            State::Delivered | State::Cancelled => self.tally(at, 2),
            _ => {}
        }
    }

    /// Returns by how much the count of each state changes; nothing when none does.
    pub(super) fn state_changes(&self) -> Vec<(State, i64)> {
        if self.states.iter().all(|change| *change == 0) {
            return Vec::new();
        }
        State::ALL.map(|state| (state, self.states[state as usize])).to_vec()
    }

    fn tally(&mut self, at: Timestamp, which: usize) {
        let span = span(at);
        let known = self.spans.iter().position(|(known, _)| *known == span);
        let place = known.unwrap_or_else(|| {
            self.spans.push((span, [0; 3]));
            self.spans.len() - 1
        });
        self.spans[place].1[which] += 1;
    }

    /// Adds the changes to the metrics, once they are committed.
    pub(super) fn export(&self, metrics: &OrderMetrics) {
        let sum = |which: usize| self.spans.iter().map(|(_, counts)| u64::from(counts[which])).sum();
        metrics.accepted.inc_by(sum(0));
        metrics.confirmed.inc_by(sum(1));
        // No order leaves these two, so the change of their count is the number of orders that reached them.
        let reached = |state: State| u64::try_from(self.states[state as usize]).unwrap_or(0);
        metrics.delivered.inc_by(reached(State::Delivered));
        metrics.cancelled.inc_by(reached(State::Cancelled));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_states_are_counted_in_the_order_in_which_they_are_listed() {
        for (place, state) in State::ALL.into_iter().enumerate() {
            assert_eq!(state as usize, place);
        }
    }

    #[test]
    fn an_unchanged_state_is_not_counted() {
        let mut stats = OrderStats::default();
        stats.count(Some(State::Processing), State::Processing, Timestamp::from_millis(0));
        assert!(stats.spans.is_empty() && stats.states == [0; 9]);
    }

    #[test]
    fn each_order_moves_the_metric_of_the_state_that_it_reaches() {
        let at = Timestamp::from_millis(0);
        let mut stats = OrderStats::default();
        for state in [State::Processing, State::Confirmed, State::Shipped, State::Delivered] {
            stats.count(None, State::Received, at);
            stats.count(Some(State::Received), state, at);
        }
        stats.count(Some(State::Cancelling), State::Cancelled, Timestamp::from_millis(SPAN_MILLIS));
        let metrics = crate::metrics::Metrics::default();
        stats.export(&metrics.orders);
        let orders = &metrics.orders;
        assert_eq!((orders.accepted.get(), orders.confirmed.get()), (4, 1));
        assert_eq!((orders.delivered.get(), orders.cancelled.get()), (1, 1));
    }
}

//! The state of one watcher: the orders that result from its events.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use orders::{Applied, Event, EventType, Order, OrderId, Timestamp};
use tokio::time::Instant;

/// The state of a watcher.
#[derive(Debug, Clone)]
pub struct WatcherState {
    /// Transport and topic.
    pub name: String,
    /// The orders after the events so far.
    pub orders: BTreeMap<OrderId, Order>,
    /// Events of orders whose first answer is not known yet.
    pub pending: BTreeMap<OrderId, Vec<Event>>,
    /// Violations in the sequence of its events, each a sentence.
    pub faults: Vec<String>,
    /// The sequence up to which it has received all events.
    pub cursor: u64,
    /// How often it connected.
    pub connections: u64,
    /// How often it was too slow, and resumed from its cursor.
    pub resyncs: u64,
    /// How many events it received.
    pub received: u64,
    /// Whether the server has ended the stream because no event will follow.
    pub has_ended: bool,
    versions: BTreeMap<OrderId, u32>,
    snapshots: BTreeSet<OrderId>,
    /// The events about steps: their time on the server's clock, and when they were received.
    steps: Vec<(Timestamp, Instant)>,
    sequence: u64,
}

impl WatcherState {
    /// Returns a watcher without events.
    pub fn new(name: String) -> Self {
        Self {
            name,
            orders: BTreeMap::new(),
            pending: BTreeMap::new(),
            faults: Vec::new(),
            cursor: 0,
            connections: 0,
            resyncs: 0,
            received: 0,
            has_ended: false,
            versions: BTreeMap::new(),
            snapshots: BTreeSet::new(),
            steps: Vec::new(),
            sequence: 0,
        }
    }

    /// Returns the cursor to resume from, if it has received an event.
    pub fn resume_from(&self) -> Option<u64> {
        (self.cursor > 0).then_some(self.cursor)
    }

    /// Records a fault.
    pub fn add_fault(&mut self, description: String) {
        self.faults.push(description);
    }

    /// Returns when it first received a step event of at least `time`, on the server's clock.
    pub fn first_step_after(&self, time: Timestamp) -> Option<Instant> {
        let since = self.steps.iter().rev().take_while(|(at, _)| *at >= time);
        since.last().map(|(_, received_at)| *received_at)
    }

    /// Adds an event. `first_answer` returns an order as it was first answered.
    pub fn add_event(
        &mut self,
        event: Event,
        resumable: bool,
        received_at: Instant,
        first_answer: impl Fn(OrderId) -> Option<Order>,
    ) {
        self.received += 1;
        let Ok(sequence) = event.sequence.parse::<u64>() else {
            return self.add_fault(format!("{} has the sequence {:?}", event.id, event.sequence));
        };
        let id = event.subject;
        let is_snapshot = event.kind == EventType::Snapshot;
        if !is_snapshot {
            self.check_sequence(&event, sequence);
        }
        self.versions.insert(id, event.data.version);
        if event.data.step.is_some() {
            self.steps.push((event.time, received_at));
        }
        self.sequence = self.sequence.max(sequence);
        if resumable {
            self.cursor = self.cursor.max(sequence);
        }
        if is_snapshot && let Some(order) = &event.data.order {
            self.snapshots.insert(id);
            self.pending.remove(&id);
            self.orders.insert(id, (**order).clone());
            return;
        }
        self.pending.entry(id).or_default().push(event);
        self.fold(id, first_answer);
    }

    /// Applies the pending events of an order, if its first answer is known by now.
    pub fn fold(&mut self, id: OrderId, first_answer: impl Fn(OrderId) -> Option<Order>) {
        let order = match self.orders.entry(id) {
            Entry::Occupied(held) => held.into_mut(),
            Entry::Vacant(slot) => match first_answer(id) {
                Some(order) => slot.insert(order),
                None => return,
            },
        };
        for event in self.pending.remove(&id).unwrap_or_default() {
            if order.apply(&event) == Applied::Gap {
                self.faults
                    .push(format!("{id} cannot go from v{} to v{}", order.version, event.data.version));
            }
        }
    }

    /// Checks that sequences increase, and that the versions of an order increase by one.
    fn check_sequence(&mut self, event: &Event, sequence: u64) {
        if sequence <= self.sequence {
            self.faults.push(format!("{} has sequence {sequence} after {}", event.id, self.sequence));
        }
        let before = self.versions.get(&event.subject).copied();
        let next = event.data.version;
        let missed_first = before.is_none() && next != 1 && !self.snapshots.contains(&event.subject);
        if missed_first || before.is_some_and(|before| next != before + 1) {
            self.faults.push(format!("{} came after v{}", event.id, before.unwrap_or_default()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checker::fixtures;

    fn add_event(watcher: &mut WatcherState, sequence: u64, mut event: Event) {
        event.sequence = format!("{sequence:020}");
        watcher.add_event(event, true, Instant::now(), |_| Some(fixtures::order(1)));
    }

    #[test]
    fn events_applied_in_order_give_what_get_returns() {
        let (order, events) = fixtures::confirmed(1);
        let mut watcher = WatcherState::new("a".to_owned());
        for (index, event) in events.into_iter().enumerate() {
            add_event(&mut watcher, index as u64 + 10, event);
        }
        assert_eq!(watcher.faults, Vec::<String>::new());
        assert_eq!(watcher.orders[&order.id], order);
        assert!(watcher.cursor > 10 && watcher.pending.is_empty());
    }

    #[test]
    fn missing_repeated_and_late_events_are_faults() {
        let (_, events) = fixtures::confirmed(1);
        let mut missing = WatcherState::new("a".to_owned());
        add_event(&mut missing, 1, events[0].clone());
        add_event(&mut missing, 3, events[2].clone());
        assert!(missing.faults.iter().any(|fault| fault.contains("came after v1")), "{:?}", missing.faults);
        let mut repeated = WatcherState::new("b".to_owned());
        add_event(&mut repeated, 1, events[0].clone());
        add_event(&mut repeated, 1, events[0].clone());
        assert_eq!(repeated.faults.len(), 2);
        let mut late = WatcherState::new("c".to_owned());
        add_event(&mut late, 5, events[1].clone());
        assert_eq!(late.faults.len(), 1, "the first version was never received");
    }

    #[test]
    fn events_are_kept_until_the_first_answer_for_their_order_is_known() {
        let (order, events) = fixtures::confirmed(1);
        let mut watcher = WatcherState::new("a".to_owned());
        for (index, mut event) in events.into_iter().enumerate() {
            event.sequence = (index + 1).to_string();
            watcher.add_event(event, true, Instant::now(), |_| None);
        }
        assert!(watcher.orders.is_empty());
        watcher.fold(order.id, |_| Some(fixtures::order(1)));
        assert_eq!(watcher.orders[&order.id], order);
    }
}

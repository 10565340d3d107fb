//! What one watcher holds after applying its events.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use orders::{Applied, Event, EventType, Order, OrderId, Timestamp};
use tokio::time::Instant;

/// What a watcher holds.
#[derive(Debug, Clone)]
pub struct WatcherState {
    /// Its name.
    pub name: String,
    /// The orders as it holds them.
    pub orders: BTreeMap<OrderId, Order>,
    /// Events of orders whose first version it does not know yet.
    pub pending: BTreeMap<OrderId, Vec<Event>>,
    /// What must never happen to a watcher.
    pub faults: Vec<String>,
    /// The position up to which it has received everything.
    pub cursor: u64,
    /// How often it connected.
    pub connections: u64,
    /// How often it was too slow and went back to the log.
    pub resyncs: u64,
    /// How many events it received.
    pub heard: u64,
    /// Whether the stream has ended.
    pub has_ended_stream: bool,
    versions: BTreeMap<OrderId, u32>,
    snapshots: BTreeSet<OrderId>,
    work: Vec<(Timestamp, Instant)>,
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
            heard: 0,
            has_ended_stream: false,
            versions: BTreeMap::new(),
            snapshots: BTreeSet::new(),
            work: Vec::new(),
            sequence: 0,
        }
    }

    /// Returns the cursor to resume from; none before the first event.
    pub fn resume_from(&self) -> Option<u64> {
        (self.cursor > 0).then_some(self.cursor)
    }

    /// Records a fault.
    pub fn fault(&mut self, what: String) {
        self.faults.push(what);
    }

    /// Returns when it first received work that started after `time` of the server's clock.
    pub fn first_work_after(&self, time: Timestamp) -> Option<Instant> {
        let since = self.work.iter().rev().take_while(|(at, _)| *at >= time);
        since.last().map(|(_, heard)| *heard)
    }

    /// Adds an event. `known` returns the first version of an order that it has not seen.
    pub fn hear(
        &mut self,
        event: Event,
        resumable: bool,
        at: Instant,
        known: impl Fn(OrderId) -> Option<Order>,
    ) {
        self.heard += 1;
        let Ok(sequence) = event.sequence.parse::<u64>() else {
            return self.fault(format!("{} has the sequence {:?}", event.id, event.sequence));
        };
        let id = event.subject;
        let is_snapshot = event.kind == EventType::Snapshot;
        if !is_snapshot {
            self.check_order(&event, sequence);
        }
        self.versions.insert(id, event.data.version);
        if event.data.step.is_some() {
            self.work.push((event.time, at));
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
        self.fold(id, known);
    }

    /// Applies the pending events of an order, if its first version is known by now.
    pub fn fold(&mut self, id: OrderId, known: impl Fn(OrderId) -> Option<Order>) {
        let order = match self.orders.entry(id) {
            Entry::Occupied(held) => held.into_mut(),
            Entry::Vacant(slot) => match known(id) {
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

    /// Sequences increase, and the versions of an order increase by one.
    fn check_order(&mut self, event: &Event, sequence: u64) {
        if sequence <= self.sequence {
            self.faults.push(format!("{} came with {sequence} after {}", event.id, self.sequence));
        }
        let before = self.versions.get(&event.subject).copied();
        let next = event.data.version;
        let first_heard = before.is_none() && next != 1 && !self.snapshots.contains(&event.subject);
        if first_heard || before.is_some_and(|before| next != before + 1) {
            self.faults.push(format!("{} came after v{}", event.id, before.unwrap_or_default()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checker::fixtures;

    fn hear(watcher_state: &mut WatcherState, sequence: u64, mut event: Event) {
        event.sequence = format!("{sequence:020}");
        watcher_state.hear(event, true, Instant::now(), |_| Some(fixtures::order(1)));
    }

    #[test]
    fn events_applied_in_order_give_what_get_returns() {
        let (order, events) = fixtures::confirmed(1);
        let mut watcher_state = WatcherState::new("a".to_owned());
        for (index, event) in events.into_iter().enumerate() {
            hear(&mut watcher_state, index as u64 + 10, event);
        }
        assert_eq!(watcher_state.faults, Vec::<String>::new());
        assert_eq!(watcher_state.orders[&order.id], order);
        assert!(watcher_state.cursor > 10 && watcher_state.pending.is_empty());
    }

    #[test]
    fn missing_repeated_and_late_events_are_faults() {
        let (_, events) = fixtures::confirmed(1);
        let mut missing = WatcherState::new("a".to_owned());
        hear(&mut missing, 1, events[0].clone());
        hear(&mut missing, 3, events[2].clone());
        assert!(missing.faults.iter().any(|fault| fault.contains("came after v1")), "{:?}", missing.faults);
        let mut repeated = WatcherState::new("b".to_owned());
        hear(&mut repeated, 1, events[0].clone());
        hear(&mut repeated, 1, events[0].clone());
        assert_eq!(repeated.faults.len(), 2);
        let mut late = WatcherState::new("c".to_owned());
        hear(&mut late, 5, events[1].clone());
        assert_eq!(late.faults.len(), 1, "the first version was never heard");
    }

    #[test]
    fn events_are_held_until_the_first_state_of_their_order_is_known() {
        let (order, events) = fixtures::confirmed(1);
        let mut watcher_state = WatcherState::new("a".to_owned());
        for (index, mut event) in events.into_iter().enumerate() {
            event.sequence = (index + 1).to_string();
            watcher_state.hear(event, true, Instant::now(), |_| None);
        }
        assert!(watcher_state.orders.is_empty());
        watcher_state.fold(order.id, |_| Some(fixtures::order(1)));
        assert_eq!(watcher_state.orders[&order.id], order);
    }
}

//! The orders that this tab knows, each in a signal of its own.

use std::collections::HashMap;

use leptos::prelude::*;
use orders::{Applied, Event, Group, Order, OrderId, State, Timestamp};

use super::notify;
use super::tab_connection::token_of;
use crate::cart::CartItem;
use crate::outcome::Refused;

/// A cursor after every position of the log.
const END_OF_LOG: &str = "~";

/// The orders that this tab knows, the cart, and the state of the connection.
#[derive(Clone, Copy)]
pub struct Live {
    orders: StoredValue<HashMap<OrderId, ArcRwSignal<Order>>>,
    /// The viewer's orders, newest first.
    mine: RwSignal<Vec<OrderId>>,
    /// The position in the log up to which every part of the page is current.
    cursor: RwSignal<String>,
    /// The cart after a change by this tab; none before.
    cart: RwSignal<Option<Vec<CartItem>>>,
    /// Why a small form of the page was last refused.
    refused: RwSignal<Option<Refused>>,
    announcement: RwSignal<String>,
    /// When the connection was last good, in milliseconds since the epoch, while it is lost.
    lost_since: RwSignal<Option<i64>>,
    /// The state of the order that the page is about.
    in_focus: RwSignal<Option<State>>,
    /// The time when an order last became overdue.
    now: RwSignal<Timestamp>,
}

/// The result of applying an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventOutcome {
    /// The event is applied, or was already.
    Known,
    /// The order has to be fetched: it is unknown, or earlier events are missing.
    Missing(OrderId),
}

impl Live {
    /// Creates the store for one island on the server, or for the tab.
    pub fn provide(now: Timestamp) -> Self {
        let live = Self {
            orders: StoredValue::new(HashMap::new()),
            mine: RwSignal::new(Vec::new()),
            cursor: RwSignal::new(END_OF_LOG.to_owned()),
            cart: RwSignal::new(None),
            refused: RwSignal::new(None),
            announcement: RwSignal::new(String::new()),
            lost_since: RwSignal::new(None),
            in_focus: RwSignal::new(None),
            now: RwSignal::new(now),
        };
        provide_context(live);
        live
    }

    pub fn expect() -> Self {
        expect_context()
    }

    /// Returns the cart, if this tab changed it.
    pub fn cart(&self) -> Option<Vec<CartItem>> {
        self.cart.get()
    }

    pub fn set_cart(&self, items: Vec<CartItem>) {
        self.cart.set(Some(items));
    }

    /// Returns why a small form of the page was last refused.
    pub fn refused(&self) -> RwSignal<Option<Refused>> {
        self.refused
    }

    pub fn order(&self, id: OrderId) -> Option<ArcRwSignal<Order>> {
        self.orders.try_with_value(|orders| orders.get(&id).cloned()).flatten()
    }

    /// Inserts an order at some version; a newer known version is kept.
    pub fn put(&self, order: Order) -> ArcRwSignal<Order> {
        if let Some(known) = self.order(order.id) {
            if known.with_untracked(|known| known.version < order.version) {
                self.announce_change(&known.get_untracked(), &order);
                known.set(order);
            }
            return known;
        }
        let id = order.id;
        let signal = ArcRwSignal::new(order);
        self.orders.try_update_value(|orders| orders.insert(id, signal.clone()));
        signal
    }

    /// Inserts an order of the viewer.
    pub fn put_mine(&self, order: Order) {
        let id = order.id;
        self.put(order);
        if self.mine.try_with_untracked(|mine| !mine.contains(&id)) == Some(true) {
            // Ids ascend in time, so newest first is descending.
            self.mine.try_update(|mine| mine.insert(mine.partition_point(|known| *known > id), id));
        }
    }

    /// Inserts an order that this tab may see, the viewer's or not.
    pub fn insert(&self, order: Order) {
        if self.is_tracked(order.id) {
            self.put(order);
        } else {
            self.put_mine(order);
        }
    }

    /// Inserts the viewer's orders of a rendered page.
    pub fn seed(&self, orders: Vec<Order>) {
        for order in orders {
            self.put_mine(order);
        }
    }

    pub fn apply_event(&self, event: Event) -> EventOutcome {
        let id = event.subject;
        if let Some(order) = event.data.order {
            self.insert(*order);
            return EventOutcome::Known;
        }
        let Some(signal) = self.order(id) else { return EventOutcome::Missing(id) };
        let before = signal.get_untracked();
        let mut after = before.clone();
        match after.apply(&event) {
            Applied::Known => EventOutcome::Known,
            Applied::Gap => EventOutcome::Missing(id),
            Applied::Changed => {
                self.announce_change(&before, &after);
                signal.set(after);
                EventOutcome::Known
            }
        }
    }

    /// Returns the viewer's open orders: those that need the customer, then the others, each newest first.
    pub fn open(&self) -> Vec<OrderId> {
        let mine = self.mine.get();
        let mut open = Vec::new();
        for group in [Group::NeedsYou, Group::InProgress] {
            for id in &mine {
                if self.group(*id) == Some(group) {
                    open.push(*id);
                }
            }
        }
        open
    }

    fn group(&self, id: OrderId) -> Option<Group> {
        Some(self.order(id)?.with(|order| Group::of(order.state)))
    }

    /// Returns a known order as it is to be shown at this time.
    pub fn current(&self, id: OrderId) -> Option<Order> {
        Some(self.order(id)?.with(|order| order.seen_at(self.now()).into_owned()))
    }

    /// Returns a time late enough to tell which orders are overdue. It changes only when another order becomes
    /// overdue.
    pub fn now(&self) -> Timestamp {
        self.now.get()
    }

    /// Updates the time.
    pub fn set_now(&self, now: Timestamp) {
        let Some(before) = self.now.try_get_untracked() else { return };
        let becomes_late = |order: &ArcRwSignal<Order>| {
            order.with_untracked(|order| order.is_overdue(now) && !order.is_overdue(before))
        };
        if self.orders.try_with_value(|orders| orders.values().any(becomes_late)) == Some(true) {
            self.now.set(now);
        }
    }

    /// Returns the viewer's orders, newest first.
    pub fn mine(&self) -> Vec<OrderId> {
        self.mine.get()
    }

    /// Depends on the list of the viewer's orders.
    pub fn track_own_orders(&self) {
        self.mine.track();
    }

    /// Records that a part of the page is current up to this cursor, which is empty if unknown. Only later events are
    /// needed.
    pub fn begin_after(&self, cursor: String) {
        if cursor < self.cursor.get_untracked() {
            self.cursor.set(cursor);
        }
    }

    /// Returns the cursor up to which every part of the page is current; empty if that of one part is unknown.
    pub fn cursor(&self) -> String {
        let cursor = self.cursor.get_untracked();
        if cursor == END_OF_LOG { String::new() } else { cursor }
    }

    /// Returns the text of the live region.
    pub fn announcement(&self) -> String {
        self.announcement.get()
    }

    /// Announces a text in the live region.
    pub fn announce(&self, mut words: String) {
        // A repeated text is only announced when it differs.
        if self.announcement.try_with_untracked(|announcement| *announcement == words) == Some(true) {
            words.push('\u{a0}');
        }
        let _ = self.announcement.try_set(words);
    }

    /// Returns when the connection was last good, while it is lost.
    pub fn lost_since(&self) -> Option<i64> {
        self.lost_since.get()
    }

    /// Sets whether and since when the connection is lost.
    pub fn set_lost(&self, since: Option<i64>) {
        if self.lost_since.try_get_untracked() != Some(since) {
            let _ = self.lost_since.try_set(since);
        }
    }

    /// Sets the state of the order that the page is about.
    pub fn set_in_focus(&self, state: State) {
        self.in_focus.set(Some(state));
    }

    /// Returns the favicon: whether the order of the page, or any order, needs the customer or is finished.
    pub fn icon(&self) -> &'static str {
        let needs_you = |id: &OrderId| self.group(*id) == Some(Group::NeedsYou);
        match self.in_focus.get() {
            Some(State::ActionRequired) => "/favicon-needs-you.svg",
            Some(State::Confirmed | State::Shipped | State::Delivered) => "/favicon-done.svg",
            Some(_) => "/favicon.svg",
            None if self.mine.get().iter().any(needs_you) => "/favicon-needs-you.svg",
            None => "/favicon.svg",
        }
    }

    /// Announces a change of the state, but not a retry.
    fn announce_change(&self, before: &Order, after: &Order) {
        if (before.state, before.delayed) != (after.state, after.delayed) {
            let announcement = format!("Order {}: {}.", after.number, after.message.heading);
            notify::show(after.id, &announcement);
            self.announce(announcement);
        }
    }

    /// Whether the tab follows it by its private link and it is not the viewer's.
    fn is_tracked(&self, id: OrderId) -> bool {
        let mine = self.mine.try_with_untracked(|mine| mine.contains(&id)).unwrap_or(false);
        !mine && token_of(id).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{order, received};

    fn live() -> (Owner, Live) {
        let owner = Owner::new();
        let live = owner.with(|| Live::provide(Timestamp::from_millis(0)));
        (owner, live)
    }

    #[test]
    fn events_are_applied_and_a_gap_is_detected() {
        let (_owner, live) = live();
        let (mut order, event) = received(1);
        let moment = orders::CommandContext { at: order.created_at, public_url: "" };
        let id = order.id;
        assert_eq!(live.apply_event(event), EventOutcome::Missing(id), "an unknown order");
        live.put_mine(order.clone());
        let first = order.start_step(orders::StepName::ReserveStock, moment);
        let second = order.cancel(orders::Reason::Customer, moment);
        let (Ok(first), Ok(Some(second))) = (first, second) else { panic!("both are allowed") };
        assert_eq!(live.apply_event(second.clone()), EventOutcome::Missing(id), "one is missing in between");
        assert_eq!(live.apply_event(first), EventOutcome::Known);
        assert_eq!(live.apply_event(second), EventOutcome::Known);
        assert_eq!(live.order(id).map(|known| known.get_untracked()), Some(order));
    }

    #[test]
    fn an_older_version_does_not_replace_a_newer_one() {
        let (_owner, live) = live();
        let old = order();
        let mut new = old.clone();
        new.version += 1;
        live.put(new.clone());
        assert_eq!(live.put(old).get_untracked().version, new.version);
    }

    #[test]
    fn orders_are_sorted_newest_first() {
        let (_owner, live) = live();
        let [a, b, c] = [1, 2, 3].map(|n| received(n).0);
        let newest_first = vec![c.id, b.id, a.id];
        live.seed(vec![b.clone(), a, c]);
        live.put_mine(b);
        assert_eq!(live.mine(), newest_first);
    }

    #[test]
    fn the_cursor_of_a_page_is_the_earliest_of_its_parts() {
        let (_owner, live) = live();
        assert_eq!(live.cursor(), "");
        for (cursor, first) in [("007", "007"), ("009", "007"), ("006", "006"), ("", ""), ("008", "")] {
            live.begin_after(cursor.to_owned());
            assert_eq!(live.cursor(), first);
        }
    }

    #[test]
    fn open_orders_that_need_the_customer_come_first() {
        let (_owner, live) = live();
        let [mut a, b, mut c] = [1, 2, 3].map(|n| received(n).0);
        (a.state, c.state) = (State::ActionRequired, State::Confirmed);
        let mut d = received(4).0;
        d.state = State::InReview;
        let wanted = vec![a.id, d.id, b.id];
        live.seed(vec![a, b, c, d]);
        assert_eq!(live.open(), wanted);
    }

    #[test]
    fn the_time_changes_only_when_another_order_becomes_overdue() {
        let (_owner, live) = live();
        let at = Timestamp::from_millis;
        let mut order = order();
        order.expected_by = Some(orders::ExpectedBy { usual: at(10), late: at(20) });
        let id = order.id;
        live.put_mine(order);
        live.set_now(at(20));
        assert_eq!(live.now.get_untracked(), at(0));
        live.set_now(at(21));
        assert_eq!(live.now.get_untracked(), at(21));
        assert!(live.current(id).is_some_and(|order| order.delayed));
        live.set_now(at(22));
        assert_eq!(live.now.get_untracked(), at(21), "nothing more is late");
    }

    #[test]
    fn only_a_change_of_state_is_announced() {
        let (_owner, live) = live();
        let first = order();
        live.put_mine(first.clone());
        let mut retried = first.clone();
        retried.version += 1;
        live.put(retried.clone());
        assert_eq!(live.announcement(), "");
        retried.version += 1;
        retried.delayed = true;
        live.put(retried);
        assert!(live.announcement().starts_with(&format!("Order {}: ", first.number)));
    }
}

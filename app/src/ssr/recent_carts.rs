//! Recent changes of carts, so that none is lost when the requests of a browser cross.
//!
//! The cart is a cookie: each request that changes it sends the browser's cart and answers with the changed one. Two
//! concurrent requests send the same cart, so the last answer would undo the other change. With JavaScript the
//! requests are sent one after the other (`live::cart_queue`); without it they cross. So the server remembers the
//! changes of the last minute, serialises the changes of one session, and applies each to the cart that the sent one
//! has become. The changes are kept in memory only; in another server process a change applies to the cookie.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use orders::{Owner, Timestamp};
use tokio::sync::OwnedMutexGuard;

const MAX_AGE_MS: i64 = 60_000;
const MAX_CHANGES: usize = 32;
/// Above this many sessions, those with old changes are dropped.
const MAX_SESSIONS: usize = 4_096;

/// The recent changes of each session.
#[derive(Default)]
pub struct RecentCarts {
    sessions: Mutex<HashMap<Owner, Arc<tokio::sync::Mutex<Changes>>>>,
}

/// The changes of one session, oldest first. Only the holder of its lock changes the cart.
#[derive(Default)]
pub struct Changes(VecDeque<Change>);

struct Change {
    at: Timestamp,
    /// The cart before the change, as in its cookie; empty when there was none.
    from: String,
    /// The cart after the change.
    to: String,
}

impl RecentCarts {
    /// Returns the changes of this session, once no other request changes its cart.
    pub async fn of(&self, session: Owner, now: Timestamp) -> OwnedMutexGuard<Changes> {
        let changes = {
            let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
            if sessions.len() >= MAX_SESSIONS && sessions.len().is_power_of_two() {
                sessions.retain(|_, changes| {
                    changes
                        .try_lock()
                        .map_or(true, |changes| changes.0.back().is_some_and(|last| last.is_recent(now)))
                });
            }
            sessions.entry(session).or_default().clone()
        };
        changes.lock_owned().await
    }
}

impl Changes {
    /// Returns what the cart of a request has become.
    pub fn current(&mut self, cookie: &str, now: Timestamp) -> String {
        self.0.retain(|change| change.is_recent(now));
        let known = self.0.iter().rposition(|change| change.to == cookie).map(|at| at + 1);
        let first = known.or_else(|| self.0.iter().position(|change| change.from == cookie));
        let mut cart = cookie;
        for change in self.0.iter().skip(first.unwrap_or(self.0.len())) {
            if change.from == cart {
                cart = &change.to;
            }
        }
        cart.to_owned()
    }

    pub fn record(&mut self, from: &str, to: &str, now: Timestamp) {
        if from != to {
            self.0.push_back(Change { at: now, from: from.to_owned(), to: to.to_owned() });
            if self.0.len() > MAX_CHANGES {
                self.0.pop_front();
            }
        }
    }
}

impl Change {
    fn is_recent(&self, now: Timestamp) -> bool {
        now.as_millis() - self.at.as_millis() < MAX_AGE_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    fn changes(list: &[(&str, &str)]) -> Changes {
        let mut changes = Changes::default();
        for (from, to) in list {
            changes.record(from, to, NOW);
        }
        changes
    }

    #[test]
    fn a_request_that_crossed_others_continues_from_their_result() {
        let mut crossed = changes(&[("", "a"), ("a", "ab"), ("ab", "abc")]);
        for cookie in ["", "a", "ab", "abc"] {
            assert_eq!(crossed.current(cookie, NOW), "abc", "{cookie}");
        }
    }

    #[test]
    fn an_unchanged_cart_stays_the_same() {
        assert_eq!(Changes::default().current("a", NOW), "a");
        assert_eq!(changes(&[("b", "bc")]).current("a", NOW), "a");
    }

    #[test]
    fn a_cart_that_was_changed_back_is_not_changed_again() {
        let mut back = changes(&[("a", "ab"), ("ab", "a")]);
        assert_eq!(back.current("a", NOW), "a");
        assert_eq!(back.current("ab", NOW), "a");
    }

    #[test]
    fn changes_are_forgotten_after_a_minute() {
        let later = Timestamp::from_millis(NOW.as_millis() + MAX_AGE_MS);
        assert_eq!(changes(&[("a", "ab")]).current("a", later), "a");
    }

    #[tokio::test]
    async fn changes_of_one_session_are_made_one_after_the_other() {
        let carts = RecentCarts::default();
        let (ada, eve) = (Owner([1; 16]), Owner([2; 16]));
        let mut first = carts.of(ada, NOW).await;
        let second = carts.of(ada, NOW);
        tokio::pin!(second);
        assert!(futures::poll!(second.as_mut()).is_pending(), "another request changes this cart");
        drop(carts.of(eve, NOW).await);
        first.record("", "a", NOW);
        drop(first);
        assert_eq!(second.await.current("", NOW), "a");
    }

    #[tokio::test]
    async fn sessions_whose_changes_are_old_are_forgotten() {
        let carts = RecentCarts::default();
        for n in 0..=MAX_SESSIONS as u128 {
            carts.of(Owner(n.to_be_bytes()), NOW).await.record("", "a", NOW);
        }
        let later = Timestamp::from_millis(NOW.as_millis() + MAX_AGE_MS);
        for n in MAX_SESSIONS as u128..2 * MAX_SESSIONS as u128 {
            drop(carts.of(Owner(n.to_be_bytes()), later).await);
        }
        drop(carts.of(Owner([255; 16]), later).await);
        assert!(carts.sessions.lock().unwrap().len() <= 2);
    }
}

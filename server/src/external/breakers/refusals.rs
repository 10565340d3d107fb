//! Whether a refusal is about every call to a service or about one order.
//!
//! A wrong key is about every call. What else is refused (400, 404 and the like) tells by its answer alone neither: a wrong
//! address of the service refuses every order, a field that the service does not take refuses one. So the calls before
//! decide: while the service takes the calls of other orders, a refusal is the order's own; when it comes right after
//! another order's refusal, or the service has taken no call since the start, it is about the service. An order that was
//! refused for its own sake says nothing about the service when it is refused again.

use std::collections::HashSet;

use orders::OrderId;
use queue::Timestamp;

use crate::external::gateways::{Refusal, RefusalScope};

/// What a refusal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Every call to the service.
    AllCalls,
    /// This order alone.
    ThisOrder,
}

/// A service refuses all our calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Since when.
    pub since: Timestamp,
    /// How it refused the first of them.
    pub refusal: Refusal,
}

/// What a refusal is about, and whether that is news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judged {
    NewForService,
    KnownForService,
    NewForOrder,
    KnownForOrder,
}

/// The refusals of one service.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    /// The last call of an order that is not in `alone` was taken.
    takes_calls: bool,
    all_calls: Option<Known>,
    /// Orders that were refused for their own sake.
    alone: HashSet<OrderId>,
}

/// So many orders are remembered. Should there be more, each of them is told of once more.
const MOST_ALONE: usize = 1_000;

impl Refusals {
    pub(super) fn judge(&mut self, order: OrderId, refusal: &Refusal, now: Timestamp) -> Judged {
        if refusal.scope == RefusalScope::ThisCall {
            if self.alone.contains(&order) {
                return Judged::KnownForOrder;
            }
            if self.takes_calls && self.all_calls.is_none() {
                self.takes_calls = false;
                if self.alone.len() >= MOST_ALONE {
                    self.alone.clear();
                }
                self.alone.insert(order);
                return Judged::NewForOrder;
            }
        }
        self.takes_calls = false;
        if self.all_calls.is_some() {
            return Judged::KnownForService;
        }
        self.all_calls = Some(Known { since: now, refusal: refusal.clone() });
        Judged::NewForService
    }

    /// The call of an order was taken.
    pub(super) fn took(&mut self, order: OrderId) {
        self.takes_calls = true;
        self.alone.remove(&order);
    }

    /// The service takes calls again: how it refused them before, if it did.
    pub(super) fn end(&mut self) -> Option<Known> {
        self.all_calls.take()
    }

    pub(super) fn all_calls(&self) -> Option<Known> {
        self.all_calls.clone()
    }
}

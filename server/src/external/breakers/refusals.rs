//! Decides whether a refusal concerns every call to a service or one order.
//!
//! A wrong key concerns every call. Other refusals (400, 404 and the like) do not say: a wrong base address refuses
//! every order, an unsupported field refuses one. Earlier calls decide: while the service accepts the calls of other
//! orders, the refusal concerns the order; when it follows directly on another order's refusal, or the service has
//! accepted no call since the start, it concerns the service. A repeated refusal of the same order says nothing about
//! the service.

use std::collections::HashSet;

use orders::OrderId;
use queue::Timestamp;

use crate::external::gateways::{Refusal, RefusalScope};

/// What a refusal concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Every call to the service.
    AllCalls,
    /// Only this order.
    ThisOrder,
}

/// A service that refuses all our calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceRefusing {
    /// Since when.
    pub since: Timestamp,
    /// Its first refusal.
    pub refusal: Refusal,
}

/// What a refusal concerns, and whether it is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Classified {
    NewForService,
    KnownForService,
    NewForOrder,
    KnownForOrder,
}

/// The refusals of one service.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    /// Whether the last call of an order outside `alone` was accepted.
    takes_calls: bool,
    all_calls: Option<ServiceRefusing>,
    /// Orders that are refused individually.
    alone: HashSet<OrderId>,
}

/// How many such orders are remembered. Above it, each of them is logged once more.
const MAX_REMEMBERED: usize = 1_000;

impl Refusals {
    pub(super) fn classify(&mut self, order: OrderId, refusal: &Refusal, now: Timestamp) -> Classified {
        if refusal.scope == RefusalScope::ThisCall {
            if self.alone.contains(&order) {
                return Classified::KnownForOrder;
            }
            if self.takes_calls && self.all_calls.is_none() {
                self.takes_calls = false;
                if self.alone.len() >= MAX_REMEMBERED {
                    self.alone.clear();
                }
                self.alone.insert(order);
                return Classified::NewForOrder;
            }
        }
        self.takes_calls = false;
        if self.all_calls.is_some() {
            return Classified::KnownForService;
        }
        self.all_calls = Some(ServiceRefusing { since: now, refusal: refusal.clone() });
        Classified::NewForService
    }

    /// Records an accepted call.
    pub(super) fn call_accepted(&mut self, order: OrderId) {
        self.takes_calls = true;
        self.alone.remove(&order);
    }

    /// Ends the refusal of all calls, and returns it if there was one.
    pub(super) fn end(&mut self) -> Option<ServiceRefusing> {
        self.all_calls.take()
    }

    pub(super) fn all_calls(&self) -> Option<ServiceRefusing> {
        self.all_calls.clone()
    }
}

//! How many orders somebody may submit in a minute. A new private link counts like an order.
//!
//! The minute begins with the first submission and is the same for the API and the pages. `RateLimit` and
//! `RateLimit-Policy` are those of draft-ietf-httpapi-ratelimit-headers-10.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use orders::wording::HistoryEntry;
use orders::{
    Accepted, AddressRequest, Caller, EmailRequest, GroupPage, GroupQuery, IdempotencyKey, Order, OrderId,
    OrderPage, OrderQuery, OrderRequest, OrderService, PaymentRequest, PrivateLink, Problem, ProblemCode,
    Product, ProductPage, ProductQuery, Timestamp, TrackingToken,
};

use super::caller::Principal;
use super::rate_limit_key::RateLimitKey;
use super::state::HttpState;

const WINDOW_SECONDS: u32 = 60;
const WINDOW_MILLIS: i64 = WINDOW_SECONDS as i64 * 1_000;
/// All sessions of one address may submit as much as so many of them.
const SESSIONS_PER_ADDRESS: u32 = 10;
/// When so many are counted, those whose minute is over are forgotten first.
const MANY: usize = 10_000;

/// Counts submissions.
#[derive(Debug, Default)]
pub struct Limiter {
    windows: Mutex<HashMap<RateLimitKey, Window>>,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    ends_at: i64,
    taken: u32,
}

/// What is left of somebody's minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    limit: u32,
    remaining: u32,
    seconds_left: u32,
    granted: bool,
}

impl Limiter {
    /// Counts one submission more, if the limit has room for it.
    pub fn take(&self, subject: RateLimitKey, limit: u32, now: Timestamp) -> Allowance {
        let now = now.as_millis();
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= MANY && windows.len().is_power_of_two() {
            windows.retain(|_, window| window.ends_at > now);
        }
        let fresh = Window { ends_at: now + WINDOW_MILLIS, taken: 0 };
        let window = windows.entry(subject).or_insert(fresh);
        // A minute that ends later than one from now was begun before the clock was set back.
        if window.ends_at <= now || window.ends_at > fresh.ends_at {
            *window = fresh;
        }
        let granted = window.taken < limit;
        window.taken += u32::from(granted);
        let left = u64::try_from(window.ends_at - now).unwrap_or(0).div_ceil(1_000);
        Allowance {
            limit,
            remaining: limit - window.taken.min(limit),
            seconds_left: u32::try_from(left).unwrap_or(WINDOW_SECONDS),
            granted,
        }
    }
}

impl Allowance {
    /// Lets the submission through or not.
    ///
    /// # Errors
    /// `rate-limited`, with the time until the next minute.
    pub fn judge(self) -> Result<(), Problem> {
        if self.granted {
            return Ok(());
        }
        let detail = format!("At most {} orders a minute.", self.limit);
        Err(Problem::new(ProblemCode::RateLimited).detail(detail).retry_after(self.seconds_left))
    }

    /// Tells the caller what is left.
    pub fn tell(self, headers: &mut HeaderMap) {
        let policy = format!("\"orders\";q={};w={WINDOW_SECONDS}", self.limit);
        let left = format!("\"orders\";r={};t={}", self.remaining, self.seconds_left);
        for (name, text) in [("ratelimit-policy", policy), ("ratelimit", left)] {
            if let Ok(value) = HeaderValue::try_from(text) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

/// Counts a submission of this caller; none for an API key without a limit.
///
/// A session has the limit for itself, and its address has ten times as much for all its sessions: anybody can have as many
/// sessions as they like, and many people can share an address. What is told is the one that ends first.
pub fn take(state: &HttpState, principal: &Principal) -> Option<Allowance> {
    let limit = match principal.subject {
        RateLimitKey::Key(_) => principal.key_limit?,
        RateLimitKey::Session(_) | RateLimitKey::Address(_) | RateLimitKey::SessionsAt(_) => {
            state.config.orders_per_minute
        }
    };
    let own = state.submissions.take(principal.subject, limit, state.now());
    match principal.neighbours.filter(|_| own.granted) {
        Some(neighbours) => {
            let limit = limit.saturating_mul(SESSIONS_PER_ADDRESS);
            let together = state.submissions.take(neighbours, limit, state.now());
            Some(if together.remaining < own.remaining || !together.granted { together } else { own })
        }
        None => Some(own),
    }
}

/// The shopper's side of the business for one caller of the pages, with the limit on submissions in front.
pub struct RateLimited {
    state: HttpState,
    principal: Principal,
}

impl RateLimited {
    /// The service as this caller of the pages gets it.
    pub fn for_page(state: HttpState, principal: Principal) -> Arc<dyn OrderService> {
        Arc::new(Self { state, principal })
    }
}

#[async_trait]
impl OrderService for RateLimited {
    async fn submit(
        &self,
        caller: &Caller,
        key: &IdempotencyKey,
        request: OrderRequest,
    ) -> Result<Accepted, Problem> {
        self.state.admission.check()?;
        if let Some(allowance) = take(&self.state, &self.principal) {
            allowance.judge()?;
        }
        self.state.orders.submit(caller, key, request).await
    }

    async fn products(&self, query: &ProductQuery) -> Result<ProductPage, Problem> {
        self.state.orders.products(query).await
    }

    async fn product(&self, sku: &str) -> Result<Product, Problem> {
        self.state.orders.product(sku).await
    }

    async fn order(&self, caller: &Caller, id: OrderId) -> Result<Order, Problem> {
        self.state.orders.order(caller, id).await
    }

    async fn history(&self, caller: &Caller, id: OrderId) -> Result<Vec<HistoryEntry>, Problem> {
        self.state.orders.history(caller, id).await
    }

    fn tracked(&self, token: &TrackingToken) -> Result<PrivateLink, Problem> {
        self.state.orders.tracked(token)
    }

    fn tracking_token(&self, link: PrivateLink) -> TrackingToken {
        self.state.orders.tracking_token(link)
    }

    async fn replace_link(&self, caller: &Caller, id: OrderId) -> Result<Order, Problem> {
        if let Some(allowance) = take(&self.state, &self.principal) {
            allowance.judge()?;
        }
        self.state.orders.replace_link(caller, id).await
    }

    async fn orders(&self, caller: &Caller, query: &OrderQuery) -> Result<OrderPage, Problem> {
        self.state.orders.orders(caller, query).await
    }

    async fn group(&self, caller: &Caller, query: &GroupQuery) -> Result<GroupPage, Problem> {
        self.state.orders.group(caller, query).await
    }

    async fn cursor(&self) -> Result<String, Problem> {
        self.state.orders.cursor().await
    }

    async fn cancel(&self, caller: &Caller, id: OrderId) -> Result<Order, Problem> {
        self.state.orders.cancel(caller, id).await
    }

    async fn provide_payment(
        &self,
        caller: &Caller,
        id: OrderId,
        payment: PaymentRequest,
    ) -> Result<Order, Problem> {
        self.state.orders.provide_payment(caller, id, payment).await
    }

    async fn correct_address(
        &self,
        caller: &Caller,
        id: OrderId,
        ship_to: AddressRequest,
    ) -> Result<Order, Problem> {
        self.state.orders.correct_address(caller, id, ship_to).await
    }

    async fn correct_email(
        &self,
        caller: &Caller,
        id: OrderId,
        email: EmailRequest,
    ) -> Result<Order, Problem> {
        self.state.orders.correct_email(caller, id, email).await
    }

    async fn may_correct_email(&self, caller: &Caller, id: OrderId) -> Result<bool, Problem> {
        self.state.orders.may_correct_email(caller, id).await
    }
}

#[cfg(test)]
mod tests {
    use orders::Owner;

    use super::*;

    const ADA: RateLimitKey = RateLimitKey::Session(Owner([1; 16]));
    const EVE: RateLimitKey = RateLimitKey::Session(Owner([2; 16]));

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    #[test]
    fn the_order_above_the_limit_waits_for_the_next_minute() {
        let limiter = Limiter::default();
        for second in 0..3 {
            assert!(limiter.take(ADA, 3, at(second)).judge().is_ok());
        }
        let refused = limiter.take(ADA, 3, at(20)).judge().unwrap_err();
        assert_eq!((refused.code, refused.retry_after), (ProblemCode::RateLimited, Some(40)));
        assert!(limiter.take(EVE, 3, at(20)).granted, "one caller's limit is not another's");
        assert!(limiter.take(ADA, 3, at(60)).granted);
    }

    #[test]
    fn the_remaining_quota_is_in_the_headers() {
        let limiter = Limiter::default();
        limiter.take(ADA, 60, at(0));
        let mut headers = HeaderMap::new();
        limiter.take(ADA, 60, at(10)).tell(&mut headers);
        assert_eq!(headers["ratelimit"], "\"orders\";r=58;t=50");
        assert_eq!(headers["ratelimit-policy"], "\"orders\";q=60;w=60");
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_lock_callers_out() {
        let limiter = Limiter::default();
        assert!(limiter.take(ADA, 1, at(10_000)).granted);
        assert!(limiter.take(ADA, 1, at(5_000)).granted);
    }

    #[test]
    fn those_whose_minute_is_over_are_forgotten() {
        let limiter = Limiter::default();
        for n in 0..16_384_u32 {
            limiter.take(RateLimitKey::at(std::net::Ipv4Addr::from(n).into()), 1, at(0));
        }
        limiter.take(ADA, 1, at(61));
        assert_eq!(limiter.windows.lock().unwrap().len(), 1);
    }
}

//! The rate limit of a principal's submissions. A new private link counts like an order.

use super::caller::Principal;
use super::rate_limit::Allowance;
use super::rate_limit_key::RateLimitKey;
use super::state::HttpState;

/// All sessions of one address together may submit as much as this many sessions.
const SESSIONS_PER_ADDRESS: u32 = 10;

/// Counts a submission of this principal; none for an API key without a limit.
///
/// A session has the limit for itself, and all sessions of its address have ten times as much together: a client can
/// have any number of sessions, and many people can share an address. The stricter of the two is reported.
pub fn take(state: &HttpState, principal: &Principal) -> Option<Allowance> {
    let limit = match principal.subject {
        RateLimitKey::Key(_) => principal.key_limit?,
        RateLimitKey::Session(_) | RateLimitKey::Address(_) | RateLimitKey::SessionsAt(_) => {
            state.config.orders_per_minute
        }
    };
    let own = state.submissions.take(principal.subject, limit);
    let Some(neighbours) = principal.neighbours.filter(|_| own.is_granted()) else { return Some(own) };
    let together = state.submissions.take(neighbours, limit.saturating_mul(SESSIONS_PER_ADDRESS));
    Some(own.stricter(together))
}

//! `Prefer: wait=25` (RFC 7240): an answer as soon as there is a newer version, or at the limit that there is none.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use orders::{Caller, Order, OrderId};
use tokio::time::{Instant, timeout_at};

use super::conditional::is_known;
use super::failure::Failure;
use super::state::HttpState;

/// Tells that the preference was honoured.
pub const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");
/// Nobody waits longer: connections do not outlive much more on their way.
const LONGEST_SECONDS: u32 = 60;

/// How long a caller wants to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait(u32);

impl Wait {
    /// What the answer says about it.
    pub fn applied(self) -> HeaderValue {
        HeaderValue::try_from(format!("wait={}", self.0)).unwrap_or(HeaderValue::from_static("wait"))
    }
}

/// The wish to wait, if there is one; a longer one than we wait is shortened.
pub fn wait(headers: &HeaderMap) -> Option<Wait> {
    let wishes = headers.get_all("prefer").iter().filter_map(|prefer| prefer.to_str().ok());
    wishes
        .flat_map(|prefer| prefer.split([',', ';']))
        .filter_map(|wish| wish.trim().split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("wait"))
        .and_then(|(_, seconds)| seconds.trim().trim_matches('"').parse::<u32>().ok())
        .map(|seconds| Wait(seconds.min(LONGEST_SECONDS)))
}

/// The order once it is newer than what the caller knows, or as it is at the limit.
pub async fn order(
    state: &HttpState,
    caller: &Caller,
    id: OrderId,
    known: &HeaderMap,
    Wait(seconds): Wait,
) -> Result<Order, Failure> {
    let limit = Instant::now() + Duration::from_secs(seconds.into());
    // Before the order is read: what happens between the two is heard.
    let mut watch = state.hub.watch(id);
    loop {
        let order = state.orders.order(caller, id).await?;
        if !is_known(known, &order.etag()) {
            return Ok(order);
        }
        // At the limit, or when the server is going to stop, the order is still the known one.
        if timeout_at(limit, watch.newer_than(order.version)).await != Ok(true) {
            return Ok(order);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(prefer: &'static str) -> Option<u32> {
        let mut headers = HeaderMap::new();
        headers.insert("prefer", HeaderValue::from_static(prefer));
        wait(&headers).map(|Wait(seconds)| seconds)
    }

    #[test]
    fn the_wish_to_wait_is_found_among_others_and_has_a_limit() {
        assert_eq!(wish("wait=25"), Some(25));
        assert_eq!(wish("respond-async, Wait=\"10\""), Some(10));
        assert_eq!(wish("wait=86400"), Some(60));
        assert_eq!(wish("wait=long"), None);
        assert_eq!(wish("return=minimal"), None);
    }
}

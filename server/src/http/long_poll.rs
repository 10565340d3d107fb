//! Long polling with `Prefer: wait=25` (RFC 7240): answers as soon as there is a newer version, or at the time limit.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use orders::{Caller, Order, OrderId};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::conditional::is_known;
use super::failure::Failure;
use super::state::HttpState;
use crate::metrics::StreamKind;

/// The header that says that the preference was applied.
pub const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");
/// The longest wait; proxies close connections that are silent for longer.
const MAX_SECONDS: u32 = 60;
/// The wait of a poll that begins while the server stops. No change is published any more, and a poll that is answered
/// at once is repeated at once.
const WAIT_AT_SHUTDOWN: Duration = Duration::from_secs(1);

/// A requested wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait(u32);

impl Wait {
    /// Returns the value of `Preference-Applied`.
    pub fn applied(self) -> HeaderValue {
        HeaderValue::try_from(format!("wait={}", self.0)).unwrap_or(HeaderValue::from_static("wait"))
    }
}

/// Returns the requested wait, capped.
pub fn wait(headers: &HeaderMap) -> Option<Wait> {
    let wishes = headers.get_all("prefer").iter().filter_map(|prefer| prefer.to_str().ok());
    wishes
        .flat_map(|prefer| prefer.split([',', ';']))
        .filter_map(|requested| requested.trim().split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("wait"))
        .and_then(|(_, seconds)| seconds.trim().trim_matches('"').parse::<u32>().ok())
        .map(|seconds| Wait(seconds.min(MAX_SECONDS)))
}

/// Returns the order once it is newer than the caller's version, or as it is at the time limit.
pub async fn order(
    state: &HttpState,
    caller: &Caller,
    id: OrderId,
    known: &HeaderMap,
    Wait(seconds): Wait,
) -> Result<Order, Failure> {
    let _open = state.metrics.streams.open(StreamKind::LongPoll);
    let (now, is_late) = (Instant::now(), state.hub.is_closed());
    let limit = now + Duration::from_secs(seconds.into());
    // Subscribe before reading the order, so that no change in between is missed.
    let mut watch = state.hub.watch(id);
    loop {
        let order = state.orders.order(caller, id).await?;
        if !is_known(known, &order.etag()) {
            return Ok(order);
        }
        if is_late {
            sleep_until(limit.min(now + WAIT_AT_SHUTDOWN)).await;
            return Ok(order);
        }
        // At the time limit, or at shutdown, the order is still the known one.
        if timeout_at(limit, watch.newer_than(order.version)).await != Ok(true) {
            return Ok(order);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requested(prefer: &'static str) -> Option<u32> {
        let mut headers = HeaderMap::new();
        headers.insert("prefer", HeaderValue::from_static(prefer));
        wait(&headers).map(|Wait(seconds)| seconds)
    }

    #[test]
    fn the_wish_to_wait_is_found_among_others_and_has_a_limit() {
        assert_eq!(requested("wait=25"), Some(25));
        assert_eq!(requested("respond-async, Wait=\"10\""), Some(10));
        assert_eq!(requested("wait=86400"), Some(60));
        assert_eq!(requested("wait=long"), None);
        assert_eq!(requested("return=minimal"), None);
    }
}

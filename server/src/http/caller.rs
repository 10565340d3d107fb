//! Authentication of a request: by an API key, a session, or only its address, and by a tracking token for one more
//! order.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use orders::{Caller, OrderId, PrivateLink, Problem, ProblemCode, Scope, TrackingToken};

use super::client_address::client_address;
use super::failure::Failure;
use super::query;
use super::rate_limit_key::{RateLimitKey, network_of};
use super::state::HttpState;
use crate::identity::keys::{self, ApiKey, KeyScope};
use crate::identity::session::Session;
use crate::push::{EventLog, Grant, Topic};

/// The authenticated principal of a request.
#[derive(Debug, Clone, Copy)]
pub struct Principal {
    /// What they may see and do.
    pub caller: Caller,
    /// The key of their rate limit.
    pub subject: RateLimitKey,
    /// For a session: the key of the limit that all sessions of its address share.
    pub neighbours: Option<RateLimitKey>,
    /// The orders-per-minute limit of an API key that has its own.
    pub key_limit: Option<u32>,
}

impl Principal {
    /// Returns a principal without key and session.
    pub fn anonymous(address: IpAddr) -> Self {
        Self {
            caller: Caller::ANONYMOUS,
            subject: RateLimitKey::at(address),
            neighbours: None,
            key_limit: None,
        }
    }

    /// Returns the principal of a browser. An unsigned session is rate-limited by its address.
    pub fn browser(session: &Session, address: IpAddr) -> Self {
        let owner = session.owner();
        let principal = Self { caller: Caller::own(owner), ..Self::anonymous(address) };
        if session.is_signed() {
            let neighbours = Some(RateLimitKey::SessionsAt(network_of(address)));
            Self { subject: RateLimitKey::Session(owner), neighbours, ..principal }
        } else {
            principal
        }
    }

    /// Adds the order of a tracking token. A principal of the desk already sees all orders.
    pub fn tracking(mut self, state: &HttpState, token: String) -> Result<Self, Problem> {
        let link = state.orders.tracked(&TrackingToken::new(token))?;
        if self.caller.scope != Scope::Desk {
            self.caller.scope = Scope::Tracked(link);
        }
        Ok(self)
    }

    /// Returns the grant for all orders of this caller.
    ///
    /// # Errors
    /// `unauthorized` without session and key.
    pub fn own_orders(&self) -> Result<Grant, ProblemCode> {
        match (self.caller.scope, self.caller.owner) {
            (Scope::Desk, _) => Ok(Topic::Desk.into()),
            (_, Some(owner)) => Ok(Topic::Owner(owner).into()),
            (_, None) => Err(ProblemCode::Unauthorized),
        }
    }

    /// Returns the grant for one order.
    ///
    /// # Errors
    /// `not-found` when the caller may not see it, as for an unknown order.
    pub async fn one_order(&self, log: &dyn EventLog, order: OrderId) -> Result<Grant, Failure> {
        let access = log.access_of(order).await?.filter(|access| self.caller.may_see(order, *access));
        let access = access.ok_or(ProblemCode::NotFound)?;
        let link = PrivateLink { order, generation: access.link_generation };
        let by_link_only = !self.caller.may_replace_link(access);
        Ok(Grant { topic: Topic::Order(order), link: by_link_only.then_some(link) })
    }
}

impl FromRequestParts<HttpState> for Principal {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &HttpState) -> Result<Self, Failure> {
        let principal = match parts.headers.get(header::AUTHORIZATION) {
            // Unknown credentials are refused rather than ignored.
            Some(credentials) => by_key(state, credentials).await?,
            None => match session(&parts.headers, state) {
                Some(session) => Self::browser(&session, address(parts, state)),
                None => Self::anonymous(address(parts, state)),
            },
        };
        match query::value(parts.uri.query(), "token") {
            Some(token) => Ok(principal.tracking(state, token)?),
            None => Ok(principal),
        }
    }
}

/// Returns the session of a request.
pub fn session(headers: &HeaderMap, state: &HttpState) -> Option<Session> {
    session_of(headers.get_all(header::COOKIE).iter(), state)
}

fn session_of<'h>(cookies: impl Iterator<Item = &'h HeaderValue>, state: &HttpState) -> Option<Session> {
    let mut cookies = cookies.filter_map(|cookies| cookies.to_str().ok());
    cookies.find_map(|cookies| Session::from_cookies(cookies, state.cookie(), &state.config.session_key))
}

/// Returns the client's address.
pub fn address(parts: &Parts, state: &HttpState) -> IpAddr {
    client_address(&parts.extensions, &parts.headers, &state.config.trusted_proxies)
}

/// Returns how a caller with these headers authenticates, in one word for the log.
pub fn kind(has_key: bool, cookies: &[HeaderValue], state: &HttpState) -> &'static str {
    if has_key {
        "key"
    } else if session_of(cookies.iter(), state).is_some() {
        "session"
    } else {
        "anonymous"
    }
}

/// Returns the text after `Bearer`.
pub fn bearer(credentials: &HeaderValue) -> Option<&str> {
    let (scheme, text) = credentials.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(text.trim())
}

/// Returns the API key of these credentials.
///
/// # Errors
/// `unauthorized` when it is unknown.
pub async fn key(state: &HttpState, credentials: &HeaderValue) -> Result<ApiKey, Failure> {
    let hash = bearer(credentials).and_then(keys::hash).ok_or(ProblemCode::Unauthorized)?;
    Ok(state.keys.find_key(hash).await?.ok_or(ProblemCode::Unauthorized)?)
}

async fn by_key(state: &HttpState, credentials: &HeaderValue) -> Result<Principal, Failure> {
    let key = key(state, credentials).await?;
    let scope = match key.scope {
        KeyScope::Orders => Scope::Own,
        KeyScope::Desk => Scope::Desk,
    };
    let caller = Caller { owner: Some(key.id), scope };
    Ok(Principal {
        caller,
        subject: RateLimitKey::Key(key.id),
        neighbours: None,
        key_limit: key.orders_per_minute,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_network_counts_as_one_caller_and_a_mapped_address_as_what_it_is() {
        let at = |text: &str| RateLimitKey::at(text.parse().unwrap());
        assert_eq!(at("2001:db8::1"), at("2001:db8:0:0:ffff::2"));
        assert_ne!(at("2001:db8::1"), at("2001:db8:0:1::1"));
        assert_eq!(at("::ffff:192.0.2.1"), at("192.0.2.1"));
    }

    #[test]
    fn the_scheme_of_credentials_is_read_in_any_case() {
        assert_eq!(bearer(&HeaderValue::from_static("bearer dk_x")), Some("dk_x"));
        assert_eq!(bearer(&HeaderValue::from_static("Basic dk_x")), None);
        assert_eq!(bearer(&HeaderValue::from_static("Bearer")), None);
    }
}

//! The messages of the WebSocket beside the events.

use orders::{FieldError, OrderId, Problem, ProblemCode};
use serde::{Deserialize, Serialize};

use super::super::caller::Principal;
use super::super::failure::Failure;
use super::super::query::cursor;
use super::super::state::HttpState;
use crate::push::Feed;

/// A message of the client.
#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Request {
    /// Subscribes to a topic, from a cursor or from a snapshot.
    Subscribe {
        topic: String,
        #[serde(default)]
        after: Option<String>,
        #[serde(default)]
        token: Option<String>,
    },
    /// Ends a subscription.
    Unsubscribe { topic: String },
}

/// A message of the server beside the events.
#[derive(Debug, Serialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub(super) enum Reply<'a> {
    /// Events of the topic follow.
    Subscribed { topic: &'a str },
    /// No more events of the topic follow: as requested, or because it has ended.
    Unsubscribed { topic: &'a str },
    /// Keeps the connection alive.
    Heartbeat { time: orders::Timestamp },
    /// A message of the client was refused.
    Error {
        #[serde(skip_serializing_if = "Option::is_none")]
        topic: Option<&'a str>,
        problem: Box<Problem>,
    },
}

impl Request {
    /// Parses a message of the client.
    pub(super) fn read(text: &str) -> Result<Self, Problem> {
        serde_json::from_str(text).map_err(|error| {
            if error.is_data() {
                let known = "Use {\"op\":\"subscribe\",\"topic\":…,\"after\":…,\"token\":…} or {\"op\":\"unsubscribe\",\"topic\":…}.";
                Problem::new(ProblemCode::ValidationFailed).errors(vec![FieldError::new("", known)])
            } else {
                Problem::new(ProblemCode::MalformedJson)
                    .detail(format!("Reading stopped at column {}.", error.column()))
            }
        })
    }
}

/// Opens a topic for a caller, who may bring a token for it.
pub(super) async fn open(
    state: &HttpState,
    principal: Principal,
    topic: &str,
    after: Option<&str>,
    token: Option<String>,
) -> Result<Feed, Failure> {
    let principal = match token {
        Some(token) => principal.tracking(state, token)?,
        None => principal,
    };
    let grant = match topic.strip_prefix("order:").map(str::parse::<OrderId>) {
        Some(Ok(order)) => principal.one_order(&*state.log, order).await?,
        Some(Err(_)) => return Err(ProblemCode::NotFound.into()),
        None if topic == "orders" => principal.own_orders()?,
        None => return Err(unknown_topic().into()),
    };
    let after = after.map(|text| cursor("after", text)).transpose()?;
    let feed = Feed::open(state.log.clone(), &state.hub, grant, after).await?;
    if feed.is_revoked() { Err(ProblemCode::NotFound.into()) } else { Ok(feed) }
}

fn unknown_topic() -> Problem {
    let detail = "Use order: and the id of an order, or orders.";
    Problem::new(ProblemCode::ValidationFailed).errors(vec![FieldError::new("/topic", detail)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_with_and_without_their_extras() {
        let read = Request::read(r#"{"op":"subscribe","topic":"orders","after":"12"}"#).unwrap();
        assert!(matches!(read, Request::Subscribe { after: Some(_), token: None, .. }));
        assert!(matches!(
            Request::read(r#"{"op":"unsubscribe","topic":"orders"}"#),
            Ok(Request::Unsubscribe { .. })
        ));
    }

    #[test]
    fn an_invalid_message_is_answered_with_a_problem() {
        let code = |text| Request::read(text).unwrap_err().code;
        assert_eq!(code("{"), ProblemCode::MalformedJson);
        assert_eq!(code(r#"{"op":"listen"}"#), ProblemCode::ValidationFailed);
        assert_eq!(code(r#"{"op":"subscribe"}"#), ProblemCode::ValidationFailed);
        assert_eq!(code(r#"{"op":"subscribe","topic":"orders","since":"1"}"#), ProblemCode::ValidationFailed);
    }
}

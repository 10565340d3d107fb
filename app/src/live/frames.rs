//! The frames of the WebSocket, as text.

use orders::Event;
use serde::{Deserialize, Serialize};

use super::topic::Topic;
use crate::json;

#[derive(Debug)]
pub enum Frame {
    /// An event or a snapshot of an order.
    Event(Box<Event>),
    /// A topic is refused.
    Refused {
        /// The topic; empty when the server does not name it.
        topic: String,
        code: String,
    },
    /// Any other frame: it only shows that the connection is alive.
    Alive,
}

#[derive(Serialize)]
struct SubscribeFrame<'a> {
    op: &'static str,
    topic: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    after: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
}

#[derive(Deserialize)]
struct ServerFrame {
    op: Option<String>,
    #[serde(default)]
    topic: String,
    problem: Option<FrameProblem>,
}

#[derive(Deserialize)]
struct FrameProblem {
    code: String,
}

/// Returns the frame that subscribes to a topic: after the event `after`, or from a snapshot when that is empty.
pub fn subscribe(topic: &Topic, after: &str) -> String {
    write(&SubscribeFrame { op: "subscribe", topic: &topic.name(), after, token: topic.token.as_deref() })
}

/// Parses a frame. An unknown frame of a newer server counts as alive.
pub fn read(text: &str) -> Frame {
    match json::read::<ServerFrame>(text) {
        Some(ServerFrame { op: None, .. }) => {
            json::read(text).map_or(Frame::Alive, |event| Frame::Event(Box::new(event)))
        }
        Some(ServerFrame { topic, problem: Some(problem), .. }) => {
            Frame::Refused { topic, code: problem.code }
        }
        _ => Frame::Alive,
    }
}

fn write(frame: &SubscribeFrame<'_>) -> String {
    // A frame has only texts, so it always serialises.
    serde_json::to_string(frame).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{order, received};

    #[test]
    fn a_subscription_is_serialised_as_the_contract_says() {
        assert_eq!(subscribe(&Topic::MINE, ""), r#"{"op":"subscribe","topic":"orders"}"#);
        let id = order().id;
        let topic = Topic { order: Some(id), token: Some("secret".to_owned()) };
        let wanted = format!(r#"{{"op":"subscribe","topic":"order:{id}","after":"007","token":"secret"}}"#);
        assert_eq!(subscribe(&topic, "007"), wanted);
    }

    #[test]
    fn events_and_refusals_are_distinguished_from_other_frames() {
        let (order, event) = received(1);
        let text = serde_json::to_string(&event).unwrap();
        assert!(matches!(read(&text), Frame::Event(event) if event.subject == order.id));
        let refused = r#"{"op":"error","topic":"orders","problem":{"code":"cursor-too-old","title":"x"}}"#;
        assert!(matches!(read(refused), Frame::Refused { topic, code }
            if topic == "orders" && code == "cursor-too-old"));
        for alive in
            [r#"{"op":"heartbeat","time":"x"}"#, r#"{"op":"subscribed","topic":"orders"}"#, "nonsense"]
        {
            assert!(matches!(read(alive), Frame::Alive), "{alive}");
        }
    }
}

//! `GET /stream`.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::identity::keys::KeyScope;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::app::{TestApp, cookie, header, problem};

struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// Opens the socket with these headers; or returns the status of the refusal.
async fn open(app: &TestApp, headers: &[(&'static str, &str)]) -> Result<Socket, u16> {
    let mut request = format!("ws://{}/api/v1/stream", app.address).into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", "docket.v1".parse().unwrap());
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    match connect_async(request).await {
        Ok((socket, answer)) => {
            assert_eq!(answer.headers()["sec-websocket-protocol"], "docket.v1");
            Ok(Socket(socket))
        }
        Err(Error::Http(answer)) => Err(answer.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

impl Socket {
    async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    async fn handle(&mut self) -> Message {
        let next = tokio::time::timeout(Duration::from_secs(20), self.0.next());
        next.await.expect("a message within its time").unwrap().unwrap()
    }

    async fn hear_json(&mut self) -> Value {
        serde_json::from_str(self.handle().await.to_text().unwrap()).unwrap()
    }
}

#[tokio::test]
async fn a_subscription_sends_a_snapshot_and_then_events() {
    let app = TestApp::start().await;
    let placed = app.place().await;
    let mut socket = open(&app, &[]).await.ok().unwrap();
    let topic = format!("order:{}", placed.id);
    socket.say(json!({"op": "subscribe", "topic": topic, "token": placed.token})).await;
    assert_eq!(socket.hear_json().await, json!({"op": "subscribed", "topic": topic}));
    let snapshot = socket.hear_json().await;
    assert_eq!((&snapshot["type"], &snapshot["subject"]), (&json!("order.snapshot"), &json!(placed.id)));
    app.post(&placed.path("/cancel")).send().await.unwrap();
    let live = socket.hear_json().await;
    assert_eq!((&live["type"], &live["data"]["state"]), (&json!("order.finished"), &json!("cancelled")));
    assert_eq!(
        socket.hear_json().await,
        json!({"op": "unsubscribed", "topic": topic}),
        "it has come to its end"
    );
    socket.say(json!({"op": "subscribe", "topic": topic, "token": placed.token, "after": "0"})).await;
    assert_eq!(socket.hear_json().await["op"], "subscribed");
    assert_eq!(socket.hear_json().await["type"], "order.received", "a cursor is replayed from");
}

#[tokio::test]
async fn a_replaced_link_ends_its_subscription_with_a_problem_and_the_socket_goes_on() {
    let app = TestApp::start().await;
    let (placed, other) =
        (app.place_as(|request| request.header("Cookie", cookie(1))).await, app.place().await);
    let mut socket = open(&app, &[]).await.ok().unwrap();
    let topic = |id: &str| format!("order:{id}");
    for order in [&placed, &other] {
        socket.say(json!({"op": "subscribe", "topic": topic(&order.id), "token": order.token})).await;
        assert_eq!(socket.hear_json().await["op"], "subscribed");
        assert_eq!(socket.hear_json().await["type"], "order.snapshot");
    }
    let new_link = app.post(&format!("/orders/{}/tracking-link", placed.id)).header("Cookie", cookie(1));
    let token: Value = new_link.send().await.unwrap().json().await.unwrap();
    let ended = socket.hear_json().await;
    assert_eq!((&ended["op"], &ended["topic"]), (&json!("error"), &json!(topic(&placed.id))));
    assert_eq!(ended["problem"]["code"], "not-found");
    socket
        .say(json!({"op": "subscribe", "topic": topic(&placed.id), "token": placed.token, "after": "0"}))
        .await;
    assert_eq!(socket.hear_json().await["problem"]["code"], "not-found");
    socket
        .say(json!({"op": "subscribe", "topic": topic(&placed.id), "token": token["tracking_token"]}))
        .await;
    assert_eq!(socket.hear_json().await["op"], "subscribed");
    assert_eq!(socket.hear_json().await["data"]["order"]["link_generation"], 1);
    app.post(&other.path("/cancel")).send().await.unwrap();
    assert_eq!(socket.hear_json().await["subject"], json!(other.id), "the other topic is still told");
}

#[tokio::test]
async fn no_event_follows_an_unsubscription() {
    let app = TestApp::start().await;
    let (a, b) = (app.place().await, app.place().await);
    let mut socket = open(&app, &[]).await.ok().unwrap();
    for placed in [&a, &b] {
        let topic = format!("order:{}", placed.id);
        socket.say(json!({"op": "subscribe", "topic": topic, "token": placed.token})).await;
        assert_eq!(socket.hear_json().await["op"], "subscribed");
        assert_eq!(socket.hear_json().await["type"], "order.snapshot");
    }
    let topic = format!("order:{}", a.id);
    socket.say(json!({"op": "unsubscribe", "topic": topic})).await;
    assert_eq!(socket.hear_json().await, json!({"op": "unsubscribed", "topic": topic}));
    for placed in [&a, &b] {
        app.post(&placed.path("/cancel")).send().await.unwrap();
    }
    assert_eq!(socket.hear_json().await["subject"], b.id);
}

#[tokio::test]
async fn one_socket_follows_all_orders_of_its_caller() {
    let app = TestApp::start().await;
    let mut socket = open(&app, &[("cookie", &cookie(1))]).await.ok().unwrap();
    socket.say(json!({"op": "subscribe", "topic": "orders"})).await;
    assert_eq!(socket.hear_json().await["op"], "subscribed");
    app.place().await;
    let mine = app.place_as(|request| request.header("Cookie", cookie(1))).await;
    let event = socket.hear_json().await;
    assert_eq!((&event["type"], &event["subject"]), (&json!("order.received"), &json!(mine.id)));
}

#[tokio::test]
async fn each_subscription_is_authorised_separately() {
    let app = TestApp::start().await;
    let (mine, other) = (app.place().await, app.place().await);
    let mut socket = open(&app, &[]).await.ok().unwrap();
    let topic = |id: &str| format!("order:{id}");
    for (asked, code) in [
        (json!({"op": "subscribe", "topic": "orders"}), "unauthorized"),
        (json!({"op": "subscribe", "topic": topic(&mine.id)}), "not-found"),
        (json!({"op": "subscribe", "topic": topic(&other.id), "token": mine.token}), "not-found"),
        (json!({"op": "subscribe", "topic": topic(&mine.id), "token": "trk_x"}), "not-found"),
        (json!({"op": "subscribe", "topic": "order:nonsense"}), "not-found"),
        (json!({"op": "subscribe", "topic": "weather"}), "validation-failed"),
        (json!({"op": "subscribe", "topic": "orders", "after": "now", "token": mine.token}), "unauthorized"),
        (
            json!({"op": "subscribe", "topic": topic(&mine.id), "after": "x", "token": mine.token}),
            "malformed-query",
        ),
        (json!({"op": "publish", "topic": "orders"}), "validation-failed"),
        (json!("hello"), "validation-failed"),
    ] {
        socket.say(asked.clone()).await;
        let answer = socket.hear_json().await;
        assert_eq!(answer["op"], "error", "{asked}");
        assert_eq!(answer["problem"]["code"], code, "{asked}");
        assert!(answer["problem"]["type"].as_str().unwrap().starts_with("http://"));
    }
    socket.0.send(Message::text("{")).await.unwrap();
    assert_eq!(socket.hear_json().await["problem"]["code"], "malformed-json");
    socket.say(json!({"op": "subscribe", "topic": topic(&mine.id), "token": mine.token})).await;
    assert_eq!(socket.hear_json().await["op"], "subscribed", "the socket is none the worse");
}

#[tokio::test]
async fn the_origin_of_a_socket_is_checked_first() {
    let app = TestApp::start().await;
    let key = app.key(KeyScope::Orders).await;
    let bearer = format!("Bearer {key}");
    let own = format!("http://{}", app.address);
    let foreign = ("origin", "https://evil.example");
    assert_eq!(open(&app, &[foreign]).await.err(), Some(403));
    assert_eq!(open(&app, &[foreign, ("authorization", &bearer)]).await.err(), Some(403));
    assert_eq!(open(&app, &[foreign, ("authorization", "Bearer nonsense")]).await.err(), Some(403));
    assert_eq!(open(&app, &[("authorization", "Bearer nonsense")]).await.err(), Some(401));
    assert!(open(&app, &[("origin", &own)]).await.is_ok());
    assert!(open(&app, &[("authorization", &bearer)]).await.is_ok());
    let plain = app.get("/stream").header("Origin", "https://evil.example").send().await.unwrap();
    problem(plain, 403, "forbidden").await;
    problem(app.get("/stream").send().await.unwrap(), 405, "method-not-allowed").await;
}

#[tokio::test]
async fn a_long_message_ends_the_socket_and_nothing_else() {
    let app = TestApp::start().await;
    let mut socket = open(&app, &[]).await.ok().unwrap();
    let _ = socket.0.send(Message::text("x".repeat(100_000))).await;
    let end = tokio::time::timeout(Duration::from_secs(20), async {
        while let Some(Ok(message)) = socket.0.next().await {
            assert!(message.is_close(), "{message}");
        }
    });
    end.await.unwrap();
    assert_eq!(app.get("/products").send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_socket_is_one_of_the_streams_of_its_session() {
    let app = TestApp::start_with(|config| config.streams_per_session = 1).await;
    let first = open(&app, &[("cookie", &cookie(1))]).await;
    assert!(first.is_ok());
    assert_eq!(open(&app, &[("cookie", &cookie(1))]).await.err(), Some(429));
    let stream = app.get("/events").header("Accept", "text/event-stream").header("Cookie", cookie(1));
    let refused = stream.send().await.unwrap();
    assert!(!header(&refused, "retry-after").is_empty());
    problem(refused, 429, "too-many-streams").await;
}

#[tokio::test]
async fn at_shutdown_a_socket_closes_with_service_restart() {
    let app = TestApp::start().await;
    let placed = app.place().await;
    let mut idle = open(&app, &[]).await.ok().unwrap();
    let mut busy = open(&app, &[]).await.ok().unwrap();
    busy.say(json!({"op": "subscribe", "topic": format!("order:{}", placed.id), "token": placed.token}))
        .await;
    assert_eq!(busy.hear_json().await["op"], "subscribed");
    assert_eq!(busy.hear_json().await["type"], "order.snapshot");
    app.hub.close();
    for socket in [&mut idle, &mut busy] {
        let Message::Close(Some(frame)) = socket.handle().await else { panic!("no close frame") };
        assert_eq!(u16::from(frame.code), 1012);
    }
    // While the server drains, sockets can still be opened.
    let mut late = open(&app, &[]).await.ok().unwrap();
    let Message::Close(Some(frame)) = late.handle().await else { panic!("no close frame") };
    assert_eq!(u16::from(frame.code), 1012);
}

//! The events of an order and of a caller, as a list and as a stream.

use std::time::Duration;

use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use server::identity::keys::KeyScope;

use crate::app::{Placed, TestApp, cookie, header, problem};

/// One server-sent frame.
#[derive(Debug)]
struct Frame {
    id: String,
    event: String,
    data: Value,
}

/// Reads the frames of a stream.
struct Stream {
    answer: Response,
    text: String,
}

impl Stream {
    fn of(answer: Response) -> Self {
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(header(&answer, "content-type"), "text/event-stream");
        Self { answer, text: String::new() }
    }

    /// Returns the next frame; none at the end.
    async fn next(&mut self) -> Option<Frame> {
        while !self.text.contains("\n\n") {
            let chunk = tokio::time::timeout(Duration::from_secs(20), self.answer.chunk());
            let chunk = chunk.await.expect("a frame within its time").unwrap()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
        let (frame, rest) = self.text.split_once("\n\n").unwrap();
        let field = |name: &str| {
            let mut lines = frame.lines().filter_map(|line| line.split_once(": "));
            lines.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned()).unwrap_or_default()
        };
        let data = serde_json::from_str(&field("data")).unwrap();
        let frame = Frame { id: field("id"), event: field("event"), data };
        self.text = rest.to_owned();
        Some(frame)
    }
}

async fn events(app: &TestApp, placed: &Placed, more: &str) -> Value {
    app.get(&format!("{}{more}", placed.path("/events"))).send().await.unwrap().json().await.unwrap()
}

async fn stream(app: &TestApp, path: &str) -> Stream {
    Stream::of(app.get(path).header("Accept", "text/event-stream").send().await.unwrap())
}

async fn cancel(app: &TestApp, placed: &Placed) {
    let answer = app.post(&placed.path("/cancel")).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
}

#[tokio::test]
async fn the_events_of_an_order_have_its_versions_without_a_gap() {
    let app = TestApp::start().await;
    let placed = app.place().await;
    cancel(&app, &placed).await;
    let page = events(&app, &placed, "").await;
    let list = page["events"].as_array().unwrap();
    assert_eq!(list[0]["type"], "order.received");
    for (n, event) in list.iter().enumerate() {
        assert_eq!(event["specversion"], "1.0");
        assert_eq!(event["source"], "/api/v1/orders");
        assert_eq!(event["subject"], placed.id);
        assert_eq!(event["data"]["version"], json!(n + 1));
        assert_eq!(event["sequence"].as_str().unwrap().len(), 20);
    }
    assert_eq!(page["next_page_token"], Value::Null);
}

#[tokio::test]
async fn events_are_read_after_a_cursor_and_in_pages() {
    let app = TestApp::start().await;
    let placed = app.place().await;
    cancel(&app, &placed).await;
    let all = events(&app, &placed, "").await;
    let first = all["events"][0]["sequence"].as_str().unwrap();
    let rest = events(&app, &placed, &format!("&after={first}")).await;
    assert_eq!(rest["events"].as_array().unwrap()[..], all["events"].as_array().unwrap()[1..]);
    let short = first.trim_start_matches('0');
    assert_eq!(events(&app, &placed, &format!("&after={short}")).await, rest, "leading zeros are optional");
    let page = events(&app, &placed, "&page_size=1").await;
    assert_eq!(page["events"].as_array().unwrap().len(), 1);
    let next = page["next_page_token"].as_str().unwrap();
    let second = events(&app, &placed, &format!("&page_size=1&page_token={next}")).await;
    assert_eq!(second["events"][0], all["events"][1]);
    for wrong in ["after=now", "after=-1", "page_size=0", "since=1"] {
        let answer = app.get(&format!("{}&{wrong}", placed.path("/events"))).send().await.unwrap();
        problem(answer, 400, "malformed-query").await;
    }
}

#[tokio::test]
async fn the_events_of_a_caller_are_those_of_all_their_orders_and_of_nobody_else() {
    let app = TestApp::start().await;
    let (mine, other) = (app.key(KeyScope::Orders).await, app.key(KeyScope::Orders).await);
    let a = app.place_as(|request| request.bearer_auth(&mine)).await;
    app.place_as(|request| request.bearer_auth(&other)).await;
    let b = app.place_as(|request| request.bearer_auth(&mine)).await;
    let page: Value = app.get("/events").bearer_auth(&mine).send().await.unwrap().json().await.unwrap();
    let subjects: Vec<&str> =
        page["events"].as_array().unwrap().iter().map(|event| event["subject"].as_str().unwrap()).collect();
    assert_eq!(subjects, [a.id.as_str(), b.id.as_str()]);
    problem(app.get("/events").send().await.unwrap(), 401, "unauthorized").await;
    let path = format!("/orders/{}/events", a.id);
    problem(app.get(&path).bearer_auth(&other).send().await.unwrap(), 404, "not-found").await;
}

#[tokio::test]
async fn a_stream_starts_with_a_snapshot_and_continues_live() {
    let app = TestApp::start().await;
    let placed = app.place().await;
    let answer = app.get(&placed.path("/events")).header("Accept", "text/event-stream").send().await.unwrap();
    assert_eq!(header(&answer, "cache-control"), "no-store, no-transform");
    assert_eq!(header(&answer, "x-accel-buffering"), "no");
    let mut stream = Stream::of(answer);
    let snapshot = stream.next().await.unwrap();
    assert_eq!(snapshot.event, "order.snapshot");
    assert_eq!(snapshot.data["data"]["order"]["id"], placed.id);
    cancel(&app, &placed).await;
    let live = stream.next().await.unwrap();
    assert_eq!((live.event.as_str(), &live.data["data"]["state"]), ("order.finished", &json!("cancelled")));
    assert_eq!(live.data["sequence"], live.id);
    assert!(live.id > snapshot.id);
}

#[tokio::test]
async fn a_stream_resumes_at_its_cursor() {
    let app = TestApp::start().await;
    let placed = app.place().await;
    let first = stream(&app, &placed.path("/events")).await.next().await.unwrap();
    cancel(&app, &placed).await;
    let resumed = app
        .get(&format!("{}&after=0", placed.path("/events")))
        .header("Accept", "text/event-stream")
        .header("Last-Event-ID", &first.id)
        .send()
        .await
        .unwrap();
    let event = Stream::of(resumed).next().await.unwrap();
    assert_eq!(event.data["data"]["version"], 2, "the header knows better than the address");
    let replayed = stream(&app, &format!("{}&after=0", placed.path("/events"))).await.next().await.unwrap();
    assert_eq!((replayed.event.as_str(), &replayed.data["data"]["version"]), ("order.received", &json!(1)));
}

#[tokio::test]
async fn the_stream_of_an_order_ends_with_it_and_is_not_asked_for_again() {
    let app = TestApp::start().await;
    let placed = app.place().await;
    let mut live = stream(&app, &placed.path("/events")).await;
    live.next().await.unwrap();
    cancel(&app, &placed).await;
    let last = live.next().await.unwrap();
    assert!(live.next().await.is_none(), "a stream ends after order.finished");
    let again = app
        .get(&placed.path("/events"))
        .header("Accept", "text/event-stream")
        .header("Last-Event-ID", &last.id)
        .send()
        .await
        .unwrap();
    assert_eq!(again.status(), StatusCode::NO_CONTENT);
    let mut anew = stream(&app, &placed.path("/events")).await;
    assert_eq!(anew.next().await.unwrap().event, "order.snapshot");
    assert!(anew.next().await.is_none(), "without a cursor it is one snapshot and the end");
}

#[tokio::test]
async fn a_replaced_link_ends_the_streams_that_it_opened_and_the_owner_s_and_the_desk_s_go_on() {
    let app = TestApp::start().await;
    let desk = app.key(KeyScope::Desk).await;
    let placed = app.place_as(|request| request.header("Cookie", cookie(1))).await;
    let path = format!("/orders/{}/events", placed.id);
    let open = |path: &str| app.get(path).header("Accept", "text/event-stream");
    let mut by_link = Stream::of(open(&placed.path("/events")).send().await.unwrap());
    let both = open(&placed.path("/events")).header("Cookie", cookie(1));
    let mut others = [
        Stream::of(open(&path).header("Cookie", cookie(1)).send().await.unwrap()),
        Stream::of(both.send().await.unwrap()),
        Stream::of(open(&path).bearer_auth(&desk).send().await.unwrap()),
        Stream::of(open("/events").header("Cookie", cookie(1)).send().await.unwrap()),
    ];
    by_link.next().await.unwrap();
    let new_link = app.post(&format!("/orders/{}/tracking-link", placed.id)).header("Cookie", cookie(1));
    assert_eq!(new_link.send().await.unwrap().status(), StatusCode::OK);
    assert!(by_link.next().await.is_none(), "not even that it was replaced is told");
    for other in &mut others {
        assert_eq!(other.next().await.unwrap().event, "order.snapshot");
        let told = other.next().await.unwrap();
        assert_eq!(
            (told.event.as_str(), &told.data["data"]["link_generation"]),
            ("order.link.replaced", &json!(1))
        );
    }
}

#[tokio::test]
async fn the_stream_of_a_caller_opens_with_their_open_orders() {
    let app = TestApp::start().await;
    let key = app.key(KeyScope::Orders).await;
    let a = app.place_as(|request| request.bearer_auth(&key)).await;
    let b = app.place_as(|request| request.bearer_auth(&key)).await;
    let ask = app.get("/events").header("Accept", "text/event-stream").bearer_auth(&key);
    let mut stream = Stream::of(ask.send().await.unwrap());
    let (first, second) = (stream.next().await.unwrap(), stream.next().await.unwrap());
    assert_eq!((first.event.as_str(), second.event.as_str()), ("order.snapshot", "order.snapshot"));
    let mut seen = [first.data["subject"].as_str().unwrap(), second.data["subject"].as_str().unwrap()];
    let mut placed = [a.id.as_str(), b.id.as_str()];
    seen.sort_unstable();
    placed.sort_unstable();
    assert_eq!(seen, placed);
    let c = app.place_as(|request| request.bearer_auth(&key)).await;
    let live = stream.next().await.unwrap();
    assert_eq!(
        (live.event.as_str(), live.data["subject"].as_str().unwrap()),
        ("order.received", c.id.as_str())
    );
}

#[tokio::test]
async fn streams_end_when_the_server_stops() {
    let app = TestApp::start().await;
    let placed = app.place().await;
    let mut stream = stream(&app, &placed.path("/events")).await;
    stream.next().await.unwrap();
    app.hub.close();
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn a_stream_that_is_opened_while_the_server_drains_ends_with_the_time_to_reconnect() {
    let app = TestApp::start().await;
    let placed = app.place().await;
    app.hub.close();
    for path in [placed.path("/events"), "/events".to_owned()] {
        let answer = app.get(&path).header("Accept", "text/event-stream").header("Cookie", cookie(1));
        let answer = answer.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "after another status an EventSource does not reconnect");
        assert_eq!(header(&answer, "content-type"), "text/event-stream");
        assert_eq!(answer.text().await.unwrap(), "retry: 2000\n\n");
    }
}

#[tokio::test]
async fn a_session_has_only_so_many_streams_and_gets_them_back() {
    let app = TestApp::start_with(|config| config.streams_per_session = 2).await;
    let open = || app.get("/events").header("Accept", "text/event-stream").header("Cookie", cookie(1)).send();
    let first = open().await.unwrap();
    let _second = open().await.unwrap();
    let third = open().await.unwrap();
    assert!(!header(&third, "retry-after").is_empty());
    problem(third, 429, "too-many-streams").await;
    drop(first);
    // The server notices when the connection closes, which takes a moment.
    let again = async {
        while open().await.unwrap().status() != StatusCode::OK {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), again).await.unwrap();
}

//! Drives the [`Connection`] of this tab: the WebSocket, the clock, random numbers, and the events that wake a tab.
//!
//! Everything here runs in the browser only, on its one thread.

use std::cell::RefCell;
use std::future::poll_fn;
use std::time::Duration;

use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::future::{Either, select};
use futures::{SinkExt, StreamExt};
use gloo_net::websocket::futures::WebSocket;
use gloo_net::websocket::{Message, State};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use orders::Timestamp;
use web_sys::VisibilityState;

use super::connection::{Command, Connection};
use super::frames::{self, Frame};
use super::order_store::{EventOutcome, Live};
use super::tab_connection::{self, is_by_link, token_of};
use super::topic::Topic;
use super::{browser, poll};
use crate::components::reactive::effect;

const PATH: &str = "/api/v1/stream";
const PROTOCOL: &str = "docket.v1";

thread_local! {
    /// Frames for the task that owns the WebSocket. The task closes the WebSocket and ends when this is dropped.
    static OUTGOING: RefCell<Option<UnboundedSender<String>>> = const { RefCell::new(None) };
}

/// Opens the connection of this tab and keeps it open, and shows the state of its orders in the favicon.
pub fn start(live: Live) {
    effect(move || show_icon(live.icon()));
    with_connection(live, |connection| {
        connection.get_or_insert_with(|| Connection::new(browser::now(), live.cursor()));
        Vec::new()
    });
    set_interval(move || tick(live), Duration::from_secs(1));
    tick(live);
    let _ = window_event_listener(ev::online, move |_| wake(live));
    let _ = window_event_listener(ev::visibilitychange, move |_| {
        if document().visibility_state() == VisibilityState::Visible {
            wake(live);
        }
    });
}

/// Follows one order for as long as the page is open. On the server this does nothing.
pub fn follow(live: Live, topic: Topic) {
    effect(move || subscribe(live, topic.clone()));
}

fn subscribe(live: Live, topic: Topic) {
    with_connection(live, |connection| {
        connection.get_or_insert_with(|| Connection::new(browser::now(), live.cursor())).subscribe(topic)
    });
}

/// Lets the connection decide, once there is one, and executes its commands.
fn on_connection(live: Live, decide: impl FnOnce(&mut Connection) -> Vec<Command>) {
    with_connection(live, |connection| connection.as_mut().map_or_else(Vec::new, decide));
}

fn with_connection(live: Live, decide: impl FnOnce(&mut Option<Connection>) -> Vec<Command>) {
    for command in tab_connection::update(decide) {
        match command {
            Command::Connect => connect(live),
            Command::Disconnect => disconnect(),
            Command::Send(frame) => send(frame),
        }
    }
}

fn show_icon(path: &str) {
    if let Some(icon) = document().get_element_by_id("favicon") {
        let _ = icon.set_attribute("href", path);
    }
}

fn tick(live: Live) {
    let now = browser::now();
    on_connection(live, |connection| connection.tick(now, js_sys::Math::random()));
    let (lost_since, poll) = tab_connection::read(|connection| {
        let Some(connection) = connection else { return (None, None) };
        let poll = connection.must_poll().then(|| connection.page_order().cloned());
        (connection.lost_since(now), poll)
    });
    live.set_lost(lost_since);
    live.set_now(Timestamp::from_millis(now));
    if let Some(page_order) = poll {
        let answered =
            move |now, answered| on_connection(live, |connection| connection.polled(now, answered));
        poll::poll_if_due(live, page_order, now, answered);
    }
}

fn wake(live: Live) {
    on_connection(live, |connection| connection.wake(browser::now()));
}

fn connect(live: Live) {
    let (sender, frames) = unbounded();
    // The task of a WebSocket that is still open ends when its sender is replaced.
    OUTGOING.set(Some(sender));
    match url().and_then(|url| WebSocket::open_with_protocol(&url, PROTOCOL).ok()) {
        Some(socket) => spawn_local(run(live, socket, frames)),
        None => closed(live),
    }
}

fn disconnect() {
    OUTGOING.set(None);
}

fn send(frame: String) {
    OUTGOING.with_borrow(|outgoing| {
        if let Some(outgoing) = outgoing {
            // The task has ended when the WebSocket is closed; the frame is sent again after the reconnect.
            let _ = outgoing.unbounded_send(frame);
        }
    });
}

/// Owns a WebSocket from its handshake until the server closes it or [`disconnect`] is called. It is closed when dropped.
async fn run(live: Live, mut socket: WebSocket, mut outgoing: UnboundedReceiver<String>) {
    let handshake = poll_fn(|context| socket.poll_ready_unpin(context));
    if let Either::Right(_) = select(handshake, outgoing.next()).await {
        return;
    }
    // A WebSocket whose handshake failed is ready as well.
    if !matches!(socket.state(), State::Open) {
        return closed(live);
    }
    on_connection(live, |connection| connection.opened(browser::now()));
    live.set_lost(None);
    loop {
        match select(socket.next(), outgoing.next()).await {
            Either::Left((Some(Ok(Message::Text(frame))), _)) => received(live, &frame),
            Either::Left((Some(Ok(Message::Bytes(_))), _)) => {}
            Either::Left((Some(Err(_)) | None, _)) => return closed(live),
            Either::Right((Some(frame), _)) => {
                // A WebSocket that cannot send is closed, which the next turn of the loop reads.
                let _ = socket.send(Message::Text(frame)).await;
            }
            Either::Right((None, _)) => return,
        }
    }
}

fn closed(live: Live) {
    on_connection(live, |connection| connection.closed(browser::now(), js_sys::Math::random()));
}

fn received(live: Live, frame: &str) {
    let now = browser::now();
    on_connection(live, |connection| {
        connection.received(now);
        Vec::new()
    });
    match frames::read(frame) {
        Frame::Event(event) => {
            let (subject, sequence) = (event.subject, event.sequence.clone());
            let is_snapshot = event.data.order.is_some();
            if let EventOutcome::Missing(id) = live.apply_event(*event) {
                poll::fetch_order(live, Topic { order: Some(id), token: token_of(id) });
            }
            // All snapshots of a topic carry the same sequence, and the connection may be lost between two of them.
            if !is_snapshot {
                on_connection(live, |connection| {
                    connection.advance(subject, &sequence);
                    Vec::new()
                });
            }
        }
        Frame::Refused { topic, code } if code == "cursor-too-old" => {
            on_connection(live, |connection| connection.reset_cursor(&topic));
        }
        // The private link of this page was replaced: the reloaded page explains that.
        Frame::Refused { topic, code } if code == "not-found" && is_by_link(&topic) => browser::reload(),
        Frame::Refused { .. } | Frame::Alive => {}
    }
}

fn url() -> Option<String> {
    let location = window().location();
    let scheme = if location.protocol().ok()? == "https:" { "wss" } else { "ws" };
    Some(format!("{scheme}://{}{PATH}", location.host().ok()?))
}

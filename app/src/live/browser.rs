//! The browser's part of the line: the WebSocket itself, the clock, chance, and what wakes a tab.
//!
//! Everything here runs in the browser only, on its one thread; it is called from effects and events.

use std::cell::RefCell;
use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;
use orders::{OrderId, Timestamp};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{MessageEvent, VisibilityState, WebSocket};

use super::frames::{self, Frame};
use super::line::{Do, Line, Topic};
use super::poll;
use super::seen::{Folded, Live};
use crate::components::changing::effect;

const ADDRESS: &str = "/api/v1/stream";
const PROTOCOL: &str = "docket.v1";

thread_local! {
    static LINE: RefCell<Option<Line>> = const { RefCell::new(None) };
    static SOCKET: RefCell<Option<WebSocket>> = const { RefCell::new(None) };
}

/// Opens the line of this tab and keeps it open, and shows in the tab's picture how its orders stand.
pub fn start(live: Live) {
    effect(move || show_icon(live.icon()));
    with_line(live, |line| {
        line.get_or_insert_with(|| Line::new(now(), live.told()));
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

/// Also tell about this.
pub fn watch(live: Live, topic: Topic) {
    with_line(live, |line| line.get_or_insert_with(|| Line::new(now(), live.told())).watch(topic));
}

/// What opens an order that this tab follows by its link.
pub fn token_of(id: OrderId) -> Option<String> {
    LINE.with_borrow(|line| line.as_ref().and_then(|line| line.token_of(id)))
}

fn is_by_link(topic: &str) -> bool {
    LINE.with_borrow(|line| line.as_ref().is_some_and(|line| line.is_by_link(topic)))
}

/// Loads this page again.
pub fn load_again() {
    let _ = window().location().reload();
}

/// Milliseconds of the epoch.
pub fn now() -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a whole number in floating point")]
    let now = js_sys::Date::now() as i64;
    now
}

/// Lets the line decide and does what it says.
pub fn with_line(live: Live, decide: impl FnOnce(&mut Option<Line>) -> Vec<Do>) {
    for act in LINE.with_borrow_mut(decide) {
        match act {
            Do::Connect => connect(live),
            Do::Hang => hang(),
            Do::Send(text) => send(&text),
        }
    }
}

/// As [`with_line`], once there is one.
pub fn on_line(live: Live, decide: impl FnOnce(&mut Line) -> Vec<Do>) {
    with_line(live, |line| line.as_mut().map_or_else(Vec::new, decide));
}

fn show_icon(address: &str) {
    if let Some(icon) = document().get_element_by_id("favicon") {
        let _ = icon.set_attribute("href", address);
    }
}

fn tick(live: Live) {
    let now = now();
    on_line(live, |line| line.tick(now, js_sys::Math::random()));
    let (lost, focus) = LINE.with_borrow(|line| {
        let line = line.as_ref();
        let poll = line.filter(|line| line.must_poll()).map(|line| line.in_focus().cloned());
        (line.and_then(|line| line.lost_since(now)), poll)
    });
    live.set_lost(lost);
    live.pass(Timestamp::from_millis(now));
    if let Some(focus) = focus {
        poll::ask(live, focus, now);
    }
}

fn wake(live: Live) {
    on_line(live, |line| line.wake(now()));
}

fn connect(live: Live) {
    hang();
    let socket = address().and_then(|address| WebSocket::new_with_str(&address, PROTOCOL).ok());
    let Some(socket) = socket else { return closed(live) };
    let opened = Closure::<dyn FnMut()>::new(move || {
        on_line(live, |line| line.opened(now()));
        live.set_lost(None);
    });
    let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        if let Some(text) = event.data().as_string() {
            heard(live, &text);
        }
    });
    let ended = Closure::<dyn FnMut()>::new(move || closed(live));
    socket.set_onopen(Some(opened.as_ref().unchecked_ref()));
    socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
    socket.set_onclose(Some(ended.as_ref().unchecked_ref()));
    // They live as long as the browser can still call them; JavaScript's collector frees them with the socket.
    let _ = (opened.into_js_value(), message.into_js_value(), ended.into_js_value());
    SOCKET.set(Some(socket));
}

fn closed(live: Live) {
    on_line(live, |line| line.closed(now(), js_sys::Math::random()));
}

fn hang() {
    if let Some(socket) = SOCKET.take() {
        socket.set_onopen(None);
        socket.set_onmessage(None);
        socket.set_onclose(None);
        let _ = socket.close();
    }
}

fn send(text: &str) {
    SOCKET.with_borrow(|socket| {
        if let Some(socket) = socket {
            // A socket that cannot send says so by closing.
            let _ = socket.send_with_str(text);
        }
    });
}

fn heard(live: Live, text: &str) {
    let now = now();
    on_line(live, |line| {
        line.heard(now);
        Vec::new()
    });
    match frames::read(text) {
        Frame::Event(event) => {
            let (subject, sequence) = (event.subject, event.sequence.clone());
            let is_snapshot = event.data.order.is_some();
            if let Folded::Missing(id) = live.fold(*event) {
                poll::fetch(live, Topic { order: Some(id), token: token_of(id) });
            }
            // Of several snapshots each names the same place, and the line may break between two of them.
            if !is_snapshot {
                on_line(live, |line| {
                    line.folded(subject, &sequence);
                    Vec::new()
                });
            }
        }
        Frame::Refused { topic, code } if code == "cursor-too-old" => {
            on_line(live, |line| line.start_over(&topic));
        }
        // The link of this page opens nothing any more, and the page that says so is the one to show.
        Frame::Refused { topic, code } if code == "not-found" && is_by_link(&topic) => load_again(),
        Frame::Refused { .. } | Frame::Alive => {}
    }
}

fn address() -> Option<String> {
    let location = window().location();
    let scheme = if location.protocol().ok()? == "https:" { "wss" } else { "ws" };
    Some(format!("{scheme}://{}{ADDRESS}", location.host().ok()?))
}

//! The fallback over plain HTTP: polling when WebSockets do not get through, and fetching single orders.

use std::cell::Cell;

use leptos::prelude::*;
use leptos::task::spawn_local;
use orders::{Order, OrderPage};

use super::browser::{now, reload};
use super::http;
use super::order_store::Live;
use super::topic::Topic;
use crate::json;

const PAUSE_MS: i64 = 1_000;
/// The delay between two polls of all orders, which cannot be long polls.
const LIST_PAUSE_MS: i64 = 5_000;

thread_local! {
    /// When to poll next; none while a request is in flight.
    static NEXT: Cell<Option<i64>> = const { Cell::new(Some(0)) };
}

/// Polls once, unless a request is in flight or it is too soon: a long poll of the order that the page is about, or
/// the viewer's newest orders.
pub fn poll_if_due(live: Live, focus: Option<Topic>, at: i64, answered: impl FnOnce(i64, bool) + 'static) {
    if NEXT.get().is_none_or(|next| at < next) {
        return;
    }
    NEXT.set(None);
    spawn_local(async move {
        let pause = if focus.is_some() { PAUSE_MS } else { LIST_PAUSE_MS };
        let answer = match focus {
            Some(topic) => long_poll(live, topic).await,
            None => poll_list(live).await,
        };
        let now = now();
        answered(now, answer.is_some());
        NEXT.set(Some(now + pause));
    });
}

pub fn fetch_order(live: Live, topic: Topic) {
    spawn_local(async move {
        if let Some(order) = get::<Order>(&address(&topic)).await {
            match topic.token {
                Some(_) => drop(live.put(order)),
                None => live.put_mine(order),
            }
        }
    });
}

async fn poll_list(live: Live) -> Option<()> {
    let list: OrderPage = get("/api/v1/orders?page_size=20").await?;
    live.seed(list.orders);
    Some(())
}

/// Returns some when there was an answer, including 304.
async fn long_poll(live: Live, topic: Topic) -> Option<()> {
    let known = topic.order.and_then(|id| live.order(id)).map(|order| order.with_untracked(Order::etag));
    let known = known.as_deref().map(|tag| ("if-none-match", tag));
    let headers: Vec<_> = [("prefer", "wait=25")].into_iter().chain(known).collect();
    let answer = http::get(&address(&topic), &headers).await?;
    match answer.status {
        304 => Some(()),
        200 => {
            live.put(json::read(&answer.text)?);
            Some(())
        }
        404 if topic.token.is_some() => {
            reload();
            None
        }
        _ => None,
    }
}

fn address(topic: &Topic) -> String {
    let id = topic.order.map(|id| id.to_string()).unwrap_or_default();
    match &topic.token {
        // A token has only characters that need no escaping.
        Some(token) => format!("/api/v1/orders/{id}?token={token}"),
        None => format!("/api/v1/orders/{id}"),
    }
}

async fn get<T: serde::de::DeserializeOwned>(address: &str) -> Option<T> {
    let answer = http::get(address, &[]).await.filter(http::Answer::is_ok)?;
    json::read(&answer.text)
}

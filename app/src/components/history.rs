//! The history of an order, collapsed by default.

use leptos::prelude::*;
use leptos::task::spawn_local;
use orders::Order;
use orders::wording::HistoryEntry;
use web_sys::Element;

use crate::components::reactive::{effect, reactive};
use crate::components::time::{Time, TimeFormat};
use crate::live::http;

/// The history of an order, by the address of its page. While it is open it is fetched again whenever the order
/// changes.
pub fn history(order: ArcRwSignal<Order>, page: String, past: Vec<HistoryEntry>) -> AnyView {
    let past = RwSignal::new(past);
    let open = RwSignal::new(false);
    let cursor = StoredValue::new(order.with_untracked(|order| order.version));
    effect(move || {
        let version = order.with(|order| order.version);
        if open.get() && cursor.get_value() < version {
            cursor.set_value(version);
            fetch(page.clone(), past, cursor);
        }
    });
    let toggled = move |event| open.set(event_target::<Element>(&event).has_attribute("open"));
    let rows = reactive(move || past.with(|past| past.iter().map(row).collect::<Vec<_>>()));
    view! {
        <details class="fold past" on:toggle=toggled>
            <summary>"Everything that happened"</summary>
            <ol class="history">{rows}</ol>
        </details>
    }
    .into_any()
}

fn row(HistoryEntry { at, words, times }: &HistoryEntry) -> AnyView {
    let times = (*times > 1).then(|| format!(" ({times} times)"));
    view! { <li><Time at=*at format=TimeFormat::DateAndClock /> " " <span>{words.clone()} {times}</span></li> }
        .into_any()
}

/// Fetches the history. After a failed request the next change or opening fetches it again.
fn fetch(page: String, past: RwSignal<Vec<HistoryEntry>>, cursor: StoredValue<u32>) {
    spawn_local(async move {
        let Some(now) = http::call_for_page::<Vec<HistoryEntry>>("/actions/history", &page).await else {
            cursor.set_value(0);
            return;
        };
        let until = |past: &[HistoryEntry]| past.last().map(|last| last.at);
        if past.with_untracked(|past| until(&now) >= until(past)) {
            past.set(now);
        }
    });
}

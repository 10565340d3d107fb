//! The orders in progress, on every page.

use leptos::prelude::*;

use crate::components::order_words::{NowState, When};
use crate::live::Live;

/// As many as the short list shows.
const SHORT: usize = 5;

/// A counter of the orders in progress that opens into a short list of them.
#[component]
pub fn Tray() -> impl IntoView {
    let live = Live::expect();
    let open = Memo::new(move |_| live.open());
    let count = move || open.with(Vec::len).to_string();
    let row = move |id| {
        live.order(id).map(|order| {
            let (number, page) =
                order.with_untracked(|order| (order.number.to_string(), order.links.page.clone()));
            view! {
                <li>
                    <a href=page>
                        <span class="number">{number}</span>
                        <NowState order=order.clone() />
                        <span class="soft"><When order=order /></span>
                    </a>
                </li>
            }
        })
    };
    let some = move || open.with(|open| !open.is_empty());
    view! {
        <details class="tray">
            <summary>
                "Orders "
                <span class="count" data-count=count>
                    {count}
                    <span class="unseen">" in progress"</span>
                </span>
            </summary>
            <div class="tray-list">
                <Show when=some fallback=|| view! { <p class="soft">"No orders in progress."</p> }>
                    <ul>
                        <For each=move || open.get().into_iter().take(SHORT) key=|id| *id children=row />
                    </ul>
                </Show>
                <p><a href="/orders">"All orders"</a></p>
            </div>
        </details>
    }
    .into_any()
}

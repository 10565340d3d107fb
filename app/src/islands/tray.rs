//! The orders in progress, in the head of every page.

use leptos::prelude::*;
use orders::Order;
use serde::{Deserialize, Serialize};

use super::Island;
use crate::components::order_words::{now_state, when};
use crate::live::Live;

/// As many as the short list shows.
const SHORT: usize = 5;

/// A counter of the orders in progress that opens into a short list of them.
#[derive(Serialize, Deserialize)]
pub struct Tray {
    /// The orders in progress when the page was made, newest first.
    pub orders: Vec<Order>,
}

impl Island for Tray {
    const NAME: &'static str = "tray";

    fn view(self) -> AnyView {
        let live = Live::expect();
        live.seed(self.orders);
        let look = move || tray(&live.open());
        look.into_any()
    }
}

fn tray(open: &[Order]) -> AnyView {
    let count = open.len().to_string();
    let list = if open.is_empty() {
        view! { <p class="soft">"No orders in progress."</p> }.into_any()
    } else {
        view! { <ul>{open.iter().take(SHORT).map(row).collect::<Vec<_>>()}</ul> }.into_any()
    };
    view! {
        <details class="tray">
            <summary>
                "Orders "
                <span class="count" data-count=count.clone()>
                    {count.clone()}
                    <span class="unseen">" in progress"</span>
                </span>
            </summary>
            <div class="tray-list">
                {list}
                <p><a href="/orders">"All orders"</a></p>
            </div>
        </details>
    }
    .into_any()
}

fn row(order: &Order) -> AnyView {
    view! {
        <li>
            <a href=order.links.page.clone()>
                <span class="number">{order.number.to_string()}</span>
                {now_state(order)}
                <span class="soft">{when(order)}</span>
            </a>
        </li>
    }
    .into_any()
}

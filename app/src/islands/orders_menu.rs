//! The orders in progress, in the header of every page.

use leptos::prelude::*;
use orders::{Order, OrderId};
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlElement, KeyboardEvent, Node};

use super::Island;
use crate::components::element::{link, paragraph, span, text};
use crate::components::order_status::due_text;
use crate::components::reactive::{effect, reactive};
use crate::components::state::{current_activity, state_span};
use crate::live::Live;

const SHORT_LIST: usize = 5;

/// The number of orders in progress, which opens a short list of them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct OrdersMenu {
    /// The first open orders when the page was rendered: those that need the customer, then the newest.
    pub orders: Vec<Order>,
    /// The others.
    pub others: Vec<OrderId>,
    /// How many there are besides.
    pub more: u32,
    /// The position in the event log that the page was rendered at.
    pub cursor: String,
}

impl Island for OrdersMenu {
    const NAME: &'static str = "tray";

    fn view(self) -> AnyView {
        let Self { orders, others, more, cursor } = self;
        let live = Live::expect();
        live.seed(orders);
        live.begin_after(cursor);
        effect(|| {
            for event in ["keydown", "focusin", "pointerdown"] {
                let _ = window_event_listener_untyped(event, close_on_leave);
            }
        });
        reactive(move || {
            let open = live.open();
            let unknown = others.iter().filter(|id| live.order(**id).is_none()).count();
            menu(live, &open, unknown + more as usize)
        })
    }
}

/// Closes the open list on Escape, which returns the focus to its button, and when the focus or a click goes
/// elsewhere.
fn close_on_leave(event: Event) {
    let Ok(Some(menu)) = document().query_selector(".tray[open]") else { return };
    match event.dyn_ref::<KeyboardEvent>() {
        Some(key) if key.key() != "Escape" => return,
        Some(_) => {
            if let Ok(Some(summary)) = menu.query_selector("summary") {
                let _ = summary.unchecked_ref::<HtmlElement>().focus();
            }
        }
        None => {
            let target = event.target().and_then(|target| target.dyn_into::<Node>().ok());
            if menu.contains(target.as_ref()) {
                return;
            }
        }
    }
    let _ = menu.remove_attribute("open");
}

fn menu(live: Live, open: &[OrderId], unknown: usize) -> AnyView {
    let all = open.len() + unknown;
    let count = all.to_string();
    let mut rows = Vec::new();
    for id in open.iter().take(SHORT_LIST) {
        rows.extend(live.current(*id).map(|order| row(&order)));
    }
    let more = all.saturating_sub(rows.len());
    let list = if all == 0 {
        view! { <p class="soft">"No orders in progress."</p> }.into_any()
    } else {
        view! { <ul>{rows}</ul> }.into_any()
    };
    let mut last = Vec::new();
    if more > 0 {
        last.push(span("soft", "and ".to_owned() + &more.to_string() + " more"));
    }
    last.push(link("", "/orders".to_owned(), vec![text("All orders")]));
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
                {paragraph("", last)}
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
                {state_span(order.state, order.delayed, current_activity(order))}
                <span class="soft">{due_text(order)}</span>
            </a>
        </li>
    }
    .into_any()
}

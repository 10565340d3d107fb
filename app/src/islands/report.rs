//! All orders of whoever looks, live, in their groups.

use leptos::prelude::*;
use orders::{Order, OrderId, StepName};
use serde::{Deserialize, Serialize};

use super::Island;
use crate::components::order_words::{now_state, times, when};
use crate::components::steps::word;
use crate::components::time::words;
use crate::live::Live;
use crate::live::report::{Group, matches};

/// The orders in their groups.
#[derive(Serialize, Deserialize)]
pub struct LiveReport {
    /// The orders that were asked for, as they were when the page was made, newest first.
    pub orders: Vec<Order>,
    /// A number, or a word of a product's name.
    pub query: String,
    /// The word of the one group to show; empty is all.
    pub group: String,
    /// What is ordered from now on belongs to this page.
    pub newest: bool,
}

/// The orders of each group.
type Groups<T> = [Vec<T>; 3];

impl Island for LiveReport {
    const NAME: &'static str = "report";

    /// While the pointer or the focus is on the rows, none changes its place.
    fn view(self) -> AnyView {
        let live = Live::expect();
        let Self { orders, query, group, newest } = self;
        let only = Group::from_word(&group);
        let filtered = only.is_some() || !query.is_empty();
        let asked: Vec<OrderId> = orders.iter().map(|order| order.id).collect();
        live.seed(orders);
        let order = move |id: OrderId| live.look_at(id);
        let touched = RwSignal::new(false);
        let places = Memo::new(move |shown: Option<&Groups<OrderId>>| match shown {
            Some(shown) if touched.get() => shown.clone(),
            _ => {
                let since = if newest { live.mine() } else { Vec::new() };
                // Ids ascend in time.
                let since = since.into_iter().take_while(|id| asked.first().is_none_or(|newest| id > newest));
                let mut groups = Groups::default();
                for order in since.chain(asked.iter().copied()).filter_map(order) {
                    let group = Group::of(&order);
                    if only.is_none_or(|only| only == group) && matches(&order, &query) {
                        groups[group as usize].push(order.id);
                    }
                }
                groups
            }
        });
        let look = move || {
            let orders = places.get().map(|ids| ids.into_iter().filter_map(order).collect());
            rows(&orders, only, filtered, touched)
        };
        look.into_any()
    }
}

fn rows(groups: &Groups<Order>, only: Option<Group>, filtered: bool, touched: RwSignal<bool>) -> AnyView {
    let none = groups.iter().all(Vec::is_empty);
    let shown = Group::ALL.into_iter().filter(|group| only.is_none_or(|only| only == *group));
    let sections = shown.map(|group| section(group, &groups[group as usize])).collect::<Vec<_>>();
    view! {
        <div
            class="stack wide"
            hidden=none
            on:mouseenter=move |_| touched.set(true)
            on:mouseleave=move |_| touched.set(false)
            on:focusin=move |_| touched.set(true)
            on:focusout=move |_| touched.set(false)
        >
            {sections}
        </div>
        {none.then(|| no_orders(filtered))}
    }
    .into_any()
}

fn no_orders(filtered: bool) -> AnyView {
    let (words, address, link) = if filtered {
        ("No order goes by these words.", "/orders", "All orders")
    } else {
        ("Nothing was ordered in this browser yet.", "/", "Go to the shop")
    };
    view! {
        <div class="empty">
            <p>{words}</p>
            <a class="button primary" href=address>{link}</a>
        </div>
    }
    .into_any()
}

fn section(group: Group, orders: &[Order]) -> AnyView {
    let id = format!("g-{}", group.as_str());
    let list = if orders.is_empty() {
        view! { <p>"Nothing here."</p> }.into_any()
    } else {
        view! { <ul class="order-rows">{orders.iter().map(row).collect::<Vec<_>>()}</ul> }.into_any()
    };
    view! {
        <section class="group" aria-labelledby=id.clone()>
            <h2 id=id.clone()>{group.title()} " " <span class="figure">{orders.len().to_string()}</span></h2>
            {list}
        </section>
    }
    .into_any()
}

fn row(order: &Order) -> AnyView {
    let pip = |name| view! { <i data-state=word(order.step(name).state)></i> }.into_any();
    let pips = StepName::ALL.map(pip).into_iter().collect::<Vec<_>>();
    view! {
        <li class="order-row">
            <a class="number" href=order.links.page.clone()>{order.number.to_string()}</a>
            <p class="now">
                {now_state(order)}
                <span class="soft">{words(&order.message.body, &times(order))}</span>
            </p>
            <span class="pips" aria-hidden="true">{pips}</span>
            <p class="when">{when(order)}</p>
        </li>
    }
    .into_any()
}

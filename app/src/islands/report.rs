//! The viewer's orders in groups, live.

use std::sync::Arc;

use leptos::prelude::*;
use orders::{Group, Order, OrderId, Words};
use serde::{Deserialize, Serialize};

use super::Island;
use crate::components::element::{link, paragraph, span, text};
use crate::components::order_row::{OrderSummary, order_row};
use crate::components::reactive::reactive;
use crate::live::Live;

#[derive(Serialize, Deserialize)]
pub struct LiveReport {
    /// The open orders of this page, as they were when it was rendered.
    pub open: Vec<Order>,
    /// The finished orders, newest first.
    pub done: Vec<OrderSummary>,
    /// The older orders of each group.
    pub rest: Vec<OlderOrders>,
    pub query: String,
    /// The group to show; empty is all.
    pub group: String,
    /// The address of the wider search when nothing is found.
    pub wider_search: String,
    /// The position in the event log that the page was rendered at.
    pub cursor: String,
    /// The address of the newest orders; empty when they are on this page, which then also shows later ones.
    pub newest: String,
}

/// The orders of a group that are older than those shown.
#[derive(Default, Serialize, Deserialize)]
pub struct OlderOrders {
    pub count: u32,
    pub words: String,
    /// Their address; empty when there are none.
    pub address: String,
}

/// The orders of each group, newest first.
type Groups = [Vec<OrderId>; 3];

impl Island for LiveReport {
    const NAME: &'static str = "report";

    /// While the pointer or the focus is on the rows, none of them moves.
    fn view(mut self) -> AnyView {
        let live = Live::expect();
        let open = std::mem::take(&mut self.open);
        let asked = open.iter().map(|order| order.id).chain(self.done.iter().map(|row| row.id)).collect();
        live.seed(open);
        live.begin_after(std::mem::take(&mut self.cursor));
        let words = Words::of(&self.query);
        let page = Arc::new(self);
        let frozen = RwSignal::new(false);
        let groups = Memo::new({
            let page = page.clone();
            move |shown: Option<&Groups>| match shown {
                Some(shown) if frozen.get() => shown.clone(),
                _ => page.sort(live, &asked, &words),
            }
        });
        reactive(move || groups.with(|groups| render(live, &page, groups, frozen)))
    }
}

impl LiveReport {
    /// Sorts the orders of the page, and newer ones if they belong here, into groups.
    fn sort(&self, live: Live, asked: &Vec<OrderId>, words: &Words) -> Groups {
        let mut ids = if self.newest.is_empty() { live.mine() } else { Vec::new() };
        for id in asked {
            let place = ids.partition_point(|known| known > id);
            if ids.get(place) != Some(id) {
                ids.insert(place, *id);
            }
        }
        // A finished order older than this is on another page, unless it was open on this one.
        let last = self.done.last().filter(|_| self.rest(Group::Done).is_some()).map(|row| row.id);
        let only = Group::from_word(&self.group);
        let mut groups = Groups::default();
        for id in ids {
            let group = match live.order(id) {
                Some(order) => order.with(|order| words.mean_order(order).then(|| Group::of(order.state))),
                None => Some(Group::Done),
            };
            let is_here = |group| match group {
                Group::Done => last.is_none_or(|last| id > last) || asked.contains(&id),
                Group::NeedsYou | Group::InProgress => true,
            };
            if let Some(group) =
                group.filter(|group| only.is_none_or(|only| only == *group) && is_here(*group))
            {
                groups[group as usize].push(id);
            }
        }
        groups
    }

    /// Returns how many orders a group has, of which this many are shown.
    fn count(&self, group: Group, shown: usize) -> usize {
        shown + self.rest(group).map_or(0, |rest| rest.count as usize)
    }

    fn rest(&self, group: Group) -> Option<&OlderOrders> {
        self.rest.get(group as usize).filter(|rest| !rest.address.is_empty())
    }
}

fn render(live: Live, page: &LiveReport, groups: &Groups, frozen: RwSignal<bool>) -> AnyView {
    let none = groups.iter().all(Vec::is_empty);
    let mut parts = Vec::new();
    parts.extend(summary(page, groups));
    for group in Group::ALL {
        parts.extend(section(live, page, group, &groups[group as usize]));
    }
    view! {
        <div
            class="stack wide"
            hidden=none
            on:mouseenter=move |_| frozen.set(true)
            on:mouseleave=move |_| frozen.set(false)
            on:focusin=move |_| frozen.set(true)
            on:focusout=move |_| frozen.set(false)
        >
            {parts}
        </div>
        {none.then(|| no_orders(page))}
    }
    .into_any()
}

/// The number of found orders, or that there is nothing to do and nothing to wait for.
fn summary(page: &LiveReport, groups: &Groups) -> Option<AnyView> {
    let [needs_you, in_progress, _] = groups.each_ref().map(Vec::len);
    if !page.newest.is_empty() {
        return None;
    }
    if !page.query.is_empty() {
        let count =
            Group::ALL.iter().map(|group| page.count(*group, groups[*group as usize].len())).sum::<usize>();
        let words = if count == 1 { " order found for “" } else { " orders found for “" };
        let all = link("", "/orders".to_owned(), vec![text("All orders")]);
        let parts = [span("figure", count.to_string()), text(words), text(&page.query), text("”. "), all];
        return Some(paragraph("found", parts.into()));
    }
    let words = match (needs_you, in_progress) {
        _ if !page.group.is_empty() => return None,
        (0, 0) => "Nothing needs you, and nothing is in progress.",
        (0, _) => "Nothing needs you.",
        _ => return None,
    };
    Some(paragraph("found soft", vec![text(words)]))
}

fn no_orders(page: &LiveReport) -> AnyView {
    let (words, link) = match Group::from_word(&page.group) {
        None if !page.query.is_empty() => ("No order goes by these words.", "All orders"),
        Some(_) if !page.query.is_empty() => ("No order goes by these words.", "Look among all orders"),
        Some(Group::NeedsYou) => ("No order needs you.", "All orders"),
        Some(Group::InProgress) => ("No order is in progress.", "All orders"),
        Some(Group::Done) => ("No order is done.", "All orders"),
        None => ("Nothing was ordered in this browser yet.", "Go to the shop"),
    };
    view! {
        <div class="empty">
            <p>{words}</p>
            <a class="button primary" href=page.wider_search.clone()>{link}</a>
        </div>
    }
    .into_any()
}

fn section(live: Live, page: &LiveReport, group: Group, ids: &[OrderId]) -> Option<AnyView> {
    if ids.is_empty() {
        return None;
    }
    let id = "g-".to_owned() + group.as_str();
    let mut rows = Vec::new();
    for id in ids {
        rows.push(row(live, page, *id));
    }
    let mut links = Vec::new();
    let mut count = page.count(group, ids.len()).to_string();
    if !page.newest.is_empty() {
        count.clear();
        links.push(link("button", page.newest.clone(), vec![text("Newest orders")]));
    }
    if let Some(rest) = page.rest(group) {
        links.push(link("button", rest.address.clone(), vec![text("Older orders")]));
        links.push(span("soft", rest.words.clone()));
    }
    let mut list = vec![view! { <ul class="order-rows">{rows}</ul> }.into_any()];
    if !links.is_empty() {
        list.push(paragraph("pages", links));
    }
    let section = view! {
        <section class="group" aria-labelledby=id.clone()>
            <h2 id=id.clone()>{group.title()} " " <span class="figure">{count}</span></h2>
            {list}
        </section>
    };
    Some(section.into_any())
}

/// A row, which changes only with its order.
fn row(live: Live, page: &LiveReport, id: OrderId) -> AnyView {
    let finished = page.done.iter().find(|row| row.id == id).cloned();
    reactive(move || match (live.current(id), &finished) {
        (Some(order), _) => {
            let open = (Group::of(order.state) != Group::Done).then_some(&order);
            order_row(&OrderSummary::of(&order), open)
        }
        (None, Some(finished)) => {
            // Announced once its order is known.
            live.track_own_orders();
            order_row(finished, None)
        }
        (None, None) => ().into_any(),
    })
}

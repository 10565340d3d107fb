//! The report: all orders of whoever looks, and what each is doing now.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use orders::{Order, OrderId, StepName};

use crate::components::order_words::{NowState, When, times};
use crate::components::steps::word;
use crate::components::time::Words;
use crate::components::trouble::TroublePage;
use crate::live::Live;
use crate::live::report::{Group, matches};
use crate::pages::query;
use crate::server_fns::report::{ReportQuery, load_report};

/// The report.
#[component]
pub fn ReportPage() -> impl IntoView {
    let wanted = use_query_map();
    let asked = Memo::new(move |_| {
        wanted.with(|wanted| ReportQuery {
            query: wanted.get("query").unwrap_or_default(),
            group: wanted.get("group").unwrap_or_default(),
            after: wanted.get("after").unwrap_or_default(),
        })
    });
    let found = Resource::new(move || asked.get(), load_report);
    let live = Live::expect();
    view! {
        <Title text="Your orders · Docket" />
        <div class="page-head">
            <h1>"Your orders"</h1>
            <p>"Changes show here by themselves."</p>
        </div>
        <Filter asked />
        <Suspense>
            {move || Suspend::new(async move {
                match found.await {
                    Ok(list) => {
                        let ids: Vec<_> = list.orders.iter().map(|order| order.id).collect();
                        live.seed(list.orders);
                        view! { <Groups ids asked=asked.get_untracked() older=list.next_page_token /> }.into_any()
                    }
                    Err(trouble) => view! { <TroublePage trouble /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Filter(asked: Memo<ReportQuery>) -> impl IntoView {
    let option = move |group: Group| {
        let chosen = move || asked.with(|asked| asked.group == group.as_str());
        view! { <option value=group.as_str() selected=chosen>{group.title()}</option> }
    };
    view! {
        <form class="filter" role="search" aria-label="Your orders" action="/orders" method="get">
            <div class="field">
                <label for="find">"Find"</label>
                <input class="input" id="find" name="query" type="search" placeholder="Number or product"
                    value=move || asked.with(|asked| asked.query.clone()) />
            </div>
            <div class="field short">
                <label for="show">"Which"</label>
                <select class="input" id="show" name="group">
                    <option value="">"All orders"</option>
                    {Group::ALL.map(option).into_iter().collect_view()}
                </select>
            </div>
            <button class="button">"Show"</button>
        </form>
    }
}

/// The orders in their groups. While the pointer or the focus is on them, no row changes its place.
#[component]
fn Groups(ids: Vec<OrderId>, asked: ReportQuery, older: Option<String>) -> impl IntoView {
    let live = Live::expect();
    // What is ordered from now on belongs to the first page of the report.
    let first_page = asked.after.is_empty();
    let only = Group::from_word(&asked.group);
    let words = asked.query.clone();
    let newest = ids.first().copied();
    let grouped = move || {
        let mine = if first_page { live.mine() } else { Vec::new() };
        let new = mine.into_iter().filter(|id| newest.is_none_or(|newest| *id > newest) && !ids.contains(id));
        let all: Vec<_> = new.chain(ids.iter().copied()).collect();
        Group::ALL.map(|group| {
            let wanted = only.is_none_or(|only| only == group);
            let belongs = |id: &&OrderId| {
                wanted
                    && live.order(**id).is_some_and(|order| {
                        order.with(|order| Group::of(order) == group && matches(order, &words))
                    })
            };
            all.iter().filter(belongs).copied().collect::<Vec<_>>()
        })
    };
    let touched = RwSignal::new(false);
    let shown = Memo::new(move |before: Option<&[Vec<OrderId>; 3]>| match before {
        Some(before) if touched.get() => before.clone(),
        _ => grouped(),
    });
    let section = move |(at, group): (usize, Group)| {
        let wanted = only.is_none_or(|only| only == group);
        wanted.then(|| view! { <GroupSection group rows=Signal::derive(move || shown.with(|shown| shown[at].clone())) /> })
    };
    let sections = Group::ALL.into_iter().enumerate().map(section).collect_view();
    let none = move || shown.with(|shown| shown.iter().all(Vec::is_empty));
    let empty = {
        let filtered = !asked.query.is_empty() || only.is_some();
        move || none().then(|| view! { <NoOrders filtered /> })
    };
    let older = older.map(|after| {
        let next = query::address("/orders", &[("query", &asked.query), ("group", &asked.group), ("after", &after)]);
        view! { <nav class="pages" aria-label="More orders"><a class="button" href=next>"Older orders"</a></nav> }
    });
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
        {empty}
        {older}
    }
    .into_any()
}

#[component]
fn NoOrders(filtered: bool) -> impl IntoView {
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
}

#[component]
fn GroupSection(group: Group, rows: Signal<Vec<OrderId>>) -> impl IntoView {
    let live = Live::expect();
    let id = format!("g-{}", group.as_str());
    let heading = id.clone();
    let count = move || rows.with(Vec::len).to_string();
    let some = move || rows.with(|rows| !rows.is_empty());
    let row = move |id| live.order(id).map(|order| view! { <Row order /> });
    view! {
        <section class="group" aria-labelledby=id>
            <h2 id=heading>{group.title()} " " <span class="figure">{count}</span></h2>
            <Show when=some fallback=|| view! { <p>"Nothing here."</p> }>
                <ul class="order-rows">
                    <For each=move || rows.get() key=|id| *id children=row />
                </ul>
            </Show>
        </section>
    }
    .into_any()
}

#[component]
fn Row(order: ArcRwSignal<Order>) -> impl IntoView {
    let (number, page) = order.with_untracked(|order| (order.number.to_string(), order.links.page.clone()));
    let words = Memo::new({
        let order = order.clone();
        move |_| order.with(|order| (order.message.body.clone(), times(order)))
    });
    let pip = |name: StepName| {
        let order = order.clone();
        view! { <i data-state=move || order.with(|order| word(order.step(name).state))></i> }
    };
    let pips = StepName::ALL.map(pip).into_iter().collect_view();
    view! {
        <li class="order-row">
            <a class="number" href=page>{number}</a>
            <p class="now">
                <NowState order=order.clone() />
                <span class="soft">
                    {move || {
                        let (text, times) = words.get();
                        view! { <Words text times /> }
                    }}
                </span>
            </p>
            <span class="pips" aria-hidden="true">{pips}</span>
            <p class="when"><When order /></p>
        </li>
    }
    .into_any()
}

//! The report: all orders of whoever looks, and what each is doing now.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use orders::OrderPage;

use crate::islands::LiveReport;
use crate::live::report::Group;
use crate::pages::trouble::TroublePage;
use crate::pages::{island, query};
use crate::server_fns::report::{ReportQuery, load_report};

/// The report.
#[component]
pub fn ReportPage() -> impl IntoView {
    let asked = use_query_map().with_untracked(|wanted| ReportQuery {
        query: wanted.get("query").unwrap_or_default(),
        group: wanted.get("group").unwrap_or_default(),
        after: wanted.get("after").unwrap_or_default(),
    });
    let found = Resource::new(
        {
            let asked = asked.clone();
            move || asked.clone()
        },
        load_report,
    );
    view! {
        <Title text="Your orders · Docket" />
        <div class="page-head">
            <h1>"Your orders"</h1>
            <p class="with-code">"Changes show here by themselves."</p>
        </div>
        <Filter asked=asked.clone() />
        <Suspense>
            {move || {
                let asked = asked.clone();
                Suspend::new(async move {
                    match found.await {
                        Ok(list) => view! { <Orders list asked /> }.into_any(),
                        Err(trouble) => view! { <TroublePage trouble /> }.into_any(),
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn Filter(asked: ReportQuery) -> impl IntoView {
    let option = |group: Group| {
        let chosen = asked.group == group.as_str();
        view! { <option value=group.as_str() selected=chosen>{group.title()}</option> }
    };
    view! {
        <form class="filter" role="search" aria-label="Your orders" action="/orders" method="get">
            <div class="field">
                <label for="find">"Find"</label>
                <input class="input" id="find" name="query" type="search" placeholder="Number or product"
                    value=asked.query.clone() />
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

#[component]
fn Orders(list: OrderPage, asked: ReportQuery) -> impl IntoView {
    let ReportQuery { query, group, after } = asked;
    let older = list.next_page_token.map(|after| {
        let next = query::address("/orders", &[("query", &query), ("group", &group), ("after", &after)]);
        view! { <nav class="pages" aria-label="More orders"><a class="button" href=next>"Older orders"</a></nav> }
    });
    view! {
        {island(LiveReport { orders: list.orders, query, group, newest: after.is_empty() })}
        {older}
    }
}

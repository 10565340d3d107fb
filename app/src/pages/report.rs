//! The report: the viewer's orders, and what each is doing now.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use orders::report::LOOKED_THROUGH;
use orders::{Group, OrderNumber};

use crate::components::order_row::OrderSummary;
use crate::islands::LiveReport;
use crate::islands::report::OlderOrders;
use crate::pages::auto_refresh::refresh_after;
use crate::pages::error_page::error_page;
use crate::pages::loaded::loaded;
use crate::pages::title::PageTitle;
use crate::pages::{island, query};
use crate::server_fns::report::{Report, ReportQuery, load_report};

#[component]
pub fn ReportPage() -> impl IntoView {
    let asked = use_query_map().with_untracked(|wanted| ReportQuery {
        query: wanted.get("query").unwrap_or_default().trim().to_owned(),
        group: wanted.get("group").unwrap_or_default(),
        // An invalid number is ignored.
        after: wanted.get("after").filter(|after| after.parse::<OrderNumber>().is_ok()).unwrap_or_default(),
    });
    let newest = newest(&asked);
    let subtitle = if newest.is_empty() {
        view! { <p class="with-code">"Changes show here by themselves."</p> }.into_any()
    } else {
        view! { <p>"Older orders. " <a href=newest>"Newest orders"</a></p> }.into_any()
    };
    view! {
        <PageTitle text="Your orders · Docket" />
        <div class="page-head">
            <h1>"Your orders"</h1>
            {subtitle}
        </div>
        <Filter asked=asked.clone() />
        {loaded(asked.clone(), load_report, move |found| orders(found, &asked), error_page)}
    }
}

fn orders(found: Report, asked: &ReportQuery) -> AnyView {
    let mut orders = found.groups.iter().flat_map(|group| &group.orders);
    // Longer than on the page of an order, because a search may be typed meanwhile.
    let refresh = orders.any(|order| order.state.is_moving()).then(|| refresh_after(15));
    view! {
        {refresh}
        {island(report(found, asked.clone()))}
    }
    .into_any()
}

fn address(asked: &ReportQuery) -> String {
    let ReportQuery { query, group, after } = asked;
    query::address("/orders", &[("query", query), ("group", group), ("after", after)])
}

/// Returns the address of the newest orders, for a page of older ones of one group.
fn newest(asked: &ReportQuery) -> String {
    if asked.after.is_empty() {
        return String::new();
    }
    address(&ReportQuery { query: asked.query.clone(), ..ReportQuery::default() })
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

fn report(found: Report, asked: ReportQuery) -> LiveReport {
    let Report { groups, cursor } = found;
    let rest = |group: Group| {
        let page = &groups[group as usize];
        let Some(after) = page.next else { return OlderOrders::default() };
        let words = match page.older {
            0 => format!("Only the newest {LOOKED_THROUGH} were looked through."),
            1 => "1 more".to_owned(),
            count => format!("{count} more"),
        };
        let older = ReportQuery {
            query: asked.query.clone(),
            group: group.as_str().to_owned(),
            after: after.to_string(),
        };
        OlderOrders { count: page.older, words, address: address(&older) }
    };
    let rest = Group::ALL.map(rest).into();
    let newest = newest(&asked);
    let wider_search = match (asked.query.is_empty(), asked.group.is_empty()) {
        (true, true) => "/".to_owned(),
        (false, false) => address(&ReportQuery { query: asked.query.clone(), ..ReportQuery::default() }),
        _ => "/orders".to_owned(),
    };
    let [needs_you, in_progress, done] = groups;
    let open = needs_you.orders.into_iter().chain(in_progress.orders).collect();
    let done = done.orders.iter().map(OrderSummary::of).collect();
    LiveReport { open, done, rest, query: asked.query, group: asked.group, wider_search, cursor, newest }
}

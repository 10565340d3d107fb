//! One order: for its owner, and for the holder of its link.

use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use crate::islands::LiveOrder;
use crate::pages::auto_refresh::refresh_after;
use crate::pages::error_page::{InvalidLinkPage, error_page};
use crate::pages::island;
use crate::pages::loaded::loaded;
use crate::pages::title::PageTitle;
use crate::server_fns::orders::load_order;
use crate::ssr::input::OrderKey;

/// `/orders/{id}`
#[component]
pub fn OrderPage() -> impl IntoView {
    view! { <OneOrder key=OrderKey::Id(parameter("id")) /> }
}

/// `/track/{token}`
#[component]
pub fn TrackPage() -> impl IntoView {
    view! { <OneOrder key=OrderKey::Token(parameter("token")) /> }
}

fn parameter(name: &str) -> String {
    use_params_map().with_untracked(|params| params.get(name).unwrap_or_default())
}

#[component]
fn OneOrder(key: OrderKey) -> impl IntoView {
    let asks = use_query_map().with_untracked(|query| query.get("cancel").is_some());
    let by_link = matches!(key, OrderKey::Token(_));
    loaded((key, asks), load_order, contents, move |error| match error.status {
        404 if by_link => view! { <InvalidLinkPage /> }.into_any(),
        _ => error_page(error),
    })
}

fn contents(page: LiveOrder) -> AnyView {
    let order = &page.order;
    // No reload while the customer confirms a cancellation.
    let moves = order.state.is_moving() && !page.asks && page.submitted.is_none();
    let by_link = page.token.is_some().then(|| {
        view! {
            <p class="notice">
                "Whoever has this link can see this order. Keep it like a receipt. "
                <a href="/help/tracking">"About this link"</a>
            </p>
        }
    });
    view! {
        <PageTitle text=LiveOrder::title(&order.seen_at(crate::ssr::now())) />
        {moves.then(|| refresh_after(3))}
        {by_link}
        {island(page)}
    }
    .into_any()
}

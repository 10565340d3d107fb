//! One order: for its owner, and for the holder of its link.

use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use crate::islands::LiveOrder;
use crate::pages::auto_refresh::refresh_after;
use crate::pages::error_page::{ErrorPage, InvalidLinkPage};
use crate::pages::island;
use crate::pages::title::PageTitle;
use crate::server_fns::orders::{OrderView, load_order};
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
    let asked = key.clone();
    let found = Resource::new(move || asked.clone(), load_order);
    view! {
        <Suspense>
            {move || {
                let key = key.clone();
                Suspend::new(async move {
                    match found.await {
                        Ok(found) => view! { <OrderContents key found asks /> }.into_any(),
                        Err(error) if error.status == 404 && matches!(key, OrderKey::Token(_)) => {
                            view! { <InvalidLinkPage /> }.into_any()
                        }
                        Err(error) => view! { <ErrorPage error /> }.into_any(),
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn OrderContents(key: OrderKey, found: OrderView, asks: bool) -> impl IntoView {
    let OrderView { order, link, past, may_correct_email, submitted, address_format } = found;
    // A viewer by link already has it.
    let (token, link) = match &key {
        OrderKey::Token(token) => (Some(token.clone()), None),
        OrderKey::Id(_) => (None, Some(link)),
    };
    let by_link = token.is_some();
    // No reload while the customer confirms a cancellation.
    let moves = order.state.is_moving() && !asks && submitted.is_none();
    view! {
        <PageTitle text=LiveOrder::title(&order.seen_at(crate::ssr::now())) />
        {moves.then(|| refresh_after(3))}
        {by_link.then(|| {
            view! {
                <p class="notice">
                    "Whoever has this link can see this order. Keep it like a receipt. "
                    <a href="/help/tracking">"About this link"</a>
                </p>
            }
        })}
        {island(LiveOrder { order, token, link, page: key.page(), may_correct_email, asks, past, submitted, address_format })}
    }
}

//! One order: for whoever sent it, and for whoever has its link.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

use crate::components::slip::Slip;
use crate::components::state::state_word;
use crate::components::trouble::TroublePage;
use crate::live::{Live, Topic};
use crate::server_fns::orders::{OrderKey, OrderView, load_order};

/// Without JavaScript the page looks again by itself.
const LOOK_AGAIN: &str = r#"<meta http-equiv="refresh" content="3">"#;

/// `/orders/{id}`
#[component]
pub fn OrderPage() -> impl IntoView {
    let params = use_params_map();
    let key = Memo::new(move |_| OrderKey::Id(params.with(|params| params.get("id").unwrap_or_default())));
    view! { <OneOrder key /> }
}

/// `/track/{token}`
#[component]
pub fn TrackPage() -> impl IntoView {
    let params = use_params_map();
    let key =
        Memo::new(move |_| OrderKey::Token(params.with(|params| params.get("token").unwrap_or_default())));
    view! { <OneOrder key /> }
}

#[component]
fn OneOrder(key: Memo<OrderKey>) -> impl IntoView {
    let found = Resource::new(move || key.get(), load_order);
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match found.await {
                    Ok(found) => view! { <Found key=key.get_untracked() found /> }.into_any(),
                    Err(trouble) => view! { <TroublePage trouble /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Found(key: OrderKey, found: OrderView) -> impl IntoView {
    let OrderView { order, token, rejected } = found;
    let live = Live::expect();
    let token = matches!(key, OrderKey::Token(_)).then_some(token);
    let by_link = token.is_some();
    live.follow(Topic { order: Some(order.id), token });
    let number = order.number;
    let order = live.put(order);
    // The title is asked for after everything else, when a memo of this component may be gone.
    let title = {
        let order = order.clone();
        move || order.with(|order| format!("{} · {number} · Docket", state_word(order.state, order.delayed)))
    };
    Effect::new({
        let order = order.clone();
        move |_| live.set_in_focus(Some(order.with(|order| order.state)))
    });
    on_cleanup(move || live.set_in_focus(None));
    let asking = use_query_map().with_untracked(|query| query.get("cancel").is_some());
    // Nobody is interrupted while they decide whether to cancel.
    let moves = order.with_untracked(|order| order.state.is_moving()) && !asking && rejected.is_none();
    view! {
        <Title text=title />
        {moves.then(|| view! { <noscript inner_html=LOOK_AGAIN></noscript> })}
        {by_link.then(|| {
            view! { <p class="notice">"Whoever has this link can see this order. Keep it like a receipt."</p> }
        })}
        <Slip order page=key.page() rejected />
    }
}

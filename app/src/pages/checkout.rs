//! The checkout: one page, one button, one order.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::islands::CheckoutForm;
use crate::pages::island;
use crate::pages::trouble::TroublePage;
use crate::server_fns::checkout::{Checkout, load_checkout};

/// The checkout.
#[component]
pub fn CheckoutPage() -> impl IntoView {
    let page = Resource::new(|| (), |()| load_checkout());
    view! {
        <Title text="Checkout · Docket" />
        <Suspense>
            {move || Suspend::new(async move {
                match page.await {
                    Ok(Checkout { total: Some(total), lines, cart, sandbox, rejected }) => {
                        let lines = lines.into_iter().map(|line| line.line).collect();
                        let form = island(CheckoutForm { lines, total, cart, sandbox, rejected });
                        view! {
                            <div class="page-head"><h1>"Checkout"</h1></div>
                            {form}
                        }
                        .into_any()
                    }
                    Ok(Checkout { total: None, .. }) => view! { <NothingToOrder /> }.into_any(),
                    Err(trouble) => view! { <TroublePage trouble /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn NothingToOrder() -> impl IntoView {
    view! {
        <div class="page-head"><h1>"Checkout"</h1></div>
        <div class="empty">
            <p>"Your cart is empty, so there is nothing to order yet."</p>
            <div class="row">
                <a class="button primary" href="/">"Go to the shop"</a>
                <a class="button" href="/orders">"Your orders"</a>
            </div>
        </div>
    }
}

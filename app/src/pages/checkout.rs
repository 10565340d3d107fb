//! The checkout: one page, one button, one order.

use leptos::prelude::*;
use orders::Order;
use orders::plain_text::isolated;

use crate::islands::CheckoutForm;
use crate::pages::error_page::error_page;
use crate::pages::island;
use crate::pages::loaded::loaded;
use crate::pages::title::PageTitle;
use crate::server_fns::cart::total;
use crate::server_fns::checkout::{Checkout, load_checkout};
use crate::ssr::input::PricedLine;

#[component]
pub fn CheckoutPage() -> impl IntoView {
    view! {
        <PageTitle text="Checkout · Docket" />
        {loaded((), |()| load_checkout(), checkout, error_page)}
    }
}

fn checkout(page: Checkout) -> AnyView {
    let Checkout { lines, cart, sandbox, submitted, address_format, last } = page;
    let Some(total) = total(&lines) else { return view! { <NothingToOrder last /> }.into_any() };
    let short = short(&lines);
    let lines = lines.into_iter().map(|line| line.line).collect();
    view! {
        <div class="page-head"><h1>"Checkout"</h1></div>
        {short}
        {island(CheckoutForm { lines, total, cart, sandbox, submitted, address_format })}
    }
    .into_any()
}

#[component]
fn NothingToOrder(last: Option<Box<Order>>) -> impl IntoView {
    let saved = last.map(|order| {
        let number = order.number.to_string();
        view! { <p>"Your last order, " <a class="number" href=order.links.page>{number}</a> ", is saved."</p> }
    });
    view! {
        <div class="page-head"><h1>"Checkout"</h1></div>
        <div class="empty">
            <p>"Your cart is empty, so there is nothing to order."</p>
            {saved}
            <div class="row">
                <a class="button primary" href="/">"Go to the shop"</a>
                <a class="button" href="/orders">"Your orders"</a>
            </div>
        </div>
    }
}

/// A note about items that are short in stock, while the cart can still be changed.
fn short(lines: &[PricedLine]) -> Option<AnyView> {
    let words = |line: &PricedLine| match (isolated(&line.line.name), line.stock) {
        (name, 0) => format!("{name} is sold out."),
        (name, there) => format!("Only {there} left of {name}."),
    };
    let short: Vec<_> = lines.iter().filter(|line| line.is_short()).map(words).collect();
    (!short.is_empty()).then(|| {
        view! {
            <p class="notice" data-tone="attention">
                {short.join(" ")} <a href="/cart">"Change the cart"</a>
            </p>
        }
        .into_any()
    })
}

//! The cart.

use leptos::prelude::*;
use leptos_meta::Title;
use orders::Money;

use crate::components::lines::items_words;
use crate::components::state::mark;
use crate::islands::{CartForms, RefusedNote};
use crate::pages::island;
use crate::pages::shop::stock_words;
use crate::pages::trouble::TroublePage;
use crate::server_fns::cart::{Basket, BasketLine, load_basket};

/// The cart.
#[component]
pub fn CartPage() -> impl IntoView {
    let cart = Resource::new(|| (), |()| load_basket());
    view! {
        <Title text="Cart · Docket" />
        <Suspense>
            {move || Suspend::new(async move {
                match cart.await {
                    Ok(basket) => view! { <Contents basket /> }.into_any(),
                    Err(trouble) => view! { <TroublePage trouble /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Contents(basket: Basket) -> impl IntoView {
    let Basket { lines, total, refused } = basket;
    let Some(total) = total else {
        return view! {
            <div class="page-head"><h1>"Your cart"</h1></div>
            <div class="empty">
                <p>"Nothing is in it yet."</p>
                <a class="button primary" href="/">"Go to the shop"</a>
            </div>
        }
        .into_any();
    };
    let count = lines.iter().map(|line| line.line.quantity).sum();
    let lines = lines.into_iter().map(|line| view! { <CartLine line /> }).collect_view();
    view! {
        <div class="page-head">
            <h1>"Your cart"</h1>
            <p>{items_words(count)}</p>
        </div>
        {island(RefusedNote { refused })}
        <div class="beside">
            <ul class="cart-lines">{lines}</ul>
            <Sum total />
        </div>
    }
    .into_any()
}

#[component]
fn CartLine(line: BasketLine) -> impl IntoView {
    let BasketLine { line, image, stock } = line;
    let short = (stock < line.quantity).then(|| {
        let (state, words) = stock_words(stock);
        let state = if state == "plenty" { "low" } else { state };
        view! { <p class="stock" data-state=state>{mark()}{words}</p> }
    });
    view! {
        <li class="cart-line">
            <img class="picture" src=image alt="" width="240" height="180" loading="lazy" />
            <div class="product-text">
                <h2 class="product-name">{line.name.clone()}</h2>
                <p class="soft"><span class="money">{line.unit_price.to_string()}</span> " each"</p>
                {short}
            </div>
            <p><span class="money">{line.total.to_string()}</span></p>
            {island(CartForms { sku: line.sku, name: line.name, quantity: line.quantity })}
        </li>
    }
    .into_any()
}

#[component]
fn Sum(total: Money) -> impl IntoView {
    view! {
        <section class="slip" aria-labelledby="sum">
            <h2 id="sum">"What it comes to"</h2>
            <dl class="totals">
                <dt>"Items"</dt>
                <dd>{total.to_string()}</dd>
                <dt>"Delivery"</dt>
                <dd>"Free"</dd>
                <dt class="sum">"Total"</dt>
                <dd class="sum">{total.to_string()}</dd>
            </dl>
            <a class="button primary full" href="/checkout">"Go to checkout"</a>
            <p class="hint">"Prices include tax. Nothing is ordered until you send the checkout page."</p>
        </section>
    }
}

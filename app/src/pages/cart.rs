//! The cart.

use leptos::prelude::*;
use leptos_meta::Title;
use orders::Money;

use crate::components::form::{PostForm, refusal};
use crate::components::lines::items_words;
use crate::components::state::Mark;
use crate::components::trouble::{RefusedNote, TroublePage};
use crate::pages::shop::stock_words;
use crate::server_fns::cart::{Basket, BasketLine, ChangeQuantity, RemoveFromCart, load_basket};
use crate::server_fns::outcome::Refused;

/// The cart.
#[component]
pub fn CartPage() -> impl IntoView {
    let change = ServerAction::<ChangeQuantity>::new();
    let remove = ServerAction::<RemoveFromCart>::new();
    let cart = Resource::new(move || (change.version().get(), remove.version().get()), |_| load_basket());
    view! {
        <Title text="Cart · Docket" />
        <Transition>
            {move || Suspend::new(async move {
                match cart.await {
                    Ok(basket) => view! { <Contents basket change remove /> }.into_any(),
                    Err(trouble) => view! { <TroublePage trouble /> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Contents(
    basket: Basket,
    change: ServerAction<ChangeQuantity>,
    remove: ServerAction<RemoveFromCart>,
) -> impl IntoView {
    let Basket { lines, total, refused } = basket;
    let changed = refusal(change, refused);
    let removed = refusal(remove, None);
    let refused: Signal<Option<Refused>> = Signal::derive(move || changed.get().or_else(|| removed.get()));
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
    let lines = lines.into_iter().map(|line| view! { <CartLine line change remove /> }).collect_view();
    view! {
        <div class="page-head">
            <h1>"Your cart"</h1>
            <p>{items_words(count)}</p>
        </div>
        <RefusedNote refused />
        <div class="beside">
            <ul class="cart-lines">{lines}</ul>
            <Sum total />
        </div>
    }
    .into_any()
}

#[component]
fn CartLine(
    line: BasketLine,
    change: ServerAction<ChangeQuantity>,
    remove: ServerAction<RemoveFromCart>,
) -> impl IntoView {
    let BasketLine { line, image, stock } = line;
    let (of_name, remove_name, remove_sku) = (line.name.clone(), line.name.clone(), line.sku.clone());
    let field = format!("q-{}", line.sku);
    let short = (stock < line.quantity).then(|| {
        let (state, words) = stock_words(stock);
        let state = if state == "plenty" { "low" } else { state };
        view! { <p class="stock" data-state=state><Mark />{words}</p> }
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
            <div class="cart-line-edit row">
                <PostForm action=change page="/cart" class="quantity">
                    <input type="hidden" name="sku" value=line.sku />
                    <label for=field.clone()>"Quantity" <span class="unseen">" of " {of_name}</span></label>
                    <input
                        class="input"
                        id=field
                        name="quantity"
                        type="number"
                        min="1"
                        max="999"
                        inputmode="numeric"
                        value=line.quantity.to_string()
                    />
                    <button class="button">"Update"</button>
                </PostForm>
                <PostForm action=remove page="/cart" class="">
                    <input type="hidden" name="sku" value=remove_sku />
                    <button class="button quiet">"Remove" <span class="unseen">" " {remove_name}</span></button>
                </PostForm>
            </div>
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

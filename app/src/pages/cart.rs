//! The cart.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use orders::Money;

use crate::components::element::foreign;
use crate::components::field::FieldInfo;
use crate::components::lines::items_words;
use crate::components::refused_note::refused_note;
use crate::islands::RefusedNote;
use crate::outcome::{Refused, SubmittedForm};
use crate::pages::error_page::error_page;
use crate::pages::island;
use crate::pages::loaded::loaded;
use crate::pages::stock::stock;
use crate::pages::title::PageTitle;
use crate::server_fns::cart::{PricedCart, load_cart, total};
use crate::ssr::input::PricedLine;

#[component]
pub fn CartPage() -> impl IntoView {
    let left_out = use_query_map().with_untracked(|query| query.get("left-out").unwrap_or_default());
    let contents = |cart| view! { <CartContents cart /> }.into_any();
    view! {
        <PageTitle text="Cart · Docket" />
        {loaded(left_out, load_cart, contents, error_page)}
    }
}

/// The part of the page that is rendered again when the cart changes.
#[component]
fn CartContents(cart: PricedCart) -> impl IntoView {
    let PricedCart { lines, left_out, submitted } = cart;
    let short = (!left_out.is_empty()).then(|| {
        view! {
            <p class="notice">
                <strong>"Not all of that order is in your cart. "</strong>
                {left_out.join(" ")}
            </p>
        }
    });
    let total = total(&lines);
    let count = lines.iter().map(|line| line.line.quantity).sum();
    let refused = submitted.as_ref().and_then(|submitted| submitted.refused.as_ref()?.fields.first());
    let announcement = match total {
        _ if refused.is_some() => refused.map(|error| error.message.clone()).unwrap_or_default(),
        Some(total) => format!("{} in your cart, {total}.", items_words(count)),
        None => "Your cart is empty.".to_owned(),
    };
    let contents = match total {
        Some(total) => view! { <CartForm lines total submitted /> }.into_any(),
        None => view! { <EmptyCart /> }.into_any(),
    };
    view! {
        {island(RefusedNote { refused: None })}
        <div data-part="cart" data-said=announcement>
            <div class="page-head">
                <h1 tabindex="-1">"Your cart"</h1>
                {total.map(|_| view! { <p>{items_words(count)}</p> })}
            </div>
            {short}
            {contents}
        </div>
    }
}

#[component]
fn EmptyCart() -> impl IntoView {
    view! {
        <div class="empty">
            <p>"Nothing is in it."</p>
            <a class="button primary" href="/">"Go to the shop"</a>
        </div>
    }
}

/// One form for the whole cart: all quantities are sent, whichever button is pressed.
#[component]
fn CartForm(lines: Vec<PricedLine>, total: Money, submitted: Option<SubmittedForm>) -> impl IntoView {
    let refused = submitted.as_ref().and_then(|submitted| submitted.refused.as_ref());
    let note = refused.filter(|refused| refused.fields.is_empty()).map(refused_note);
    let row = |(at, line): (usize, &PricedLine)| {
        let typed = submitted.as_ref().and_then(|submitted| typed(submitted, &line.line.sku));
        row(at, line, typed, refused)
    };
    let rows = lines.iter().enumerate().map(row).collect_view();
    view! {
        {note}
        <form method="post" action="/cart" class="beside" novalidate>
            <input type="hidden" name="form" value="change_cart" />
            <ul class="cart-lines">{rows}</ul>
            <CartTotals total />
        </form>
    }
}

fn typed(submitted: &SubmittedForm, sku: &str) -> Option<String> {
    let (name, _) = submitted.typed.iter().find(|(name, value)| name.ends_with("[sku]") && value == sku)?;
    submitted.value(&name.replace("[sku]", "[quantity]"))
}

fn row(at: usize, line: &PricedLine, typed: Option<String>, refused: Option<&Refused>) -> AnyView {
    let is_short = line.is_short();
    let PricedLine { line, image, stock: there } = line.clone();
    let info = FieldInfo::field("", &format!("q-{}", line.sku), refused, false);
    let short = is_short.then(|| stock(there, line.quantity));
    let quantity = typed.unwrap_or_else(|| line.quantity.to_string());
    // The focus is restored by these ids.
    let remove = format!("r-{}", line.sku);
    view! {
        <li class="cart-line">
            <img class="picture" src=image alt="" width="240" height="180" />
            <div class="product-text">
                <h2 class="product-name">{foreign(line.name.clone())}</h2>
                <p class="soft"><span class="money">{line.unit_price.to_string()}</span> " each"</p>
                {short}
            </div>
            <p><span class="money">{line.total.to_string()}</span></p>
            <div class="cart-line-edit">
                <input type="hidden" name=format!("lines[{at}][sku]") value=line.sku.clone() />
                <input type="hidden" name=format!("lines[{at}][was]") value=line.quantity.to_string() />
                <div class="row">
                    <label for=info.id.clone()>
                        "Quantity" <span class="unseen">" of " {line.name.clone()}</span>
                    </label>
                    <input
                        class="input quantity"
                        id=info.id.clone()
                        name=format!("lines[{at}][quantity]")
                        type="number"
                        min="1"
                        max="999"
                        inputmode="numeric"
                        value=quantity
                        aria-describedby=info.described_by()
                        aria-invalid=info.invalid()
                    />
                    <button class="button update">"Update"</button>
                    <button class="button quiet" id=remove name="remove" value=line.sku>
                        "Remove" <span class="unseen">" " {line.name}</span>
                    </button>
                </div>
                {info.error_text()}
            </div>
        </li>
    }
    .into_any()
}

#[component]
fn CartTotals(total: Money) -> impl IntoView {
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
            <button class="button primary full" id="go" name="go" value="checkout">"Go to checkout"</button>
            <p class="hint">"Prices include tax. Nothing is ordered until you send the checkout page."</p>
        </section>
    }
}

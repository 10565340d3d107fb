//! The checkout: one page, one button, one order.

use leptos::prelude::*;
use leptos_meta::Title;
use orders::{Line, Money};

use crate::components::address::{ADDRESS_LABELS, AddressFields, TypedAddress};
use crate::components::field::{About, TextField};
use crate::components::form::{MendList, PostForm, SubmitButton, refusal};
use crate::components::lines::Lines;
use crate::components::payment::PaymentChoices;
use crate::components::trouble::TroublePage;
use crate::error::Trouble;
use crate::server_fns::checkout::{Checkout, SendOrder, load_checkout};
use crate::server_fns::outcome::{Outcome, Refused, Rejected};

const LABELS: &[(&str, &str)] = &[
    ("name", "Name"),
    ("email", "E-mail"),
    ADDRESS_LABELS[0],
    ADDRESS_LABELS[1],
    ADDRESS_LABELS[2],
    ADDRESS_LABELS[3],
    ADDRESS_LABELS[4],
    ("payment", "How you pay"),
    ("note", "Note"),
];

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
                        view! { <OrderFormView total lines cart sandbox rejected /> }.into_any()
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

#[component]
fn OrderFormView(
    lines: Vec<Line>,
    total: Money,
    cart: String,
    sandbox: bool,
    rejected: Option<Rejected>,
) -> impl IntoView {
    let send = ServerAction::<SendOrder>::new();
    let typed =
        |field: &str| rejected.as_ref().and_then(|rejected| rejected.value(&format!("order[{field}]")));
    let address = TypedAddress {
        recipient: typed("recipient"),
        street: typed("street"),
        postcode: typed("postcode"),
        city: typed("city"),
        country: typed("country"),
    };
    let (name, email, chosen, note) = (typed("name"), typed("email"), typed("payment"), typed("note"));
    let refused = in_checkout_words(refusal(send, rejected.map(|rejected| rejected.refused)));
    // Once an order was made under the cart's key, the next try carries another.
    let cart = move || {
        refused
            .with(|refused| refused.as_ref().and_then(|refused| refused.cart.clone()))
            .unwrap_or_else(|| cart.clone())
    };
    // After the acknowledgement the button waits for the order's page, and for nothing else.
    let pending = Signal::derive(move || {
        send.pending().get() || send.value().with(|value| matches!(value, Some(Ok(Outcome::Done(_)))))
    });
    let hint = if sandbox {
        "This is a sandbox: choose one of the test cards. No money moves."
    } else {
        "These are the test cards of the payment service."
    };
    view! {
        <div class="page-head"><h1>"Checkout"</h1></div>
        <PostForm action=send page="/checkout" class="beside" follow=true keep_trying=true>
            <input type="hidden" name="order[cart]" value=cart />
            <div class="form">
                <MendList refused labels=LABELS />
                <fieldset>
                    <legend>"You"</legend>
                    <div class="fields">
                        <TextField field="name" name="order[name]".to_owned() label="Name" autocomplete="name" value=name refused />
                        <TextField field="email" name="order[email]".to_owned() label="E-mail" kind="email"
                            autocomplete="email" hint="The receipt goes here." value=email refused />
                    </div>
                </fieldset>
                <fieldset>
                    <legend>"Where it goes"</legend>
                    <AddressFields part_of="order" typed=address refused />
                </fieldset>
                <fieldset>
                    <legend>"How you pay"</legend>
                    <p class="hint">{hint}</p>
                    <PaymentChoices name="order[payment]" chosen refused />
                </fieldset>
                <fieldset>
                    <legend>"Anything we should know"</legend>
                    <Note note refused />
                </fieldset>
            </div>
            <section class="slip" aria-labelledby="sum">
                <h2 id="sum">"Your order"</h2>
                <Lines lines total />
                <SubmitButton class="button primary full" pending words=format!("Order and pay {total}") meanwhile="Sending your order" />
                <p class="hint">
                    "We answer at once with your order number. You can close the page then; the order goes on by itself."
                </p>
            </section>
        </PostForm>
    }
    .into_any()
}

#[component]
fn Note(note: Option<String>, refused: Signal<Option<Refused>>) -> impl IntoView {
    let about = About::field("", "note", refused, true);
    view! {
        <div class="field">
            <label for="note">"Note " <span class="optional">"(optional)"</span></label>
            <p class="hint" id="note-hint">"At most 500 characters."</p>
            <textarea
                class="input"
                id="note"
                name="order[note]"
                maxlength="500"
                aria-describedby=about.described_by()
                aria-invalid=about.invalid()
            >
                {note}
            </textarea>
            {about.words()}
        </div>
    }
    .into_any()
}

/// An order that could not be sent is kept and sent again by itself; it says so.
fn in_checkout_words(refused: Signal<Option<Refused>>) -> Signal<Option<Refused>> {
    Signal::derive(move || {
        let refused = refused.get()?;
        if !refused.trouble.is_offline() {
            return Some(refused);
        }
        Some(Refused::from(Trouble::new(
            0,
            "There is no connection, so we keep your order here",
            "We send it as soon as the connection is back. It carries a key, so it never becomes two orders.",
            "Leave this page open.",
            "/help/offline",
        )))
    })
}

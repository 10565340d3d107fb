//! Mending what is asked, in place: another card, a corrected address. And cancelling.

use leptos::prelude::*;
use orders::Order;

use crate::components::address::{ADDRESS_LABELS, AddressFields, TypedAddress};
use crate::components::form::{MendList, PostForm, SubmitButton, refusal};
use crate::components::payment::PaymentChoices;
use crate::components::trouble::RefusedNote;
use crate::server_fns::orders::{CancelOrder, CorrectAddress, UseAnotherCard};
use crate::server_fns::outcome::Rejected;

/// The form of the page that was refused before this page was made, if it was this one.
fn of_form(rejected: Option<&Rejected>, form: &str) -> Option<Rejected> {
    rejected.filter(|rejected| rejected.form == form).cloned()
}

/// Another card for the same order.
#[component]
pub fn AnotherCard(page: String, rejected: Option<Rejected>, help: String) -> impl IntoView {
    let action = ServerAction::<UseAnotherCard>::new();
    let rejected = of_form(rejected.as_ref(), "use_another_card");
    let chosen = rejected.as_ref().and_then(|rejected| rejected.value("payment"));
    let refused = refusal(action, rejected.map(|rejected| rejected.refused));
    view! {
        <PostForm action page=page.clone() class="repair" labelled_by="repair-title">
            <h2 id="repair-title" class="unseen">"Use another card"</h2>
            <input type="hidden" name="page" value=page />
            <MendList refused prefix="fix-" labels=&[("payment", "Card")] />
            <fieldset>
                <legend class="unseen">"Card"</legend>
                <PaymentChoices name="payment" prefix="fix-" chosen refused />
            </fieldset>
            <div class="actions">
                <SubmitButton class="button primary" pending=action.pending() words="Use another card" meanwhile="Sending" />
                <a href=help>"Why banks decline cards"</a>
            </div>
        </PostForm>
    }
    .into_any()
}

/// A corrected address for the same order.
#[component]
pub fn AnotherAddress(
    page: String,
    order: ArcRwSignal<Order>,
    rejected: Option<Rejected>,
    help: String,
) -> impl IntoView {
    let action = ServerAction::<CorrectAddress>::new();
    let rejected = of_form(rejected.as_ref(), "correct_address");
    let typed = match &rejected {
        Some(rejected) => TypedAddress {
            recipient: rejected.value("address[recipient]"),
            street: rejected.value("address[street]"),
            postcode: rejected.value("address[postcode]"),
            city: rejected.value("address[city]"),
            country: rejected.value("address[country]"),
        },
        None => order.with_untracked(|order| order.ship_to.clone()).into(),
    };
    let refused = refusal(action, rejected.map(|rejected| rejected.refused));
    view! {
        <PostForm action page=page.clone() class="repair" labelled_by="repair-title">
            <h2 id="repair-title" class="unseen">"Correct the address"</h2>
            <input type="hidden" name="page" value=page />
            <MendList refused prefix="fix-" labels=ADDRESS_LABELS />
            <AddressFields part_of="address" prefix="fix-" typed refused />
            <div class="actions">
                <SubmitButton class="button primary" pending=action.pending() words="Correct the address" meanwhile="Sending" />
                <a href=help>"Help with addresses"</a>
            </div>
        </PostForm>
    }
    .into_any()
}

/// Asks once more before an order is cancelled, and says what becomes of the money.
#[component]
pub fn ConfirmCancel(page: String, order: ArcRwSignal<Order>, rejected: Option<Rejected>) -> impl IntoView {
    let action = ServerAction::<CancelOrder>::new();
    let refused =
        refusal(action, of_form(rejected.as_ref(), "cancel_order").map(|rejected| rejected.refused));
    let keep = page.clone();
    let words = move || order.with(what_becomes_of_the_money);
    view! {
        <PostForm action page=page.clone() class="repair" labelled_by="cancel-title" follow=true>
            <h2 id="cancel-title">"Cancel this order?"</h2>
            <input type="hidden" name="page" value=page />
            <RefusedNote refused />
            <p>{words}</p>
            <div class="actions">
                <SubmitButton class="button" pending=action.pending() words="Yes, cancel the order" meanwhile="Cancelling" />
                <a class="button quiet" href=keep>"Keep the order"</a>
            </div>
        </PostForm>
    }
    .into_any()
}

fn what_becomes_of_the_money(order: &Order) -> String {
    use orders::PaymentState;
    let items = "The items go back on the shelf.";
    match order.payment.state {
        PaymentState::Authorised => format!("{items} The {} held on your card is released.", order.total),
        PaymentState::Captured => format!("{items} {} goes back to your card in 5–10 days.", order.total),
        _ => format!("{items} Nothing was charged."),
    }
}

//! The card of one order, with the one thing to do now.

use leptos::prelude::*;
use orders::{Order, State};

use crate::components::address::address_lines;
use crate::components::element::{foreign, span};
use crate::components::lines::{items_words, lines};
use crate::components::order_forms::OrderForms;
use crate::components::order_status::times;
use crate::components::payment::payment_text;
use crate::components::reactive::reactive;
use crate::components::state::{mark, state_label};
use crate::components::steps::steps;
use crate::components::time::{Time, TimeFormat, words};

/// The card of an order, for its owner (with the private link to share) and for a viewer by that link.
pub fn order_card(order: &Order, forms: &OrderForms, link: Option<RwSignal<String>>) -> AnyView {
    let quantity = order.lines.iter().map(|line| line.quantity).sum();
    view! {
        <article
            class="slip"
            data-state=order.state.as_str()
            data-delayed=order.delayed.then_some("true")
            aria-labelledby="state-heading"
        >
            <header class="slip-head">
                <p class="slip-number">"Order " <span class="number">{order.number.to_string()}</span></p>
                <p class="slip-facts">
                    "Ordered " <Time at=order.created_at format=TimeFormat::Full /> <br />
                    {format!("{}, {}", items_words(quantity), order.total)}
                </p>
            </header>
            <hr class="tear" />
            {state_words(order, forms)}
            {(!forms.asks_about(order)).then(|| forms.form(order))}
            {forms.refused_mail(order)}
            {actions(order, forms)}
            <div class="slip-parts">
                <section class="what-happens" aria-labelledby="steps-title">
                    <h2 id="steps-title">"What happens"</h2>
                    {steps(order)}
                </section>
                <div class="stack wide">
                    <section aria-labelledby="lines-title">
                        <h2 id="lines-title">"What you ordered"</h2>
                        {lines(&order.lines, order.total)}
                        <p class="tax">"Prices include tax."</p>
                    </section>
                    {facts(order, forms, link)}
                </div>
            </div>
        </article>
    }
    .into_any()
}

/// The state of the order in words.
fn state_words(order: &Order, forms: &OrderForms) -> AnyView {
    let message = &order.message;
    // The heading already names these states.
    let stamp = match order.state {
        State::Shipped => "With the carrier",
        State::Delivered => "Done",
        state => state_label(state, order.delayed),
    };
    // A form that answers a question has a link of its own.
    let mends = !forms.asks_about(order) && order.state == State::ActionRequired;
    let more = (!mends).then(|| view! { <a href=message.help.clone()>"More about this"</a> }.into_any());
    view! {
        <section class="slip-state">
            <p class="state" data-state=order.state.as_str() data-delayed=order.delayed.then_some("true")>
                {mark()}
                {stamp}
            </p>
            <h1 id="state-heading" tabindex="-1">{message.heading.clone()}</h1>
            <p>{words(&message.body, &times(order))}</p>
            <p class="next">{message.next_step.clone()} " " {more}</p>
        </section>
    }
    .into_any()
}

/// The other actions on the order.
fn actions(order: &Order, forms: &OrderForms) -> Option<AnyView> {
    let cancel = order.can_be_cancelled();
    if forms.asks_about(order) {
        return Some(forms.confirm_cancel(order));
    }
    let again = forms.again(order);
    let parcel = order.shipment.as_ref().filter(|_| matches!(order.state, State::Shipped | State::Delivered));
    let parcel = parcel.map(|shipment| {
        view! { <a class="button primary" href=shipment.tracking_url.clone()>"Follow the parcel"</a> }
            .into_any()
    });
    let ask = cancel.then(|| {
        let address = format!("{}?cancel=ask#cancel-title", forms.page);
        view! { <a class="button quiet" href=address>"Cancel order"</a> }.into_any()
    });
    let any = again.is_some() || parcel.is_some() || ask.is_some();
    any.then(|| view! { <div class="actions">{parcel} {again} {ask}</div> }.into_any())
}

/// Address, payment and carrier; for the owner also the e-mail address and the private link.
fn facts(order: &Order, forms: &OrderForms, link: Option<RwSignal<String>>) -> AnyView {
    let fact = |class: Option<&'static str>, term: &'static str, is: AnyView| {
        view! { <div class=class><dt>{term}</dt> <dd>{is}</dd></div> }.into_any()
    };
    let delivery = order.shipment.as_ref().map(|shipment| {
        let (carrier, number) = (shipment.carrier.clone(), shipment.tracking_number.clone());
        let is = view! { {carrier} <br /> {span("figure unbroken", number)} };
        fact(Some("long"), "Delivery", is.into_any())
    });
    let note = order.note.clone().map(|note| {
        fact(None, "Your note", view! { <span class="typed" dir="auto">{note}</span> }.into_any())
    });
    let mails = link.map(|_| fact(None, "Mails go to", foreign(order.customer.email.clone())));
    let link = link.map(|link| {
        let replaced = (order.link_generation > 0).then_some("The link before this one opens nothing any more. ");
        let shown = reactive(move || match link.get() {
            link if link.is_empty() => "Load the page again to see the new link.".into_any(),
            link => view! { <code>{link}</code> }.into_any(),
        });
        let is = view! {
            <p id="link">{shown}</p>
            <p class="hint">
                {replaced} "Whoever has this link can see this order, change its address and card, and cancel it."
            </p>
            {forms.new_link()}
        };
        fact(Some("long pass-on"), "Link to pass on", is.into_any())
    });
    view! {
        <dl class="facts">
            {fact(None, "Goes to", address_lines(&order.ship_to))}
            {fact(None, "Payment", payment_text(order))}
            {mails}
            {note}
            {delivery}
            {link}
        </dl>
    }
    .into_any()
}

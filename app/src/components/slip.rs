//! The slip: one order, with the one thing to do now.

use leptos::prelude::*;
use orders::{Order, State};

use crate::components::address::address_lines;
use crate::components::lines::{items_words, lines};
use crate::components::order_words::times;
use crate::components::payment::money_words;
use crate::components::repair::Repair;
use crate::components::state::{mark, state_word};
use crate::components::steps::steps;
use crate::components::time::{Form, Time, words};

/// One order. The same slip shows it to whoever sent it and to whoever has its link.
pub fn slip(order: &Order, repair: &Repair) -> AnyView {
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
                    "Ordered " <Time at=order.created_at form=Form::DateAndClock /> <br />
                    {format!("{}, {}", items_words(quantity), order.total)}
                </p>
            </header>
            <hr class="tear" />
            {state_words(order)}
            {(!repair.asks_about(order)).then(|| repair.form(order))}
            {actions(order, repair)}
            <div class="slip-parts">
                <section aria-labelledby="steps-title">
                    <h2 id="steps-title">"What happens"</h2>
                    {steps(order)}
                </section>
                <div class="stack wide">
                    <section aria-labelledby="lines-title">
                        <h2 id="lines-title">"What you ordered"</h2>
                        {lines(&order.lines, order.total)}
                    </section>
                    {facts(order)}
                </div>
            </div>
        </article>
    }
    .into_any()
}

/// Where the order stands, in words.
fn state_words(order: &Order) -> AnyView {
    let message = &order.message;
    view! {
        <section class="slip-state">
            <p class="state" data-state=order.state.as_str() data-delayed=order.delayed.then_some("true")>
                {mark()}
                {state_word(order.state, order.delayed)}
            </p>
            <h1 id="state-heading" tabindex="-1">{message.heading.clone()}</h1>
            <p>{words(&message.body, &times(order))}</p>
            <p class="next">{message.next_step.clone()} " " <a href=message.help.clone()>"More about this"</a></p>
        </section>
    }
    .into_any()
}

/// What else can be done with the order.
fn actions(order: &Order, repair: &Repair) -> Option<AnyView> {
    let cancel = order.can_be_cancelled();
    if repair.asks_about(order) {
        return Some(repair.confirm_cancel(order));
    }
    let again = repair.again(order);
    let parcel = order.shipment.as_ref().filter(|_| matches!(order.state, State::Shipped | State::Delivered));
    let parcel = parcel.map(|shipment| {
        view! { <a class="button" href=shipment.tracking_url.clone()>"Follow the parcel"</a> }.into_any()
    });
    let ask = cancel.then(|| {
        let address = format!("{}?cancel=ask#cancel-title", repair.page);
        view! { <a class="button quiet" href=address>"Cancel order"</a> }.into_any()
    });
    let any = again.is_some() || parcel.is_some() || ask.is_some();
    any.then(|| view! { <div class="actions">{again} {parcel} {ask}</div> }.into_any())
}

/// Where it goes, whether money moved, who carries it.
fn facts(order: &Order) -> AnyView {
    let shipment = order.shipment.as_ref().map(|shipment| {
        view! {
            <div>
                <dt>"Delivery"</dt>
                <dd>
                    {shipment.carrier.clone()} <br /> <span class="figure">{shipment.tracking_number.clone()}</span>
                </dd>
            </div>
        }
        .into_any()
    });
    let note =
        order.note.clone().map(|note| view! { <div><dt>"Your note"</dt><dd>{note}</dd></div> }.into_any());
    view! {
        <dl class="facts">
            <div>
                <dt>"Goes to"</dt>
                <dd>{address_lines(&order.ship_to)}</dd>
            </div>
            <div>
                <dt>"Payment"</dt>
                <dd>{money_words(order)}</dd>
            </div>
            {shipment}
            {note}
        </dl>
    }
    .into_any()
}

//! The slip: one order, live, with the one thing to do now.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use orders::{Order, State};

use crate::components::address::AddressLines;
use crate::components::lines::{Lines, items_words};
use crate::components::order_words::times;
use crate::components::payment::money_words;
use crate::components::repair::{AnotherAddress, AnotherCard, ConfirmCancel};
use crate::components::state::{Mark, state_word};
use crate::components::steps::Steps;
use crate::components::time::{Form, Time, Words};
use crate::server_fns::outcome::Rejected;

/// One order. The same slip shows it to whoever sent it and to whoever has its link.
#[component]
pub fn Slip(
    /// The order, as it is and as it becomes.
    order: ArcRwSignal<Order>,
    /// The address of its page.
    page: String,
    /// A form of the page as it was refused.
    rejected: Option<Rejected>,
) -> impl IntoView {
    let now = order.get_untracked();
    let of = {
        let order = order.clone();
        move |read: fn(&Order) -> Option<&'static str>| {
            let order = order.clone();
            move || order.with(read)
        }
    };
    let state = of(|order| Some(order.state.as_str()));
    let delayed = of(|order| order.delayed.then_some("true"));
    let quantity = now.lines.iter().map(|line| line.quantity).sum();
    view! {
        <article class="slip" data-state=state data-delayed=delayed aria-labelledby="state-heading">
            <header class="slip-head">
                <p class="slip-number">"Order " <span class="number">{now.number.to_string()}</span></p>
                <p class="slip-facts">
                    "Sent " <Time at=now.created_at form=Form::DateAndClock /> <br />
                    {format!("{}, {}", items_words(quantity), now.total)}
                </p>
            </header>
            <hr class="tear" />
            <StateWords order=order.clone() />
            <WhatToDo order=order.clone() page rejected />
            <div class="slip-parts">
                <section aria-labelledby="steps-title">
                    <h2 id="steps-title">"What happens"</h2>
                    <Steps order=order.clone() />
                </section>
                <div class="stack wide">
                    <section aria-labelledby="lines-title">
                        <h2 id="lines-title">"What you ordered"</h2>
                        <Lines lines=now.lines total=now.total />
                    </section>
                    <Facts order />
                </div>
            </div>
        </article>
    }
    .into_any()
}

/// Where the order stands, in words.
#[component]
fn StateWords(order: ArcRwSignal<Order>) -> impl IntoView {
    let state = Memo::new({
        let order = order.clone();
        move |_| order.with(|order| (order.state, order.delayed))
    });
    let words = Memo::new(move |_| order.with(|order| (order.message.clone(), times(order))));
    view! {
        <section class="slip-state">
            <p
                class="state"
                data-state=move || state.get().0.as_str()
                data-delayed=move || state.get().1.then_some("true")
            >
                <Mark />
                {move || state_word(state.get().0, state.get().1)}
            </p>
            <h1 id="state-heading" tabindex="-1">{move || words.with(|(message, _)| message.heading.clone())}</h1>
            <p>{move || words.with(|(message, times)| view! { <Words text=message.body.clone() times=times.clone() /> })}</p>
            <p class="next">
                {move || words.with(|(message, _)| message.next_step.clone())} " "
                <a href=move || words.with(|(message, _)| message.help.clone())>"More about this"</a>
            </p>
        </section>
    }
    .into_any()
}

/// The one thing to do now, if there is one, and what else can be done.
#[component]
fn WhatToDo(order: ArcRwSignal<Order>, page: String, rejected: Option<Rejected>) -> impl IntoView {
    #[derive(Clone, Copy, PartialEq, Eq)]
    enum Asked {
        Nothing,
        Card,
        Address,
    }
    let asked = Memo::new({
        let order = order.clone();
        move |_| {
            order.with(|order| match (order.wants_payment(), order.wants_address()) {
                (true, _) => Asked::Card,
                (_, true) => Asked::Address,
                _ => Asked::Nothing,
            })
        }
    });
    let repair = {
        let (order, page, rejected) = (order.clone(), page.clone(), rejected.clone());
        move || {
            let (order, page, rejected) = (order.clone(), page.clone(), rejected.clone());
            let help = order.with_untracked(|order| order.message.help.clone());
            match asked.get() {
                Asked::Card => view! { <AnotherCard page rejected help /> }.into_any(),
                Asked::Address => view! { <AnotherAddress page order rejected help /> }.into_any(),
                Asked::Nothing => ().into_any(),
            }
        }
    };
    view! {
        {repair}
        <Actions order page rejected />
    }
    .into_any()
}

/// What else can be done with the order.
#[component]
fn Actions(order: ArcRwSignal<Order>, page: String, rejected: Option<Rejected>) -> impl IntoView {
    let query = use_query_map();
    let refused = rejected.as_ref().is_some_and(|rejected| rejected.form == "cancel_order");
    let asks = Memo::new(move |_| refused || query.with(|query| query.get("cancel").is_some()));
    let can = Memo::new({
        let order = order.clone();
        move |_| order.with(|order| (order.can_be_cancelled(), order.state, order.shipment.clone()))
    });
    move || {
        let (cancel, state, shipment) = can.get();
        if cancel && asks.get() {
            let (order, page, rejected) = (order.clone(), page.clone(), rejected.clone());
            return view! { <ConfirmCancel page order rejected /> }.into_any();
        }
        let again = (state == State::Cancelled)
            .then(|| view! { <a class="button primary" href="/">"Order again"</a> });
        let parcel =
            shipment.filter(|_| matches!(state, State::Shipped | State::Delivered)).map(|shipment| {
                view! { <a class="button" href=shipment.tracking_url rel="external">"Follow the parcel"</a> }
            });
        let ask = cancel.then(|| {
            view! { <a class="button quiet" href=format!("{page}?cancel=ask")>"Cancel order"</a> }
        });
        let any = again.is_some() || parcel.is_some() || ask.is_some();
        any.then(|| view! { <div class="actions">{again} {parcel} {ask}</div> }).into_any()
    }
}

/// Where it goes, whether money moved, who carries it.
#[component]
fn Facts(order: ArcRwSignal<Order>) -> impl IntoView {
    let facts = Memo::new(move |_| {
        order.with(|order| {
            (order.ship_to.clone(), money_words(order), order.shipment.clone(), order.note.clone())
        })
    });
    move || {
        let (address, money, shipment, note) = facts.get();
        let shipment = shipment.map(|shipment| {
            view! {
                <div>
                    <dt>"Delivery"</dt>
                    <dd>{shipment.carrier} <br /> <span class="figure">{shipment.tracking_number}</span></dd>
                </div>
            }
        });
        let note = note.map(|note| view! { <div><dt>"Your note"</dt><dd>{note}</dd></div> });
        view! {
            <dl class="facts">
                <div>
                    <dt>"Goes to"</dt>
                    <dd><AddressLines address /></dd>
                </div>
                <div>
                    <dt>"Payment"</dt>
                    <dd>{money}</dd>
                </div>
                {shipment}
                {note}
            </dl>
        }
    }
}

//! One order, live.

use leptos::prelude::*;
use leptos::task::spawn_local;
use orders::Order;
use orders::address::AddressFormat;
use orders::wording::HistoryEntry;
use serde::{Deserialize, Serialize};

use super::Island;
use crate::components::history::history;
use crate::components::order_card::order_card;
use crate::components::order_forms::OrderForms;
use crate::components::reactive::{effect, reactive};
use crate::components::state::state_label;
use crate::live::notify::{self, Permission};
use crate::live::{self, Live, Topic, http};
use crate::outcome::SubmittedForm;

#[derive(Clone, Serialize, Deserialize)]
pub struct LiveOrder {
    /// The order when the page was rendered.
    pub order: Order,
    /// The tracking token of its link; none for its owner.
    pub token: Option<String>,
    /// The private link, for its owner to share.
    pub link: Option<String>,
    /// The address of its page.
    pub page: String,
    pub may_correct_email: bool,
    /// Whether the page asks to confirm the cancellation.
    pub asks: bool,
    /// The history when the page was rendered.
    pub past: Vec<HistoryEntry>,
    /// A form of the page as it was submitted.
    pub submitted: Option<SubmittedForm>,
    /// The address form of its country.
    pub address_format: AddressFormat,
}

impl Island for LiveOrder {
    const NAME: &'static str = "order";

    fn view(self) -> AnyView {
        let Self { order, token, link, page, may_correct_email, asks, past, submitted, address_format } =
            self;
        let live = Live::expect();
        live::follow(live, Topic { order: Some(order.id), token });
        let known = live.put(order);
        effect({
            let known = known.clone();
            move || {
                known.with(|order| {
                    document().set_title(&Self::title(&order.seen_at(live.now())));
                    live.set_in_focus(order.state);
                });
            }
        });
        let link = link.map(|link| link_as_it_is(known.clone(), page.clone(), link));
        let history = history(known.clone(), page.clone(), past);
        let forms = OrderForms::of(page, asks, may_correct_email, submitted, address_format);
        let address_fieldset = forms.address_fieldset;
        effect(move || address_fieldset.restore_country());
        let offer = offer(known.clone());
        let look = reactive(move || known.with(|order| order_card(&order.seen_at(live.now()), &forms, link)));
        view! {
            {look}
            {history}
            {offer}
        }
        .into_any()
    }
}

impl LiveOrder {
    pub fn title(order: &Order) -> String {
        format!("{} · {} · Docket", state_label(order.state, order.delayed), order.number)
    }
}

/// Returns the private link, which is fetched again whenever it was replaced. It is empty meanwhile, because the
/// previous one no longer works.
fn link_as_it_is(order: ArcRwSignal<Order>, page: String, link: String) -> RwSignal<String> {
    let link = RwSignal::new(link);
    let shown = StoredValue::new(order.with_untracked(|order| order.link_generation));
    effect(move || {
        let generation = order.with(|order| order.link_generation);
        if shown.get_value() < generation {
            shown.set_value(generation);
            link.set(String::new());
            let page = page.clone();
            spawn_local(async move {
                if let Some(now) = http::call_for_page("/actions/private_link", &page).await {
                    link.set(now);
                }
            });
        }
    });
    link
}

/// Offers notifications while the order can still change and the browser supports them.
fn offer(order: ArcRwSignal<Order>) -> AnyView {
    let permission = RwSignal::new(notify::permission());
    let ask = move |_| notify::request_permission(move |said| permission.set(said));
    reactive(move || {
        let words = match permission.get() {
            Permission::NotRequested => {
                view! { <button class="button quiet" on:click=ask>"Notify me when this changes"</button> }
                    .into_any()
            }
            Permission::Granted => {
                "You are notified when this changes, as long as this tab is open.".to_owned().into_any()
            }
            Permission::Denied => return None,
        };
        order
            .with(|order| !order.state.is_final())
            .then(|| view! { <p class="notify">{words}</p> }.into_any())
    })
}

//! One order, live.

use leptos::prelude::*;
use orders::Order;
use serde::{Deserialize, Serialize};

use super::Island;
use crate::components::repair::Repair;
use crate::components::slip::slip;
use crate::components::state::state_word;
use crate::live::{Live, Topic};
use crate::outcome::Rejected;

/// One order, as it is and as it becomes.
#[derive(Serialize, Deserialize)]
pub struct LiveOrder {
    /// The order when the page was made.
    pub order: Order,
    /// What opens it to whoever has its link; none for whoever sent it.
    pub token: Option<String>,
    /// The address of its page.
    pub page: String,
    /// The page asks whether to cancel the order.
    pub asks: bool,
    /// A form of the page as it was refused.
    pub rejected: Option<Rejected>,
}

impl Island for LiveOrder {
    const NAME: &'static str = "order";

    fn view(self) -> AnyView {
        let Self { order, token, page, asks, rejected } = self;
        let live = Live::expect();
        live.follow(Topic { order: Some(order.id), token });
        let known = live.put(order);
        Effect::new({
            let known = known.clone();
            move |_| {
                known.with(|order| {
                    document().set_title(&Self::title(order));
                    live.set_in_focus(order.state);
                });
            }
        });
        let repair = Repair::of(page, asks, rejected);
        let look = move || known.with(|order| slip(order, &repair));
        look.into_any()
    }
}

impl LiveOrder {
    /// What the tab of an order is called.
    pub fn title(order: &Order) -> String {
        format!("{} · {} · Docket", state_word(order.state, order.delayed), order.number)
    }
}

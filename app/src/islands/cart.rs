//! The link to the cart, in the head of every page.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::Island;
use crate::cart::{CartItem, count};
use crate::components::reactive::reactive;
use crate::live::Live;

/// The link to the cart, with how much is in it.
#[derive(Serialize, Deserialize)]
pub struct CartLink {
    /// What was in the cart when the page was made.
    pub items: Vec<CartItem>,
    /// This page is the cart.
    pub here: bool,
}

impl Island for CartLink {
    const NAME: &'static str = "cart-link";

    fn view(self) -> AnyView {
        let live = Live::expect();
        reactive(move || {
            let count = live.cart().map_or_else(|| count(&self.items), |items| count(&items));
            let words = if count == 1 { " item" } else { " items" };
            let count = count.to_string();
            view! {
                <a href="/cart" aria-current=self.here.then_some("page")>
                    "Cart "
                    <span class="count" data-count=count.clone()>
                        {count.clone()}
                        <span class="unseen">{words}</span>
                    </span>
                </a>
            }
        })
    }
}

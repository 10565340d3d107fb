//! The link to the cart, in the header of every page.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::Island;
use crate::cart::{CartItem, count};
use crate::components::reactive::reactive;
use crate::live::Live;

/// The link to the cart, with its number of items.
#[derive(Serialize, Deserialize)]
pub struct CartLink {
    /// The cart when the page was rendered.
    pub items: Vec<CartItem>,
    /// Whether this page is the cart.
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

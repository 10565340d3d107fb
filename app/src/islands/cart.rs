//! The cart: the link to it in the head of every page, and the forms of one of its lines.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::Island;
use crate::cart::{CartItem, count};
use crate::components::form::{Sending, Then, post_form};
use crate::live::Live;

/// The link to the cart, with how much is in it.
#[derive(Serialize, Deserialize)]
pub struct CartLink {
    /// What was in the cart when the page was made.
    pub items: Vec<CartItem>,
    /// This page is the cart.
    pub here: bool,
}

/// The forms of one line of the cart.
#[derive(Serialize, Deserialize)]
pub struct CartForms {
    /// The product.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// How many are in the cart.
    pub quantity: u32,
}

impl Island for CartLink {
    const NAME: &'static str = "cart-link";

    fn view(self) -> AnyView {
        let live = Live::expect();
        let look = move || {
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
            .into_any()
        };
        look.into_any()
    }
}

impl Island for CartForms {
    const NAME: &'static str = "cart-forms";

    fn view(self) -> AnyView {
        let Self { sku, name, quantity } = self;
        let refused = Live::expect().refused();
        let change = Sending::by("change_quantity", refused, Then::Follow);
        let remove = Sending::by("remove_from_cart", refused, Then::Follow);
        let field = format!("q-{sku}");
        let quantity = view! {
            <input type="hidden" name="sku" value=sku.clone() />
            <label for=field.clone()>"Quantity" <span class="unseen">" of " {name.clone()}</span></label>
            <input
                class="input"
                id=field
                name="quantity"
                type="number"
                min="1"
                max="999"
                inputmode="numeric"
                value=quantity.to_string()
            />
            <button class="button">"Update"</button>
        };
        let none = view! {
            <input type="hidden" name="sku" value=sku />
            <button class="button quiet">"Remove" <span class="unseen">" " {name}</span></button>
        };
        let page = || "/cart".to_owned();
        view! {
            <div class="cart-line-edit row">
                {post_form(change, page(), "quantity", None, quantity.into_any())}
                {post_form(remove, page(), "", None, none.into_any())}
            </div>
        }
        .into_any()
    }
}

//! Adding a product to the cart.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::Island;
use crate::cart::quantity_of;
use crate::components::form::{FormSubmission, OnSuccess, post_form};
use crate::components::reactive::reactive;
use crate::live::Live;

/// The button that adds one of a product to the cart, and how many are in it.
#[derive(Serialize, Deserialize)]
pub struct AddToCart {
    pub sku: String,
    pub name: String,
    /// The quantity in the cart when the page was rendered.
    pub quantity: u32,
    /// Whether it can be ordered.
    pub in_stock: bool,
    /// The page that shows it.
    pub page: String,
}

impl Island for AddToCart {
    const NAME: &'static str = "add-to-cart";

    fn view(self) -> AnyView {
        let Self { sku, name, quantity, in_stock, page } = self;
        let live = Live::expect();
        let submission = FormSubmission::by("add_to_cart", live.refused(), OnSuccess::Stay);
        let form = in_stock.then(|| {
            let back = format!("{page}#p-{sku}");
            let fields = view! {
                <input type="hidden" name="sku" value=sku.clone() />
                <input type="hidden" name="back" value=back />
                <button class="button" aria-busy=move || submission.busy()>
                    "Add to cart" <span class="unseen">": " {name}</span>
                </button>
            };
            post_form(submission, page, "product-add", None, fields.into_any())
        });
        let in_cart = reactive(move || match live.cart().map_or(quantity, |cart| quantity_of(&cart, &sku)) {
            0 => String::new(),
            count => format!("{count} in your cart"),
        });
        view! {
            {form}
            <p class="in-cart">{in_cart}</p>
        }
        .into_any()
    }
}

//! The stock of a product.

use leptos::prelude::*;

use crate::components::state::mark;

/// A stock below this is shown as low.
const ENOUGH: u32 = 6;

/// The stock for a wanted quantity: an icon and a text.
pub fn stock(there: u32, wanted: u32) -> AnyView {
    let (state, words) = match there {
        0 => ("none", "Sold out".to_owned()),
        there if there < wanted.max(ENOUGH) => ("low", format!("Only {there} left")),
        there => ("plenty", format!("{there} in stock")),
    };
    view! { <p class="stock" data-state=state>{mark()}{words}</p> }.into_any()
}

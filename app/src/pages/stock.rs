//! How much of a product there is, honestly.

use leptos::prelude::*;

use crate::components::state::mark;

/// From here on nobody needs to hurry.
const PLENTY: u32 = 6;

/// How much is there for somebody who wants so many: a sign and words.
pub fn stock(there: u32, wanted: u32) -> AnyView {
    let (state, words) = match there {
        0 => ("none", "Sold out".to_owned()),
        there if there < wanted.max(PLENTY) => ("low", format!("Only {there} left")),
        there => ("plenty", format!("{there} in stock")),
    };
    view! { <p class="stock" data-state=state>{mark()}{words}</p> }.into_any()
}

//! How an island is put into a page.

use leptos::prelude::*;

use crate::islands::Island;

/// The island as it looks now, with what the browser's code needs to go on from here.
pub fn island<I: Island>(island: I) -> AnyView {
    // Texts, numbers and lists of them: there is nothing in it that JSON cannot say.
    let props = serde_json::to_string(&island).unwrap_or_default();
    view! { <div class="island" data-island=I::NAME data-props=props>{island.view()}</div> }.into_any()
}

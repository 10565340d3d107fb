//! Rendering an island into a page.

use leptos::prelude::*;

use crate::islands::Island;
use crate::live::Live;

/// Renders an island, with its data for the browser's code.
///
/// It is rendered at once and separately: a page is rendered on several threads, and the state that islands share on
/// the browser's one thread is not shared here.
pub fn island<I: Island>(island: I) -> AnyView {
    // The data are texts, numbers and lists, so they always serialise.
    let props = serde_json::to_string(&island).unwrap_or_default();
    let look = Owner::new().with(|| {
        Live::provide(crate::ssr::now());
        island.view().to_html()
    });
    view! { <div class="island" data-island=I::NAME data-props=props inner_html=look></div> }.into_any()
}

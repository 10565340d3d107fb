//! How an island is put into a page.

use leptos::prelude::*;

use crate::islands::Island;
use crate::live::Live;

/// The island as it looks now, with what the browser's code needs to go on from here.
///
/// It is written out at once and on its own. The parts of a page are rendered side by side on several threads, and what
/// islands share in a browser, where there is one thread, they do not share here.
pub fn island<I: Island>(island: I) -> AnyView {
    // Texts, numbers and lists of them: there is nothing in it that JSON cannot say.
    let props = serde_json::to_string(&island).unwrap_or_default();
    let look = Owner::new().with(|| {
        Live::provide(crate::ssr::now());
        island.view().to_html()
    });
    view! { <div class="island" data-island=I::NAME data-props=props inner_html=look></div> }.into_any()
}

//! The title of a page.

use leptos::prelude::*;
use leptos_meta::Title;

/// Sets the title of the page.
///
/// `leptos_meta` 0.8 writes a title into the document as it is, so markup in it would be alive. Titles hold names of
/// products, search words and what else people send, so every page sets its title with this component; a test of the
/// architecture holds that.
#[component]
pub fn PageTitle(
    /// Any text.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! { <Title text=html_escape::encode_text(&text).into_owned() /> }
}

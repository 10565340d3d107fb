//! The title of a page.

use leptos::prelude::*;
use leptos_meta::Title;

/// Sets the title of the page.
///
/// `leptos_meta` 0.8 writes titles unescaped. Titles contain product names, search words and other input, so every
/// page sets its title with this component, which an architecture test ensures.
#[component]
pub fn PageTitle(
    /// Any text.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! { <Title text=html_escape::encode_text(&text).into_owned() /> }
}

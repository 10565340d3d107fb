//! HTML elements around views of any kind. Each is one type whatever it contains, so that another use adds no code to
//! the download.

use leptos::prelude::*;

pub fn paragraph(class: &'static str, inside: Vec<AnyView>) -> AnyView {
    view! { <p class=class>{inside}</p> }.into_any()
}

pub fn span(class: &'static str, inside: String) -> AnyView {
    view! { <span class=class>{inside}</span> }.into_any()
}

pub fn link(class: &'static str, href: String, inside: Vec<AnyView>) -> AnyView {
    view! { <a class=class href=href>{inside}</a> }.into_any()
}

/// User-supplied text, isolated so that its direction does not affect the text around it.
pub fn foreign(text: String) -> AnyView {
    view! { <bdi>{text}</bdi> }.into_any()
}

pub fn text(text: &str) -> AnyView {
    text.to_owned().into_any()
}

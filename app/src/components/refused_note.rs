//! A note about a refused form.

use leptos::prelude::*;

use crate::outcome::Refused;

/// A note above a refused form.
pub fn refused_note(refused: &Refused) -> AnyView {
    let trouble = refused.trouble.clone();
    view! {
        <p class="notice" data-tone="attention" role="alert">
            <strong>{trouble.heading} ". "</strong>
            {trouble.body} " " {trouble.next_step}
        </p>
    }
    .into_any()
}

//! A note about a refused form.

use leptos::prelude::*;

use crate::outcome::Refused;

/// A note above a refused form.
pub fn refused_note(refused: &Refused) -> AnyView {
    let error = refused.error.clone();
    view! {
        <p class="notice" data-tone="attention" role="alert">
            <strong>{error.heading} ". "</strong>
            {error.body} " " {error.next_step}
        </p>
    }
    .into_any()
}

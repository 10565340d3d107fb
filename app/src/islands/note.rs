//! The error of a form that has no fields to correct, above the page.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::Island;
use crate::components::reactive::reactive;
use crate::components::refused_note::refused_note;
use crate::live::Live;
use crate::outcome::Refused;

/// Why such a form of the page was last refused.
#[derive(Serialize, Deserialize)]
pub struct RefusedNote {
    /// The refusal when the page was rendered.
    pub refused: Option<Refused>,
}

impl Island for RefusedNote {
    const NAME: &'static str = "refused-note";

    fn view(self) -> AnyView {
        let refused = Live::expect().refused();
        refused.set(self.refused);
        let close = move |_| refused.set(None);
        reactive(move || {
            let note = refused.with(|refused| refused.as_ref().map(refused_note))?;
            let close = view! { <button class="button quiet with-code" on:click=close>"Close"</button> };
            Some(view! { <div class="in-sight">{note} {close}</div> }.into_any())
        })
    }
}

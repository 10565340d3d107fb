//! One field of a form: its label, its hint, its words when it needs another look.

use leptos::prelude::*;

use crate::components::state::Mark;
use crate::server_fns::outcome::Refused;

/// What is said about one field.
#[derive(Clone)]
pub struct About {
    /// Its id, also for the words beside it.
    pub id: String,
    mend: Signal<Option<String>>,
    hint: bool,
}

impl About {
    /// The field `name` of a form that may have been refused. Its id is the name after a prefix.
    pub fn field(prefix: &str, name: &'static str, refused: Signal<Option<Refused>>, hint: bool) -> Self {
        let mend = Signal::derive(move || {
            let refused = refused.get()?;
            refused.fields.into_iter().find(|words| words.field == name).map(|words| words.words)
        });
        Self { id: format!("{prefix}{name}"), mend, hint }
    }

    /// The ids of the words that describe it.
    pub fn described_by(&self) -> impl Fn() -> Option<String> + Clone + Send + Sync + use<> {
        let Self { id, mend, hint } = self.clone();
        move || match (hint, mend.with(Option::is_some)) {
            (true, true) => Some(format!("{id}-hint {id}-mend")),
            (true, false) => Some(format!("{id}-hint")),
            (false, true) => Some(format!("{id}-mend")),
            (false, false) => None,
        }
    }

    /// Whether it needs another look.
    pub fn invalid(&self) -> impl Fn() -> Option<&'static str> + Clone + Send + Sync + use<> {
        let mend = self.mend;
        move || mend.with(Option::is_some).then_some("true")
    }

    /// What it must be.
    pub fn words(&self) -> impl IntoView + use<> {
        let Self { id, mend, .. } = self.clone();
        move || {
            let id = format!("{id}-mend");
            mend.get().map(|words| view! { <p class="mend" id=id data-state="asked"><Mark />{words}</p> })
        }
    }
}

/// A field of one line.
#[component]
pub fn TextField(
    /// Its id is this after the prefix.
    field: &'static str,
    /// What comes before its id.
    #[prop(optional)]
    prefix: &'static str,
    /// The name it is sent under.
    name: String,
    /// Its label.
    label: &'static str,
    /// `text` or `email`.
    #[prop(default = "text")]
    kind: &'static str,
    /// What a browser may fill in.
    autocomplete: &'static str,
    /// A sentence below the label.
    #[prop(optional)]
    hint: Option<&'static str>,
    /// What was typed.
    value: Option<String>,
    /// Why the form was refused.
    refused: Signal<Option<Refused>>,
) -> impl IntoView {
    let about = About::field(prefix, field, refused, hint.is_some());
    let hint = hint.map(|hint| view! { <p class="hint" id=format!("{}-hint", about.id)>{hint}</p> });
    view! {
        <div class="field">
            <label for=about.id.clone()>{label}</label>
            {hint}
            <input
                class="input"
                id=about.id.clone()
                name=name
                type=kind
                value=value
                autocomplete=autocomplete
                aria-describedby=about.described_by()
                aria-invalid=about.invalid()
                required
            />
            {about.words()}
        </div>
    }
    .into_any()
}

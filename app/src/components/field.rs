//! One field of a form: its label, its hint, and its error.

use leptos::prelude::*;

use crate::components::state::mark;
use crate::outcome::Refused;

/// The error of one field.
pub struct FieldInfo {
    /// Its id, also the prefix of the ids of its texts.
    pub id: String,
    error: Option<String>,
    hint: bool,
}

/// A field of one line.
pub struct TextField {
    pub info: FieldInfo,
    /// Its name in the form.
    pub name: String,
    pub label: String,
    pub autocomplete: &'static str,
    pub required: bool,
    /// The keyboard that a phone shows.
    pub inputmode: Option<&'static str>,
    /// A sentence below the label.
    pub hint: Option<&'static str>,
    /// A text below the field.
    pub example: Option<String>,
    /// What was typed.
    pub value: Option<String>,
}

impl FieldInfo {
    /// The field `name` of a form that may have been refused. Its id is the name after a prefix.
    pub fn field(prefix: &str, name: &str, refused: Option<&Refused>, hint: bool) -> Self {
        let error = refused.and_then(|refused| refused.fields.iter().find(|error| error.field == name));
        Self { id: format!("{prefix}{name}"), error: error.map(|error| error.message.clone()), hint }
    }

    /// Returns the ids of the texts that describe it.
    pub fn described_by(&self) -> Option<String> {
        let id = &self.id;
        match (self.hint, self.error.is_some()) {
            (true, true) => Some(format!("{id}-hint {id}-mend")),
            (true, false) => Some(format!("{id}-hint")),
            (false, true) => Some(format!("{id}-mend")),
            (false, false) => None,
        }
    }

    pub fn invalid(&self) -> Option<&'static str> {
        self.error.is_some().then_some("true")
    }

    pub fn error_text(&self) -> Option<AnyView> {
        let error = self.error.clone()?;
        let id = format!("{}-mend", self.id);
        Some(view! { <p class="mend" id=id data-state="asked">{mark()}{error}</p> }.into_any())
    }
}

/// Returns the content of a `<textarea>` as HTML. Leptos writes the children of this element unescaped.
pub fn textarea_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// Marks an optional field beside its label.
pub fn optional_label(required: bool) -> Option<AnyView> {
    (!required).then(|| view! { <span class="optional">"(optional)"</span> }.into_any())
}

/// The e-mail field of a form.
pub fn email_field(
    info: FieldInfo,
    name: &str,
    hint: Option<&'static str>,
    value: Option<String>,
) -> AnyView {
    text_field(TextField {
        info,
        name: name.to_owned(),
        label: "E-mail".to_owned(),
        autocomplete: "email",
        required: true,
        inputmode: Some("email"),
        hint,
        example: None,
        value,
    })
}

/// A single-line field. Its type is always `text`: the type `email` would show an international domain in its ASCII
/// form.
pub fn text_field(field: TextField) -> AnyView {
    let TextField { info, name, label, autocomplete, required, inputmode, hint, example, value } = field;
    let id = info.id.clone();
    let words = |words: String| view! { <p class="hint" id=format!("{id}-hint")>{words}</p> }.into_any();
    let hint = hint.map(|hint| words(hint.to_owned()));
    let example = example.map(words);
    view! {
        <div class="field">
            <label for=id.clone()>{label} " " {optional_label(required)}</label>
            {hint}
            <input
                class="input"
                id=id
                name=name
                type="text"
                dir="auto"
                value=value
                autocomplete=autocomplete
                inputmode=inputmode
                aria-describedby=info.described_by()
                aria-invalid=info.invalid()
                required=required
            />
            {example}
            {info.error_text()}
        </div>
    }
    .into_any()
}

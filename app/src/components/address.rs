//! The address fields of a form for one country, and an address as it is displayed.

use leptos::ev::Event;
use leptos::prelude::*;
use orders::Address;
use orders::address::{AddressFormat, AskedField, Field, countries};

use crate::components::address_fieldset::AddressFieldset;
use crate::components::field::{FieldInfo, TextField, optional_label, text_field};
use crate::outcome::{Refused, SubmittedForm};

/// Buttons that only work without JavaScript. The first is the one that the Enter key submits; otherwise that would
/// be the second.
const WITHOUT_JAVASCRIPT: &str = r#"<button class="unseen" tabindex="-1" aria-hidden="true">Send</button><button class="button" name="change-country" value="yes">Change country</button>"#;
/// The form field that names the country whose fields the form has.
pub const ASKED_COUNTRY: &str = "asked-country";
const RECIPIENT: &str = "Name on the parcel";
const COMPANY: &str = "Company";
const LINE2: &str = "Flat, floor or building";

/// Returns the labels of a country's address fields by their ids, in form order.
pub fn address_labels(asked: &AddressFormat) -> Vec<(&'static str, String)> {
    let mut labels = vec![("country", "Country".to_owned())];
    labels.extend(asked.fields.iter().map(|asked| (id_of(asked.field), asked.label.clone())));
    labels.push(("recipient", RECIPIENT.to_owned()));
    labels.push(("company", COMPANY.to_owned()));
    if asked.field(Field::Line2).is_none() {
        labels.push(("line2", LINE2.to_owned()));
    }
    labels
}

/// Returns the submitted value of an address field, also of one that only the previous country has. A region is
/// dropped when the country changes.
pub fn submitted_value(submitted: &SubmittedForm, argument: &str, id: &str) -> Option<String> {
    let name = |id: &str| [argument, "[", id, "]"].concat();
    if id == "region"
        && submitted
            .value(ASKED_COUNTRY)
            .is_some_and(|asked| Some(asked) != submitted.value(&name("country")))
    {
        return None;
    }
    submitted.value(&name(id)).or_else(|| submitted.value(&["kept[", id, "]"].concat()))
}

/// Returns the address fields, given their values by id and the errors of the form.
pub fn address_fields(
    fieldset: AddressFieldset,
    known: &dyn Fn(&str) -> Option<String>,
    refused: Option<&Refused>,
) -> AnyView {
    let asked = fieldset.format.get();
    let fields = AddressFields { fieldset, known, refused };
    let mut all = vec![fields.country(&asked.country)];
    for line in asked.fields.chunk_by(|_, next| !next.begins_line) {
        all.push(group("fields together", line.iter().map(|asked| fields.asked(asked)).collect()));
    }
    all.extend(["city", "postcode"].into_iter().filter_map(|id| fields.hidden_value(id, &asked)));
    all.push(fields.optional_fields(&asked));
    group("fields", all)
}

fn group(class: &'static str, fields: Vec<AnyView>) -> AnyView {
    view! { <div class=class>{fields}</div> }.into_any()
}

/// Returns the id of a field, which is also its name in the form.
const fn id_of(field: Field) -> &'static str {
    match field {
        Field::Street => "street",
        Field::Line2 => "line2",
        Field::City => "city",
        Field::Region => "region",
        Field::Postcode => "postcode",
    }
}

/// Returns the autocomplete token of a field.
fn autocomplete_of(id: &str) -> &'static str {
    match id {
        "street" => "shipping address-line1",
        "line2" => "shipping address-line2",
        "city" => "shipping address-level2",
        "region" => "shipping address-level1",
        "postcode" => "shipping postal-code",
        "company" => "shipping organization",
        "country" => "shipping country",
        _ => "shipping name",
    }
}

#[derive(Clone, Copy)]
struct AddressFields<'a> {
    fieldset: AddressFieldset,
    known: &'a dyn Fn(&str) -> Option<String>,
    refused: Option<&'a Refused>,
}

impl AddressFields<'_> {
    fn asked(self, asked: &AskedField) -> AnyView {
        let id = id_of(asked.field);
        if asked.is_chosen() {
            return self.choices(id, asked);
        }
        self.text(id, asked.label.clone(), asked.required, asked.example.as_deref())
    }

    fn text(self, id: &str, label: String, required: bool, example: Option<&str>) -> AnyView {
        let is_numeric = |example: &str| example.bytes().all(|byte| byte.is_ascii_digit() || byte == b' ');
        text_field(TextField {
            inputmode: example.is_some_and(is_numeric).then_some("numeric"),
            example: example.map(|example| ["Such as ", example].concat()),
            ..self.field(id, label, required, example.is_some())
        })
    }

    /// A field, optionally with text below it.
    fn field(self, id: &str, label: String, required: bool, hint: bool) -> TextField {
        TextField {
            info: FieldInfo::field(self.fieldset.prefix, id, self.refused, hint),
            name: self.fieldset.name(id),
            label,
            autocomplete: autocomplete_of(id),
            required,
            inputmode: None,
            hint: None,
            example: None,
            value: (self.known)(id),
        }
    }

    /// A select of regions. A known region that is not in the list is added: correcting an address must not change it.
    fn choices(self, id: &'static str, asked: &AskedField) -> AnyView {
        let known = (self.known)(id).unwrap_or_default();
        let is_known = |&(written, name): &(&str, &str)| {
            written.eq_ignore_ascii_case(&known) || name.eq_ignore_ascii_case(&known)
        };
        let found = asked.choices().find(is_known).map_or(known.as_str(), |(written, _)| written);
        let first = if known.is_empty() { "Choose" } else { &known };
        let mut options = String::new();
        if known.is_empty() || asked.choices().all(|choice| !is_known(&choice)) {
            add_option(&mut options, &known, first, found);
        }
        for (written, name) in asked.choices() {
            add_option(&mut options, written, name, found);
        }
        self.select(id, asked.label.clone(), asked.required, options)
    }

    /// A select with these options as HTML.
    fn select(self, id: &'static str, label: String, required: bool, options: String) -> AnyView {
        let fieldset = self.fieldset;
        let info = FieldInfo::field(fieldset.prefix, id, self.refused, false);
        let is_country = id == "country";
        let change = move |event: Event| {
            if is_country {
                fieldset.country_changed(&event);
            }
        };
        view! {
            <div class="field">
                <label for=info.id.clone()>{label} " " {optional_label(required)}</label>
                <div class="row country">
                    <select
                        class="input"
                        id=info.id.clone()
                        name=fieldset.name(id)
                        autocomplete=autocomplete_of(id)
                        aria-describedby=info.described_by()
                        aria-invalid=info.invalid()
                        inner_html=options
                        on:change=change
                    ></select>
                    {is_country.then(|| view! { <noscript inner_html=WITHOUT_JAVASCRIPT></noscript> }.into_any())}
                </div>
                {info.error_text()}
            </div>
        }
        .into_any()
    }

    /// A hidden field with the value of a field that this country does not have, in case the customer switches back.
    fn hidden_value(self, id: &'static str, asked: &AddressFormat) -> Option<AnyView> {
        let is_asked = asked.fields.iter().any(|asked| id_of(asked.field) == id);
        let value = (self.known)(id).filter(|value| !is_asked && !value.is_empty())?;
        Some(hidden(["kept[", id, "]"].concat(), value))
    }

    fn country(self, chosen: &str) -> AnyView {
        let mut options = String::new();
        let is_code = chosen.len() == 2 && chosen.bytes().all(|byte| byte.is_ascii_uppercase());
        // Orders from before the country table may have a code that is no country.
        if is_code && countries().all(|country| country.code != chosen) {
            add_option(&mut options, chosen, chosen, chosen);
        }
        for country in countries() {
            add_option(&mut options, country.code, country.name, chosen);
        }
        let asked = hidden(ASKED_COUNTRY.to_owned(), chosen.to_owned());
        view! { {asked} {self.select("country", "Country".to_owned(), true, options)} }.into_any()
    }

    /// The rarely needed fields, collapsed while they are empty.
    fn optional_fields(self, asked: &AddressFormat) -> AnyView {
        let second = asked.field(Field::Line2).is_none();
        let ids: &[&str] =
            if second { &["line2", "company", "recipient"] } else { &["company", "recipient"] };
        let is_needed = |id: &&str| {
            (self.known)(id).is_some_and(|value| !value.is_empty())
                || FieldInfo::field(self.fieldset.prefix, id, self.refused, false).invalid().is_some()
        };
        let open = ids.iter().any(is_needed);
        let summary = if second { "Flat, company or another name" } else { "Company or another name" };
        let line2 = second.then(|| self.text("line2", LINE2.to_owned(), false, None));
        let company = self.text("company", COMPANY.to_owned(), false, None);
        let recipient = text_field(TextField {
            hint: Some("Left empty, it is the name of whoever orders."),
            ..self.field("recipient", RECIPIENT.to_owned(), false, true)
        });
        let fields = line2.into_iter().chain([company, recipient]).collect();
        view! { <details class="fold" open=open><summary>{summary}</summary>{group("fields", fields)}</details> }
            .into_any()
    }
}

fn hidden(name: String, value: String) -> AnyView {
    view! { <input type="hidden" name=name value=value /> }.into_any()
}

/// Appends an option to the HTML of a select.
fn add_option(options: &mut String, value: &str, name: &str, chosen: &str) {
    options.push_str("<option value=\"");
    escape_into(options, value);
    options.push_str(if value == chosen { "\" selected>" } else { "\">" });
    escape_into(options, name);
    options.push_str("</option>");
}

fn escape_into(html: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '"' => html.push_str("&quot;"),
            letter => html.push(letter),
        }
    }
}

/// An address as it is written on a parcel.
pub fn address_lines(address: &Address) -> AnyView {
    let mut lines = Vec::new();
    for line in address.written() {
        if !lines.is_empty() {
            lines.push(view! { <br /> }.into_any());
        }
        lines.push(view! { <bdi>{line}</bdi> }.into_any());
    }
    lines.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_text_is_escaped_in_an_option() {
        let mut options = String::new();
        let typed = "\"><script>alert('&')</script>";
        add_option(&mut options, typed, typed, typed);
        assert_eq!(
            options,
            "<option value=\"&quot;>&lt;script>alert('&amp;')&lt;/script>\" selected>\
             &quot;>&lt;script>alert('&amp;')&lt;/script></option>"
        );
    }
}

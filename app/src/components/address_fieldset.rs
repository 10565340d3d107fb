//! The state of the address fields in a form: they depend on the chosen country.

use js_sys::Reflect;
use leptos::ev::Event;
use leptos::prelude::*;
use leptos::task::{spawn_local, tick};
use orders::address::{AddressFormat, Country};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlFormElement, UrlSearchParams};

use crate::components::draft;
use crate::components::form::focus;
use crate::components::form_data::{fields_of, form_around, property};
use crate::json;
use crate::live::{Live, http};

/// The fields that have the same meaning in every country.
const FIELDS: [&str; 6] = ["street", "line2", "city", "postcode", "company", "recipient"];
/// The field whose value belongs to one country.
const REGION: &str = "region";

/// The fields of an address in a form.
#[derive(Clone, Copy)]
pub struct AddressFieldset {
    /// The argument of the server function that the fields are part of.
    pub argument: &'static str,
    /// The prefix of their ids.
    pub prefix: &'static str,
    /// Whether the form is saved as a draft in the tab.
    saves_draft: bool,
    /// The address form of the chosen country.
    pub format: RwSignal<AddressFormat>,
    /// What was typed before the country changed: by field, and the region by country.
    typed: StoredValue<Vec<(String, String)>>,
    live: Live,
}

impl AddressFieldset {
    /// The address of the checkout.
    pub fn for_checkout(format: AddressFormat) -> Self {
        Self { saves_draft: true, ..Self::of("order", "", format) }
    }

    /// The address of the form that corrects it.
    pub fn for_correction(format: AddressFormat) -> Self {
        Self::of("address", "fix-", format)
    }

    fn of(argument: &'static str, prefix: &'static str, format: AddressFormat) -> Self {
        let (format, typed) = (RwSignal::new(format), StoredValue::new(Vec::new()));
        Self { argument, prefix, saves_draft: false, format, typed, live: Live::expect() }
    }

    /// Returns the name of a field in the form.
    pub fn name(self, id: &str) -> String {
        [self.argument, "[", id, "]"].concat()
    }

    /// Returns the common prefix of the names.
    pub fn name_prefix(self) -> String {
        [self.argument, "["].concat()
    }

    pub fn country_changed(self, event: &Event) {
        if let Some(form) = form_around(event) {
            self.ask(form, false);
        }
    }

    /// Shows the fields of a country that was chosen before the code was loaded, or restored from a draft. The rest
    /// of the draft is restored once the fields exist.
    pub fn restore_country(self) {
        let select = document().get_element_by_id(&[self.prefix, "country"].concat());
        let form = select.and_then(|select| select.closest("form").ok()?);
        if let Some(form) = form.and_then(|form| form.dyn_into::<HtmlFormElement>().ok()) {
            self.ask(form, true);
        }
    }

    /// Requests the fields of the chosen country. Without an answer the form is unchanged, and the server validates
    /// it by the chosen country when it is submitted.
    fn ask(self, form: HtmlFormElement, restored: bool) {
        let Some(chosen) = self.chosen(&form) else { return };
        if self.format.with_untracked(|format| format.country == chosen) {
            return;
        }
        spawn_local(async move {
            let answer = http::post("/actions/address_format", &["country=", &chosen].concat()).await;
            let format = answer.and_then(|answer| json::read::<AddressFormat>(&answer.text));
            // Another country may have been chosen meanwhile.
            if let Some(format) = format.filter(|format| self.chosen(&form).as_ref() == Some(&format.country))
            {
                self.show(form, format, restored).await;
            }
        });
    }

    fn chosen(self, form: &HtmlFormElement) -> Option<String> {
        self.values(form)?.get(&self.name("country")).filter(|country| country.len() == 2)
    }

    fn values(self, form: &HtmlFormElement) -> Option<UrlSearchParams> {
        UrlSearchParams::new_with_str(&fields_of(form, None, None)?).ok()
    }

    async fn show(self, form: HtmlFormElement, format: AddressFormat, restored: bool) {
        let Some(values) = self.values(&form) else { return };
        let before = self.format.with_untracked(|format| format.country.clone());
        let keep = |id: &str, known_as: String| {
            if let Some(value) = values.get(&self.name(id)) {
                self.typed.update_value(|typed| {
                    typed.retain(|(known, _)| *known != known_as);
                    typed.push((known_as, value));
                });
            }
        };
        FIELDS.iter().for_each(|id| keep(id, (*id).to_owned()));
        keep(REGION, before);
        let country = format.country.clone();
        let focused = document().active_element().filter(|focused| form.contains(Some(focused)));
        let focused = focused.map(|focused| focused.id()).filter(|id| !id.is_empty());
        if !restored && let Some(country) = Country::of(&format.country) {
            self.live.announce(["The address is asked as it is written in ", country.name, "."].concat());
        }
        self.format.set(format);
        // The fields exist after the next tick.
        tick().await;
        let typed = self.typed.get_value();
        self.put(&form, REGION, "");
        for (id, value) in &typed {
            self.put(&form, if *id == country { REGION } else { id }, value);
        }
        // The focused field may have been replaced.
        if let Some(id) = focused
            && document().active_element().is_none_or(|now| now.id() != id)
        {
            focus(&["#", &id].concat());
        }
        if restored {
            draft::restore(&self.name_prefix());
        } else if self.saves_draft {
            draft::save(&form);
        }
    }

    fn put(self, form: &HtmlFormElement, id: &str, value: &str) {
        let selector = ["[name='", &self.name(id), "']"].concat();
        if let Ok(Some(field)) = form.query_selector(&selector) {
            let value = JsValue::from_str(value);
            // Writing an unchanged value would move the caret.
            if property(&field, "value") != value {
                let _ = Reflect::set(&field, &"value".into(), &value);
            }
        }
    }
}

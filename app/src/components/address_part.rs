//! The part of a form that asks for an address, and how it follows the country.

use js_sys::Reflect;
use leptos::ev::Event;
use leptos::prelude::*;
use leptos::task::{spawn_local, tick};
use orders::address::{AddressFormat, Country};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlFormElement, UrlSearchParams};

use crate::components::draft;
use crate::components::form::focus;
use crate::components::form_data::{fields_of, form_around};
use crate::json;
use crate::live::{Live, http};

/// The fields that hold the same in every country that has them.
const FIELDS: [&str; 6] = ["street", "line2", "city", "postcode", "company", "recipient"];
/// What it holds belongs to one country.
const REGION: &str = "region";

/// The fields of an address in a form.
#[derive(Clone, Copy)]
pub struct AddressPart {
    /// The form's argument that they are part of.
    pub part_of: &'static str,
    /// What comes before their ids.
    pub prefix: &'static str,
    /// What is typed into the form is kept in the tab.
    is_kept_in_tab: bool,
    /// What the country asks for.
    pub asked: RwSignal<AddressFormat>,
    /// What was typed before the country was changed: by the field, and a region by its country.
    typed: StoredValue<Vec<(String, String)>>,
    live: Live,
}

impl AddressPart {
    /// Those of the checkout, in the country that it begins with.
    pub fn of_checkout(asked: AddressFormat) -> Self {
        Self { is_kept_in_tab: true, ..Self::of("order", "", asked) }
    }

    /// Those of the form that corrects an address, in the country that it goes to.
    pub fn of_correction(asked: AddressFormat) -> Self {
        Self::of("address", "fix-", asked)
    }

    fn of(part_of: &'static str, prefix: &'static str, asked: AddressFormat) -> Self {
        let (asked, typed) = (RwSignal::new(asked), StoredValue::new(Vec::new()));
        Self { part_of, prefix, is_kept_in_tab: false, asked, typed, live: Live::expect() }
    }

    /// The name that a field is sent under.
    pub fn name(self, id: &str) -> String {
        [self.part_of, "[", id, "]"].concat()
    }

    /// How the names of all its fields begin.
    pub fn name_of_all(self) -> String {
        [self.part_of, "["].concat()
    }

    /// Somebody chose another country.
    pub fn country_changed(self, event: &Event) {
        if let Some(form) = form_around(event) {
            self.ask(form, false);
        }
    }

    /// The same, when the country was chosen before the browser's code was there, or on an earlier visit to the page. What
    /// was kept of that visit is put into the fields once they are there.
    pub fn catch_up(self) {
        let select = document().get_element_by_id(&[self.prefix, "country"].concat());
        let form = select.and_then(|select| select.closest("form").ok()?);
        if let Some(form) = form.and_then(|form| form.dyn_into::<HtmlFormElement>().ok()) {
            self.ask(form, true);
        }
    }

    /// Asks the server for the fields of the country that is chosen. Without an answer the form stays as it is, and is
    /// judged by its country when it is sent.
    fn ask(self, form: HtmlFormElement, restored: bool) {
        let Some(chosen) = self.chosen(&form) else { return };
        if self.asked.with_untracked(|asked| asked.country == chosen) {
            return;
        }
        spawn_local(async move {
            let answer = http::post("/actions/address_format", &["country=", &chosen].concat()).await;
            let asked = answer.and_then(|answer| json::read::<AddressFormat>(&answer.text));
            // Somebody may have chosen yet another meanwhile.
            if let Some(asked) = asked.filter(|asked| self.chosen(&form).as_ref() == Some(&asked.country)) {
                self.show(form, asked, restored).await;
            }
        });
    }

    fn chosen(self, form: &HtmlFormElement) -> Option<String> {
        self.values(form)?.get(&self.name("country")).filter(|country| country.len() == 2)
    }

    fn values(self, form: &HtmlFormElement) -> Option<UrlSearchParams> {
        UrlSearchParams::new_with_str(&fields_of(form, None, None)?).ok()
    }

    async fn show(self, form: HtmlFormElement, asked: AddressFormat, restored: bool) {
        let Some(values) = self.values(&form) else { return };
        let before = self.asked.with_untracked(|asked| asked.country.clone());
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
        let country = asked.country.clone();
        let focused = document().active_element().filter(|focused| form.contains(Some(focused)));
        let focused = focused.map(|focused| focused.id()).filter(|id| !id.is_empty());
        if !restored && let Some(country) = Country::of(&asked.country) {
            self.live.say(["The address is asked as it is written in ", country.name, "."].concat());
        }
        self.asked.set(asked);
        // The fields are on the page once what waits to run has run, and nobody has typed into them yet.
        tick().await;
        let typed = self.typed.get_value();
        self.put(&form, REGION, "");
        for (id, value) in &typed {
            self.put(&form, if *id == country { REGION } else { id }, value);
        }
        // The fields changed places around somebody who types.
        if let Some(id) = focused
            && document().active_element().is_none_or(|now| now.id() != id)
        {
            focus(&["#", &id].concat());
        }
        if restored {
            draft::restore(&self.name_of_all());
        } else if self.is_kept_in_tab {
            draft::remember(&form);
        }
    }

    fn put(self, form: &HtmlFormElement, id: &str, value: &str) {
        let selector = ["[name='", &self.name(id), "']"].concat();
        if let Ok(Some(field)) = form.query_selector(&selector) {
            let (name, value) = (JsValue::from_str("value"), JsValue::from_str(value));
            // What is there already stays with its caret.
            if Reflect::get(&field, &name).ok().as_ref() != Some(&value) {
                let _ = Reflect::set(&field, &name, &value);
            }
        }
    }
}

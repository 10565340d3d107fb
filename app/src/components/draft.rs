//! Saves a draft of a form in the session storage, so that a reload does not lose it.

use js_sys::Reflect;
use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlFormElement, Storage, UrlSearchParams};

use super::form_data::{fields_of, property};

const STORAGE_KEY: &str = "docket-typed";
/// The shortest card number has this many digits.
const MIN_CARD_DIGITS: usize = 12;

/// Saves the fields of a form, except the cart, and a note that may contain a card number.
pub fn save(form: &HtmlFormElement) {
    let fields = fields_of(form, None, None).and_then(|text| UrlSearchParams::new_with_str(&text).ok());
    let (Some(storage), Some(fields)) = (storage(), fields) else { return };
    fields.delete("order[cart]");
    let digits = |note: String| note.bytes().filter(u8::is_ascii_digit).count();
    if fields.get("order[note]").is_some_and(|note| digits(note) >= MIN_CARD_DIGITS) {
        fields.delete("order[note]");
    }
    // A browser without storage loses the draft at a reload.
    let _ = storage.set_item(STORAGE_KEY, &String::from(fields.to_string()));
}

pub fn clear() {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(STORAGE_KEY);
    }
}

/// Restores the draft into the pristine fields whose names have this prefix.
pub fn restore(names: &str) {
    let Some(kept) = storage().and_then(|storage| storage.get_item(STORAGE_KEY).ok()?) else { return };
    let Ok(kept) = UrlSearchParams::new_with_str(&kept) else { return };
    let selector = format!("[name^='{names}']:not([type=hidden])");
    let Ok(fields) = document().query_selector_all(&selector) else { return };
    for at in 0..fields.length() {
        let Some(field) = fields.item(at).and_then(|node| node.dyn_into::<Element>().ok()) else { continue };
        let name = field.get_attribute("name").unwrap_or_default();
        if let Some(value) = kept.get(&name).filter(|_| is_pristine(&field)) {
            put(&field, &value);
        }
    }
}

fn is_pristine(field: &Element) -> bool {
    match kind(field).as_str() {
        // Pristine when the checked one is the one that the server checked.
        "radio" => {
            let group = field.closest("form").ok().flatten();
            let chosen = group.and_then(|form| form.query_selector("[type=radio]:checked").ok().flatten());
            chosen.is_none_or(|chosen| chosen.has_attribute("checked"))
        }
        "select-one" => {
            let first = field.query_selector("[selected]").ok().flatten();
            first.is_none_or(|first| property(&first, "value") == property(field, "value"))
        }
        _ => property(field, "value") == property(field, "defaultValue"),
    }
}

fn put(field: &Element, value: &str) {
    let (name, value) = match kind(field).as_str() {
        "radio" if field.get_attribute("value").as_deref() != Some(value) => return,
        "radio" => ("checked", JsValue::TRUE),
        _ => ("value", JsValue::from_str(value)),
    };
    let _ = Reflect::set(field, &JsValue::from_str(name), &value);
}

fn kind(field: &Element) -> String {
    property(field, "type").as_string().unwrap_or_default()
}

fn storage() -> Option<Storage> {
    window().session_storage().ok()?
}

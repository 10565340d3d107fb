//! The fields of a form as a browser would send them.

use js_sys::Reflect;
use leptos::ev::Event;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, FormData, HtmlElement, HtmlFormElement, UrlSearchParams};

/// Returns the element that an event is about.
pub fn target_of(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// Returns a property of an element, or undefined.
pub fn property(element: &Element, name: &str) -> JsValue {
    Reflect::get(element, &name.into()).unwrap_or_default()
}

/// Returns the form of that element.
pub fn form_around(event: &Event) -> Option<HtmlFormElement> {
    target_of(event)?.closest("form").ok()??.dyn_into().ok()
}

/// Returns what the form would send when this button is pressed. A field that is being typed in has its previous
/// value.
pub fn fields_of(
    form: &HtmlFormElement,
    button: Option<HtmlElement>,
    typing: Option<Element>,
) -> Option<String> {
    let fields = FormData::new_with_form(form).ok()?;
    if let Some(button) = button
        && let (Some(name), Some(value)) = (button.get_attribute("name"), button.get_attribute("value"))
    {
        fields.append_with_str(&name, &value).ok()?;
    }
    if let Some(field) = typing
        && let (Some(name), Some(value)) = (field.get_attribute("name"), field.get_attribute("value"))
        && fields.has(&name)
    {
        fields.set_with_str(&name, &value).ok()?;
    }
    let fields = UrlSearchParams::new_with_str_sequence_sequence(&fields).ok()?;
    Some(String::from(fields.to_string()))
}

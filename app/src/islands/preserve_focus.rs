//! Preserves input, focus and open elements while an island is replaced.

use js_sys::Reflect;
use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use crate::components::form_data::property;

/// Everything in an island that can be typed into, chosen, opened or focused.
const INTERACTIVE: &str = "a, button, details, input, select, summary, textarea, [tabindex]";
/// The properties that a user can change.
const STATE_PROPERTIES: [&str; 3] = ["value", "checked", "open"];
const CARET_PROPERTIES: [&str; 2] = ["selectionStart", "selectionEnd"];

/// Replaces an island by its new rendering, which has the same elements. Input, selection, open elements and the
/// focus are kept.
pub fn preserve(rendered: &Element, fresh: &Element) {
    let focused = document().active_element();
    let (before, after) = (interactive_elements(rendered), interactive_elements(fresh));
    let _ = rendered.replace_with_with_node_1(fresh);
    if before.len() != after.len() {
        return;
    }
    for (before, after) in before.iter().zip(&after) {
        copy(STATE_PROPERTIES, before, after);
        if focused.as_ref() == Some(before) {
            transfer(before, after);
        }
    }
}

/// Transfers the state of one element to the one that replaces it.
pub fn transfer(before: &Element, after: &Element) {
    if is_edited(before) {
        copy(["value"], before, after);
    }
    let _ = after.unchecked_ref::<HtmlElement>().focus();
    copy(CARET_PROPERTIES, before, after);
}

/// Whether it is a field whose value differs from its initial value.
pub fn is_edited(field: &Element) -> bool {
    let [is, was] = ["value", "defaultValue"].map(|name| property(field, name));
    !was.is_undefined() && is != was
}

fn copy<const N: usize>(names: [&str; N], before: &Element, after: &Element) {
    for name in names {
        let [was, is] = [before, after].map(|element| property(element, name));
        // A field without a caret has null.
        if was != is && !was.is_null() {
            let _ = Reflect::set(after, &name.into(), &was);
        }
    }
}

fn interactive_elements(island: &Element) -> Vec<Element> {
    let Ok(all) = island.query_selector_all(INTERACTIVE) else { return Vec::new() };
    (0..all.length()).filter_map(|at| all.item(at)?.dyn_into().ok()).collect()
}

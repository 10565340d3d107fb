//! What somebody did with an island before the browser's code was there.

use js_sys::Reflect;
use leptos::prelude::document;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement};

/// Everything in an island that can be typed into, chosen, opened or focused.
const TOUCHABLE: &str = "a, button, details, input, select, summary, textarea, [tabindex]";
/// What of it somebody may have changed.
const CHANGED: [&str; 3] = ["value", "checked", "open"];
/// Where somebody types.
const CARET: [&str; 2] = ["selectionStart", "selectionEnd"];

/// Puts an island into the place of the one that the server wrote, which looks the same; what was typed, chosen or
/// opened there stays, and so does the focus.
pub fn keep(written: &Element, fresh: &Element) {
    let focused = document().active_element();
    let (before, after) = (touchable(written), touchable(fresh));
    let _ = written.replace_with_with_node_1(fresh);
    if before.len() != after.len() {
        return;
    }
    for (before, after) in before.iter().zip(&after) {
        copy(CHANGED, before, after);
        if focused.as_ref() == Some(before) {
            go_on(before, after);
        }
    }
}

/// What somebody is doing in one element goes on in the one that takes its place.
pub fn go_on(before: &Element, after: &Element) {
    if is_typed_in(before) {
        copy(["value"], before, after);
    }
    let _ = after.unchecked_ref::<HtmlElement>().focus();
    copy(CARET, before, after);
}

/// It is a field that holds something else than it did from the start. What has no such start is no field.
pub fn is_typed_in(field: &Element) -> bool {
    let [is, was] =
        ["value", "defaultValue"].map(|name| Reflect::get(field, &name.into()).unwrap_or_default());
    !was.is_undefined() && is != was
}

fn copy<const N: usize>(names: [&str; N], before: &Element, after: &Element) {
    for name in names.map(JsValue::from_str) {
        let [was, is] = [before, after].map(|element| Reflect::get(element, &name).unwrap_or_default());
        // Null is the caret of a field that has none.
        if was != is && !was.is_null() {
            let _ = Reflect::set(after, &name, &was);
        }
    }
}

fn touchable(island: &Element) -> Vec<Element> {
    let Ok(all) = island.query_selector_all(TOUCHABLE) else { return Vec::new() };
    (0..all.length()).filter_map(|at| all.item(at)?.dyn_into().ok()).collect()
}

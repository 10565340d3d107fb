//! What the browser loads: it takes over the page that the server has rendered.
// The type of a page is as deep as its elements are nested.
#![recursion_limit = "512"]

use leptos::mount::hydrate_body;
use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page once the WebAssembly is there.
#[wasm_bindgen]
pub fn hydrate() {
    hydrate_body(app::App);
}

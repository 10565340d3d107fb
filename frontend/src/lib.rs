//! What the browser loads: it takes over the page that the server has rendered.

use leptos::mount::hydrate_body;
use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page once the WebAssembly is there.
#[wasm_bindgen]
pub fn hydrate() {
    hydrate_body(app::App);
}

//! What the browser loads: it takes over what lives on the page that the server has rendered.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page once the WebAssembly is there.
#[wasm_bindgen]
pub fn hydrate() {
    app::start();
}

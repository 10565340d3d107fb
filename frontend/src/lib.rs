//! The entry point of the WebAssembly. It takes over the islands of a page that the server has rendered.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page once the WebAssembly is loaded.
#[wasm_bindgen]
pub fn hydrate() {
    app::start();
}

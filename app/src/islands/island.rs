//! An island: a part of a page that the browser keeps up to date.

use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use web_sys::Document;

use crate::json;

/// An island. Its fields are the data of its first rendering, and they are sent with the page.
pub trait Island: Serialize + DeserializeOwned + 'static {
    const NAME: &'static str;

    /// Renders it, reactively.
    fn view(self) -> AnyView;
}

/// Returns the data of an island in a document.
pub fn props_of<I: Island>(document: &Document) -> Option<I> {
    let island = document.query_selector(&format!("[data-island={}]", I::NAME)).ok()??;
    json::read(&island.get_attribute("data-props")?)
}

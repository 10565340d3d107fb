//! An island: a part of a page that the browser keeps up to date.

use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use web_sys::Document;

use crate::json;

/// A part of a page that lives. Its fields are what its first look is made of, and they travel with the page.
pub trait Island: Serialize + DeserializeOwned + 'static {
    /// The word in the page.
    const NAME: &'static str;

    /// How it looks, now and as it changes.
    fn view(self) -> AnyView;
}

/// What an island of a document is made of.
pub fn props_of<I: Island>(document: &Document) -> Option<I> {
    let island = document.query_selector(&format!("[data-island={}]", I::NAME)).ok()??;
    json::read(&island.get_attribute("data-props")?)
}

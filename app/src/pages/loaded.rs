//! A page whose data is loaded first.

use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::page_error::PageError;

/// Loads data for this input and renders the page, or the error page.
pub fn loaded<I, T, F>(
    input: I,
    load: fn(I) -> F,
    page: impl Fn(T) -> AnyView + Clone + Send + 'static,
    error_page: impl Fn(PageError) -> AnyView + Clone + Send + 'static,
) -> AnyView
where
    I: Clone + PartialEq + Send + Sync + 'static,
    T: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
    F: Future<Output = Result<T, PageError>> + Send + 'static,
{
    let data = Resource::new(move || input.clone(), load);
    view! {
        <Suspense>
            {move || {
                let (page, error_page) = (page.clone(), error_page.clone());
                Suspend::new(async move { data.await.map_or_else(error_page, page) })
            }}
        </Suspense>
    }
    .into_any()
}

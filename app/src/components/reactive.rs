//! Reactive views and effects. Each is one type whatever it contains, so that another use adds no code to the
//! download.

use leptos::prelude::*;

/// A view that is rendered again whenever a signal that it reads changes.
pub fn reactive<V: IntoAny>(mut render: impl FnMut() -> V + Send + 'static) -> AnyView {
    let render: Box<dyn FnMut() -> AnyView + Send> = Box::new(move || render().into_any());
    render.into_any()
}

/// Runs in the browser, and again whenever a signal that it reads changes.
pub fn effect(run: impl FnMut() + 'static) {
    let run: Box<dyn FnMut()> = Box::new(run);
    Effect::new(run);
}

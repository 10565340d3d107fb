//! Reactive views and effects. Each is one type whatever it contains, so that another use adds no code to the
//! download.

use leptos::prelude::*;

/// A view that is rendered again whenever a signal that it reads changes.
pub fn reactive<V: IntoAny>(mut look: impl FnMut() -> V + Send + 'static) -> AnyView {
    let look: Box<dyn FnMut() -> AnyView + Send> = Box::new(move || look().into_any());
    look.into_any()
}

/// Runs in the browser, and again whenever a signal that it reads changes.
pub fn effect(run: impl FnMut() + 'static) {
    let run: Box<dyn FnMut()> = Box::new(run);
    Effect::new(run);
}

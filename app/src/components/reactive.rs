//! What changes by itself. Views and effects are one type each whatever they do, so that the next one weighs nothing.

use leptos::prelude::*;

/// A view that is made again whenever what it looks at has changed.
pub fn reactive<V: IntoAny>(mut look: impl FnMut() -> V + Send + 'static) -> AnyView {
    let look: Box<dyn FnMut() -> AnyView + Send> = Box::new(move || look().into_any());
    look.into_any()
}

/// Runs in the browser, and again whenever what it looks at has changed.
pub fn effect(run: impl FnMut() + 'static) {
    let run: Box<dyn FnMut()> = Box::new(run);
    Effect::new(run);
}

//! The clock and the page of the browser.

use leptos::prelude::window;

pub fn reload() {
    let _ = window().location().reload();
}

/// Returns milliseconds since the epoch.
pub fn now() -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a whole number in floating point")]
    let now = js_sys::Date::now() as i64;
    now
}

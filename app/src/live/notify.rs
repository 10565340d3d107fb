//! Notifications of the browser: offered on the page of an order, asked for on a click, shown while nobody looks.

use leptos::prelude::*;
use leptos::task::spawn_local;
use orders::OrderId;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Notification, NotificationOptions, NotificationPermission, VisibilityState};

/// Whether this browser shows notifications of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// It does.
    Given,
    /// It can be asked.
    ToBeAsked,
    /// It does not, or it cannot.
    No,
}

/// Whether this browser shows notifications of ours. The server has nobody to show one to.
pub fn permission() -> Permission {
    if !is_possible() {
        return Permission::No;
    }
    match Notification::permission() {
        NotificationPermission::Granted => Permission::Given,
        NotificationPermission::Default => Permission::ToBeAsked,
        _ => Permission::No,
    }
}

/// Lets the browser ask whoever looks, and tells what they said. Browsers ask only after a click.
pub fn ask(answered: impl FnOnce(Permission) + 'static) {
    let Ok(asked) = Notification::request_permission() else { return };
    spawn_local(async move {
        // What was answered is read from the browser, whatever the promise says.
        let _ = JsFuture::from(asked).await;
        answered(match permission() {
            // Some browsers show them only by a service worker, and say so by refusing the first one.
            Permission::Given if Notification::new("We tell you here.").is_err() => Permission::No,
            said => said,
        });
    });
}

/// Tells what became of an order, if that may be told and nobody looks at this tab. A later word about an order takes the
/// place of the one before.
pub fn tell(order: OrderId, words: &str) {
    if permission() != Permission::Given || document().visibility_state() == VisibilityState::Visible {
        return;
    }
    let options = NotificationOptions::new();
    options.set_tag(&order.to_string());
    options.set_icon("/favicon.svg");
    // A browser that refuses shows nothing; the page says the same all along.
    let Ok(notification) = Notification::new_with_options(words, &options) else { return };
    let look = Closure::once_into_js(move || {
        let _ = window().focus();
    });
    notification.set_onclick(Some(look.unchecked_ref()));
}

/// Some browsers know none, and the server is no browser.
fn is_possible() -> bool {
    cfg!(target_arch = "wasm32")
        && js_sys::Reflect::has(&js_sys::global(), &"Notification".into()).unwrap_or(false)
}

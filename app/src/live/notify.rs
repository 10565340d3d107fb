//! Browser notifications: offered on the page of an order, requested on a click, shown while the tab is hidden.

use leptos::prelude::*;
use leptos::task::spawn_local;
use orders::OrderId;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Notification, NotificationOptions, NotificationPermission, VisibilityState};

/// The browser's permission for notifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    Granted,
    NotRequested,
    /// Denied or unsupported.
    Denied,
}

/// Returns the permission. It is denied on the server.
pub fn permission() -> Permission {
    if !is_supported() {
        return Permission::Denied;
    }
    match Notification::permission() {
        NotificationPermission::Granted => Permission::Granted,
        NotificationPermission::Default => Permission::NotRequested,
        _ => Permission::Denied,
    }
}

/// Requests the permission and passes on the answer. Browsers require a click.
pub fn request_permission(answered: impl FnOnce(Permission) + 'static) {
    let Ok(asked) = Notification::request_permission() else { return };
    spawn_local(async move {
        // The answer is read from the browser, whatever the promise returns.
        let _ = JsFuture::from(asked).await;
        answered(match permission() {
            // Some browsers only allow notifications by a service worker, and refuse the first one.
            Permission::Granted if Notification::new("We tell you here.").is_err() => Permission::Denied,
            permission => permission,
        });
    });
}

/// Shows a notification about an order, if it is allowed and the tab is hidden. A later one replaces an earlier one
/// of the same order.
pub fn show(order: OrderId, words: &str) {
    if permission() != Permission::Granted || document().visibility_state() == VisibilityState::Visible {
        return;
    }
    let options = NotificationOptions::new();
    options.set_tag(&order.to_string());
    options.set_icon("/favicon.svg");
    // If the browser refuses, the page still shows the change.
    let Ok(notification) = Notification::new_with_options(words, &options) else { return };
    let look = Closure::once_into_js(move || {
        let _ = window().focus();
    });
    notification.set_onclick(Some(look.unchecked_ref()));
}

/// Some browsers do not support them.
fn is_supported() -> bool {
    cfg!(target_arch = "wasm32")
        && js_sys::Reflect::has(&js_sys::global(), &"Notification".into()).unwrap_or(false)
}

//! Tells the other tabs of the browser that the cart was changed.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::BroadcastChannel;

thread_local! {
    static CHANNEL: Option<BroadcastChannel> = BroadcastChannel::new("docket-cart").ok();
}

/// Runs when another tab has changed the cart.
pub fn on_cart_change(act: impl FnMut() + 'static) {
    CHANNEL.with(|channel| {
        if let Some(channel) = channel {
            let act = Closure::<dyn FnMut()>::new(act).into_js_value();
            channel.set_onmessage(Some(act.unchecked_ref()));
        }
    });
}

/// Tells the other tabs that this one has changed the cart.
pub fn broadcast_cart_change() {
    CHANNEL.with(|channel| {
        if let Some(channel) = channel {
            // A tab that misses it shows the change on its next page.
            let _ = channel.post_message(&true.into());
        }
    });
}

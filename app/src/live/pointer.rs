//! Waits for the end of a click. Whoever leaves a field by a click must find what they aim at where it was until the button
//! of the mouse, or the finger, is up again.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// Once the pointer is up its click follows, with a finger a little later.
const A_CLICK_FOLLOWS: Duration = Duration::from_millis(50);

type Act = Box<dyn FnOnce()>;

thread_local! {
    static DOWN: Cell<bool> = const { Cell::new(false) };
    static WAITING: RefCell<Vec<Act>> = const { RefCell::new(Vec::new()) };
}

/// Watches the pointer from here on.
pub fn start() {
    for (event, down) in [("pointerdown", true), ("pointerup", false), ("pointercancel", false)] {
        let moved = Closure::<dyn FnMut()>::new(move || {
            DOWN.set(down);
            if !down {
                set_timeout(|| WAITING.take().into_iter().for_each(|act| act()), A_CLICK_FOLLOWS);
            }
        });
        let moved = moved.into_js_value();
        let _ = document().add_event_listener_with_callback_and_bool(event, moved.unchecked_ref(), true);
    }
}

/// Does something at once, or after the click that is under way.
pub fn after_a_click(act: impl FnOnce() + 'static) {
    if DOWN.get() {
        WAITING.with_borrow_mut(|waiting| waiting.push(Box::new(act)));
    } else {
        act();
    }
}

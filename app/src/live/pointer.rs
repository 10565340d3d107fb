//! Waits for the end of a click. When a field is left by a click, the target must stay in place until the mouse
//! button or the finger is up.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// The click event follows the pointer event, with a finger a little later.
const CLICK_DELAY: Duration = Duration::from_millis(50);

type Act = Box<dyn FnOnce()>;

thread_local! {
    static DOWN: Cell<bool> = const { Cell::new(false) };
    static WAITING: RefCell<Vec<Act>> = const { RefCell::new(Vec::new()) };
}

/// Starts to observe the pointer.
pub fn start() {
    for (event, down) in [("pointerdown", true), ("pointerup", false), ("pointercancel", false)] {
        let moved = Closure::<dyn FnMut()>::new(move || {
            DOWN.set(down);
            if !down {
                set_timeout(|| WAITING.take().into_iter().for_each(|act| act()), CLICK_DELAY);
            }
        });
        let moved = moved.into_js_value();
        let _ = document().add_event_listener_with_callback_and_bool(event, moved.unchecked_ref(), true);
    }
}

/// Runs at once, or after the current click.
pub fn after_click(act: impl FnOnce() + 'static) {
    if DOWN.get() {
        WAITING.with_borrow_mut(|waiting| waiting.push(Box::new(act)));
    } else {
        act();
    }
}

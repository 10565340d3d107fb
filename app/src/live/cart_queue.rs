//! Changes of the cart are sent one after the other.
//!
//! The cart is a cookie: a request that changes it sends the browser's cart, and the answer sets the changed one. So
//! the next change waits for the answer, in this tab and, with the browser's Web Locks, in every other tab.

use std::cell::RefCell;
use std::rc::Rc;

use futures::channel::oneshot;
use js_sys::{Function, Object, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::AbortSignal;

use super::http::Answer;

const LOCK: &str = "docket-cart";
/// How long a change waits for those of other tabs: one of them may hang.
const LOCK_TIMEOUT_MS: u32 = 10_000;

thread_local! {
    /// Completes when the last change of this tab is answered.
    static LAST: RefCell<Option<oneshot::Receiver<()>>> = const { RefCell::new(None) };
}

/// Sends a request about the cart after the earlier ones are answered.
pub async fn in_turn(request: impl Future<Output = Option<Answer>> + 'static) -> Option<Answer> {
    let (answered, last) = oneshot::channel();
    if let Some(before) = LAST.replace(Some(last)) {
        // A dropped sender also means that the request is over.
        let _ = before.await;
    }
    let answer = under_lock(request).await;
    drop(answered);
    answer
}

/// Sends it while no other tab of this browser holds the lock. Without locks, as over plain HTTP, or when another tab
/// does not release it, it is sent without: the server merges crossing changes.
async fn under_lock(request: impl Future<Output = Option<Answer>> + 'static) -> Option<Answer> {
    let request = Rc::new(RefCell::new(Some(request)));
    let answer = Rc::new(RefCell::new(None));
    let (locked, to) = (request.clone(), answer.clone());
    let send = Closure::once_into_js(move || -> Promise {
        future_to_promise(async move {
            let request = locked.take();
            if let Some(request) = request {
                to.replace(request.await);
            }
            Ok(JsValue::UNDEFINED)
        })
    });
    if let Some(released) = lock(&send) {
        let _ = JsFuture::from(released).await;
    }
    let unsent = request.take();
    match unsent {
        Some(request) => request.await,
        None => answer.take(),
    }
}

/// Requests the lock, which is held until the promise of `send` settles. The returned promise settles then, or when
/// the lock was not granted.
fn lock(send: &JsValue) -> Option<Promise> {
    let locks = Reflect::get(&window().navigator(), &"locks".into()).ok()?;
    let request: Function = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    let options = Object::new();
    Reflect::set(&options, &"signal".into(), &AbortSignal::timeout_with_u32(LOCK_TIMEOUT_MS)).ok()?;
    request.call3(&locks, &LOCK.into(), &options, send).ok()?.dyn_into().ok()
}

//! Changes of the cart go out one after the other.
//!
//! The cart is a cookie: a request that changes it brings the cart as the browser has it, and its answer brings the changed
//! one. So the next change waits for the answer, in this tab and, by the browser's Web Locks, in every other tab.

use std::time::Duration;

use futures::channel::oneshot;
use futures::future::{Either, select};
use futures::lock::Mutex;
use futures::pin_mut;
use gloo_timers::future::sleep;
use js_sys::{Function, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};

const NAME: &str = "docket-cart";
/// A change does not wait longer for another one: a tab may hang.
const PATIENCE: Duration = Duration::from_secs(10);

thread_local! {
    static TAB: &'static Mutex<()> = Box::leak(Box::default());
}

/// Runs a change of the cart when the changes before it are answered.
pub async fn in_turn<T>(change: impl Future<Output = T>) -> T {
    let tab = TAB.with(|tab| *tab).lock();
    let patience = sleep(PATIENCE);
    pin_mut!(tab, patience);
    let turn = match select(tab, patience).await {
        Either::Left((turn, _)) => Some(turn),
        Either::Right(_) => None,
    };
    let lock = take_lock().await;
    let result = change.await;
    drop((lock, turn));
    result
}

/// Takes the lock that the tabs of this browser share, and holds it until the sender is dropped. None where there are no
/// locks, as over plain HTTP, or when another tab does not give it back.
async fn take_lock() -> Option<oneshot::Sender<()>> {
    let navigator = window().navigator();
    let locks = Reflect::get(&navigator, &"locks".into()).ok().filter(|locks| !locks.is_undefined())?;
    let request: Function = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    let (granted, lock) = oneshot::channel();
    let (release, released) = oneshot::channel();
    let hold = Closure::once_into_js(move || -> Promise {
        // Nobody waits any more when the patience was over.
        let _ = granted.send(());
        future_to_promise(async move {
            // Dropped or sent: it is given back.
            let _ = released.await;
            Ok(JsValue::UNDEFINED)
        })
    });
    let refused: Promise = request.call2(&locks, &NAME.into(), &hold).ok()?.dyn_into().ok()?;
    let (refused, patience) = (JsFuture::from(refused), sleep(PATIENCE));
    let given_up = select(refused, patience);
    pin_mut!(given_up);
    match select(lock, given_up).await {
        Either::Left((Ok(()), _)) => Some(release),
        _ => None,
    }
}

//! Takes over a page in the browser: the table of all islands, and replacing what the server rendered.
//!
//! # Why not the islands of Leptos
//!
//! All eight islands were ported to `#[island]` and `hydrate_islands` of Leptos 0.8.23 and measured against this module
//! (November 2026), with the same views:
//!
//! - The WebAssembly grew from 209 to 301 KB brotli. Hydration needs code for each type of view that finds the
//!   existing nodes, and the macro brings its own JSON reader.
//! - 22 of 44 browser tests of the shop, the cart, the checkout and orders failed, 21 of them because hydration panics
//!   when the document differs from what the view expects. Then no island of the page works. The document differs when
//!   the browser has translated it, when an extension has added nodes, and when the state that a view reads has changed
//!   since the server rendered it, such as a time, the cart of another tab or a draft.
//!
//! Replacing an island needs no agreement with the document. What it has to do by hand is to keep input and focus
//! (`preserve_focus`).

use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;
use orders::Timestamp;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, NodeList};

use super::cart_page;
use super::island::Island;
use super::preserve_focus::preserve;
use super::{
    AddToCart, Announcements, CartLink, CheckoutForm, LiveOrder, LiveReport, OrdersMenu, RefusedNote,
};
use crate::json;
use crate::live::{self, Live};

/// How long taking over islands may block the main thread, in milliseconds, so that scrolling and typing stay smooth.
const MAX_BLOCKING_MS: i64 = 16;

type View = Box<dyn FnOnce() -> AnyView>;

/// Takes over every island of the document and opens the connection that keeps them up to date.
///
/// An island is not hydrated but replaced as a whole by the same view, rendered in the browser. That takes less code,
/// and it works on a page that the browser has translated or an extension has changed.
pub fn start() {
    let owner = Owner::new();
    let live = owner.with(|| Live::provide(Timestamp::from_millis(live::now())));
    // The document is left as a whole, so the owner is never dropped.
    std::mem::forget(owner);
    if let Ok(islands) = document().query_selector_all("[data-island]") {
        set_timeout(move || take_over_from(0, islands, live), Duration::ZERO);
    }
    // A page from the back/forward cache is outdated.
    let _ = window_event_listener(ev::pageshow, |event| {
        if event.persisted() {
            let _ = window().location().reload();
        }
    });
}

/// Takes over the islands from this one on, and then opens the connection.
fn take_over_from(first: u32, islands: NodeList, live: Live) {
    let (began, mut at) = (live::now(), first);
    while at < islands.length() && live::now() - began < MAX_BLOCKING_MS {
        if let Some(island) = islands.item(at).and_then(|node| node.dyn_into::<Element>().ok()) {
            take_over(&island, live);
        }
        at += 1;
    }
    if at < islands.length() {
        set_timeout(move || take_over_from(at, islands, live), Duration::ZERO);
    } else {
        live::pointer::start();
        live::start(live);
        cart_page::start(live);
    }
}

fn take_over(island: &Element, live: Live) {
    // An island whose data cannot be read stays as the server rendered it: its forms and links work without code.
    let Some(view) = view_of_element(island) else { return };
    let Ok(fresh) = island.clone_node().map(JsCast::unchecked_into::<HtmlElement>) else { return };
    let _ = fresh.remove_attribute("data-props");
    let mounted = mount_to(fresh.clone(), move || {
        provide_context(live);
        view()
    });
    mounted.forget();
    preserve(island, &fresh);
}

fn view_of_element(island: &Element) -> Option<View> {
    let props = island.get_attribute("data-props")?;
    let read = match island.get_attribute("data-island")?.as_str() {
        Announcements::NAME => read::<Announcements>,
        AddToCart::NAME => read::<AddToCart>,
        CartLink::NAME => read::<CartLink>,
        CheckoutForm::NAME => read::<CheckoutForm>,
        LiveOrder::NAME => read::<LiveOrder>,
        LiveReport::NAME => read::<LiveReport>,
        RefusedNote::NAME => read::<RefusedNote>,
        OrdersMenu::NAME => read::<OrdersMenu>,
        _ => return None,
    };
    read(&props)
}

fn read<I: Island>(props: &str) -> Option<View> {
    let island: I = json::read(props)?;
    Some(Box::new(move || island.view()))
}

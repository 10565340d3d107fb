//! The cart page: a part of it is rendered again by the server whenever the cart changes, here or in another tab.
//!
//! Its form is submitted as a browser would, and the answer is the page that the browser would show. The part of that
//! page replaces the current one; focus and unfinished input are kept.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Document, DomParser, Element, Event, HtmlElement, SubmitEvent, SupportedType};

use super::CartLink;
use super::island::props_of;
use super::preserve_focus::{is_typed_in, transfer};
use crate::components::form::{focus, has_focus};
use crate::components::form_data::{fields_of, form_around};
use crate::live::cart_queue::in_turn;
use crate::live::http::{self, Answer};
use crate::live::pointer::after_a_click;
use crate::live::{Live, tabs};
use crate::page_error::PageError;

const CART: &str = "/cart";

/// The state of the part.
#[derive(Clone, Copy)]
struct CartPage {
    live: Live,
    /// Whether a form is being submitted.
    busy: StoredValue<bool>,
    /// Forms to submit next.
    waiting: StoredValue<Vec<Form>>,
    /// Whether the part is being replaced.
    reactive: StoredValue<bool>,
    /// The number of submissions.
    sent: StoredValue<u32>,
    /// The last submission: the browser may report one change with two events.
    last: StoredValue<String>,
}

/// A form to submit.
#[derive(Clone)]
struct Form {
    fields: String,
    /// Whether a button was pressed, so that errors get the focus; otherwise a field was changed and left.
    pressed: bool,
}

/// Submits the forms of the part, if the page has it, and fetches the cart when another tab has changed it.
pub fn start(live: Live) {
    let (busy, waiting) = (StoredValue::new(false), StoredValue::new(Vec::new()));
    let (sent, last) = (StoredValue::new(0), StoredValue::new(String::new()));
    let part = CartPage { live, busy, waiting, reactive: StoredValue::new(false), sent, last };
    tabs::listen(move || part.refresh_after());
    let Some(element) = part_of(&document()) else { return };
    on(&element, "submit", move |event| {
        let button = event.dyn_ref::<SubmitEvent>().and_then(SubmitEvent::submitter);
        // A form that cannot be read is submitted by the browser.
        if part.send(&event, button, true) {
            event.prevent_default();
        }
    });
    on(&element, "change", move |event| part.send_what_was_left(event));
    // A value that survived the replacement is no change to the browser any more.
    on(&element, "focusout", move |event| {
        let field = event.target().and_then(|field| field.dyn_into::<Element>().ok());
        if field.is_some_and(|field| is_typed_in(&field)) {
            part.send_what_was_left(event);
        }
    });
}

impl CartPage {
    /// Another tab has changed the cart.
    fn refresh_after(self) {
        let before = self.sent.get_value();
        spawn_local(async move {
            // After this tab's own changes, so that an older cart never replaces a newer one.
            let page = in_turn(http::get_page(CART)).await;
            // A submission made meanwhile is answered with a newer cart.
            if let Some(page) = page.filter(|_| self.sent.get_value() == before && !self.busy.get_value()) {
                self.show(&page, false);
            }
        });
    }

    /// A field was changed and left. If that was by pressing a button, the button submits it.
    fn send_what_was_left(self, event: Event) {
        if self.reactive.get_value() {
            return;
        }
        let before = self.sent.get_value();
        after_a_click(move || {
            if self.sent.get_value() == before {
                self.send(&event, None, false);
            }
        });
    }

    fn send(self, event: &Event, button: Option<HtmlElement>, pressed: bool) -> bool {
        let Some(form) = form_around(event) else { return false };
        let changed = event.target().and_then(|field| field.dyn_into::<Element>().ok());
        let elsewhere =
            document().active_element().filter(|field| !pressed && Some(field) != changed.as_ref());
        let typing = elsewhere.filter(|field| form.contains(Some(field)));
        let Some(fields) = fields_of(&form, button, typing) else { return false };
        if !pressed && self.last.get_value() == fields {
            return true;
        }
        self.last.set_value(fields.clone());
        self.sent.update_value(|sent| *sent += 1);
        self.waiting.update_value(|waiting| {
            // Every form contains all quantities, so of two without a button only the later one matters.
            if !pressed {
                waiting.pop_if(|last| !last.pressed);
            }
            waiting.push(Form { fields, pressed });
        });
        if !self.busy.get_value() {
            self.busy.set_value(true);
            spawn_local(self.post());
        }
        true
    }

    /// Submits the waiting forms one after the other, and shows the last answer.
    async fn post(self) {
        let mut answer = None;
        let (mut pressed, mut changed) = (false, false);
        loop {
            let next =
                self.waiting.try_update_value(|waiting| (!waiting.is_empty()).then(|| waiting.remove(0)));
            let Some(form) = next.flatten() else { break };
            pressed |= form.pressed;
            answer = in_turn(async move { http::post_for_page(CART, &form.fields).await }).await;
            let is_taken = answer.as_ref().is_some_and(Answer::is_ok);
            changed |= is_taken;
            if !is_taken {
                // The same form may be submitted again.
                self.last.set_value(String::new());
            }
        }
        self.busy.set_value(false);
        match answer {
            Some(page) if page.is_ok() && page.path() != Some(CART) => {
                let _ = window().location().assign(&page.address);
            }
            Some(page) => self.show(&page, pressed),
            None => self.live.refused().set(Some(PageError::offline().into())),
        }
        if changed {
            tabs::tell();
        }
    }

    fn show(self, page: &Answer, pressed: bool) {
        let parsed =
            DomParser::new().and_then(|it| it.parse_from_string(&page.text, SupportedType::TextHtml));
        let Ok(parsed) = parsed else { return };
        if let Some(link) = props_of::<CartLink>(&parsed) {
            self.live.set_cart(link.items);
        }
        let Some(now) = part_of(&document()) else { return };
        let Some(fresh) = part_of(&parsed) else {
            // A page without the part reports an error, or comes from a proxy.
            self.live.refused().set(Some(PageError::of_status(page.status).into()));
            return;
        };
        self.live.refused().set(None);
        let focused = document().active_element().filter(|focused| now.contains(Some(focused)));
        // A browser may report a removed field as left.
        self.reactive.set_value(true);
        now.set_inner_html(&fresh.inner_html());
        self.reactive.set_value(false);
        if let Some(before) = &focused
            && let Some(after) = document().get_element_by_id(&before.id())
        {
            transfer(before, &after);
        }
        if pressed {
            focus("[aria-invalid=true]");
        }
        if focused.is_some() && !has_focus() {
            // The focused element was removed.
            focus("h1[tabindex]");
        }
        self.live.say(fresh.get_attribute("data-said").unwrap_or_default());
    }
}

fn part_of(document: &Document) -> Option<Element> {
    document.query_selector("[data-part]").ok()?
}

fn on(element: &Element, event: &str, act: impl FnMut(Event) + 'static) {
    let act = Closure::<dyn FnMut(Event)>::new(act).into_js_value();
    let _ = element.add_event_listener_with_callback(event, act.unchecked_ref());
}

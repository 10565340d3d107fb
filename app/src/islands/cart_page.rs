//! The cart page: the server renders its content again whenever the cart changes, in this tab or another one.
//!
//! The form is submitted as a browser submits it, and the answer is a complete page. The element `data-part` of that
//! page replaces the current one; focus and unfinished input are kept.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Document, DomParser, Element, Event, HtmlElement, SubmitEvent, SupportedType};

use super::CartLink;
use super::island::props_of;
use super::preserve_focus::{is_edited, transfer};
use crate::components::form::{focus, has_focus};
use crate::components::form_data::{fields_of, form_around, target_of};
use crate::live::cart_queue::in_turn;
use crate::live::http::{self, Answer};
use crate::live::pointer::after_click;
use crate::live::{Live, tabs};
use crate::page_error::PageError;

const CART: &str = "/cart";

/// The state of the cart page.
#[derive(Clone, Copy)]
struct CartPage {
    live: Live,
    submitting: StoredValue<bool>,
    pending: StoredValue<Vec<PendingForm>>,
    /// Whether the content is being replaced.
    replacing: StoredValue<bool>,
    sent: StoredValue<u32>,
    /// The last submission: the browser may report one change with two events.
    last_fields: StoredValue<String>,
}

/// A form to submit.
#[derive(Clone)]
struct PendingForm {
    fields: String,
    /// Whether a button was pressed, so that errors get the focus; otherwise a field was changed and left.
    by_button: bool,
}

/// Submits the forms of the cart page in the background, and fetches it again when another tab changes the cart.
pub fn start(live: Live) {
    let (submitting, pending) = (StoredValue::new(false), StoredValue::new(Vec::new()));
    let (sent, last_fields) = (StoredValue::new(0), StoredValue::new(String::new()));
    let page = CartPage { live, submitting, pending, replacing: StoredValue::new(false), sent, last_fields };
    tabs::on_cart_change(move || page.refresh());
    let Some(element) = cart_element(&document()) else { return };
    listen(&element, "submit", move |event| {
        let button = event.dyn_ref::<SubmitEvent>().and_then(SubmitEvent::submitter);
        // A form that cannot be read is submitted by the browser.
        if page.submit(&event, button, true) {
            event.prevent_default();
        }
    });
    listen(&element, "change", move |event| page.submit_changed_field(event));
    // The browser fires no change event for a value that was copied when the content was replaced.
    listen(&element, "focusout", move |event| {
        if target_of(&event).is_some_and(|field| is_edited(&field)) {
            page.submit_changed_field(event);
        }
    });
}

impl CartPage {
    /// Fetches the cart after another tab has changed it.
    fn refresh(self) {
        let before = self.sent.get_value();
        spawn_local(async move {
            // After this tab's own changes, so that an older cart never replaces a newer one.
            let page = in_turn(http::get_page(CART)).await;
            // A submission made meanwhile is answered with a newer cart.
            if let Some(page) =
                page.filter(|_| self.sent.get_value() == before && !self.submitting.get_value())
            {
                self.show(&page, false);
            }
        });
    }

    /// Submits the form after a field was changed and left, unless that was by pressing a button, which submits it too.
    fn submit_changed_field(self, event: Event) {
        if self.replacing.get_value() {
            return;
        }
        let before = self.sent.get_value();
        after_click(move || {
            if self.sent.get_value() == before {
                self.submit(&event, None, false);
            }
        });
    }

    fn submit(self, event: &Event, button: Option<HtmlElement>, by_button: bool) -> bool {
        let Some(form) = form_around(event) else { return false };
        let changed = target_of(event);
        let elsewhere =
            document().active_element().filter(|field| !by_button && Some(field) != changed.as_ref());
        let typing = elsewhere.filter(|field| form.contains(Some(field)));
        let Some(fields) = fields_of(&form, button, typing) else { return false };
        if !by_button && self.last_fields.get_value() == fields {
            return true;
        }
        self.last_fields.set_value(fields.clone());
        self.sent.update_value(|sent| *sent += 1);
        self.pending.update_value(|pending| {
            // Every form contains all quantities, so of two without a button only the later one matters.
            if !by_button {
                pending.pop_if(|last| !last.by_button);
            }
            pending.push(PendingForm { fields, by_button });
        });
        if !self.submitting.get_value() {
            self.submitting.set_value(true);
            spawn_local(self.submit_pending());
        }
        true
    }

    /// Submits the waiting forms one after the other, and shows the last answer.
    async fn submit_pending(self) {
        let mut answer = None;
        let (mut by_button, mut changed) = (false, false);
        loop {
            let next =
                self.pending.try_update_value(|pending| (!pending.is_empty()).then(|| pending.remove(0)));
            let Some(form) = next.flatten() else { break };
            by_button |= form.by_button;
            answer = in_turn(async move { http::post_for_page(CART, &form.fields).await }).await;
            let is_taken = answer.as_ref().is_some_and(Answer::is_ok);
            changed |= is_taken;
            if !is_taken {
                // The same form may be submitted again.
                self.last_fields.set_value(String::new());
            }
        }
        self.submitting.set_value(false);
        match answer {
            Some(page) if page.is_ok() && page.path() != Some(CART) => {
                let _ = window().location().assign(&page.address);
            }
            Some(page) => self.show(&page, by_button),
            None => self.live.refused().set(Some(PageError::offline().into())),
        }
        if changed {
            tabs::broadcast_cart_change();
        }
    }

    fn show(self, page: &Answer, by_button: bool) {
        let parsed =
            DomParser::new().and_then(|it| it.parse_from_string(&page.text, SupportedType::TextHtml));
        let Ok(parsed) = parsed else { return };
        if let Some(link) = props_of::<CartLink>(&parsed) {
            self.live.set_cart(link.items);
        }
        let Some(now) = cart_element(&document()) else { return };
        let Some(fresh) = cart_element(&parsed) else {
            // A page without this element reports an error, or comes from a proxy.
            self.live.refused().set(Some(PageError::of_status(page.status).into()));
            return;
        };
        self.live.refused().set(None);
        let focused = document().active_element().filter(|focused| now.contains(Some(focused)));
        // A browser may fire focusout for a removed field.
        self.replacing.set_value(true);
        now.set_inner_html(&fresh.inner_html());
        self.replacing.set_value(false);
        if let Some(before) = &focused
            && let Some(after) = document().get_element_by_id(&before.id())
        {
            transfer(before, &after);
        }
        if by_button {
            focus("[aria-invalid=true]");
        }
        if focused.is_some() && !has_focus() {
            // The focused element was removed.
            focus("h1[tabindex]");
        }
        self.live.announce(fresh.get_attribute("data-said").unwrap_or_default());
    }
}

fn cart_element(document: &Document) -> Option<Element> {
    document.query_selector("[data-part]").ok()?
}

fn listen(element: &Element, event: &str, act: impl FnMut(Event) + 'static) {
    let act = Closure::<dyn FnMut(Event)>::new(act).into_js_value();
    let _ = element.add_event_listener_with_callback(event, act.unchecked_ref());
}

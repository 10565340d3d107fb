//! The page of the cart: a part of it is written anew by the server whenever the cart was changed, here or in another tab.
//!
//! Its form is sent as a browser sends it, and the answer is the page as a browser would show it. Only the part that is
//! different takes the place of what is there, so nobody loses theirs.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Document, DomParser, Element, Event, HtmlElement, SubmitEvent, SupportedType};

use super::CartLink;
use super::island::props_of;
use super::kept::go_on;
use crate::components::form::{ONE_CLICK, fields_of, find_focus, focus, form_around};
use crate::error::Trouble;
use crate::live::http::{self, Answer};
use crate::live::{Live, tabs};

const CART: &str = "/cart";

/// What happens to the part.
#[derive(Clone, Copy)]
struct Part {
    live: Live,
    /// A form is under way.
    busy: RwSignal<bool>,
    /// What is to be sent after it; empty is nothing.
    waiting: RwSignal<String>,
    /// How often something was sent.
    sent: StoredValue<u32>,
    /// A button was pressed, so whoever pressed it wants to be led to what is wrong.
    pressed: RwSignal<bool>,
}

/// Sends the forms of the part, if the page has it, and asks for the cart when another tab has changed it.
pub fn start(live: Live) {
    let (busy, pressed) = (RwSignal::new(false), RwSignal::new(false));
    let (waiting, sent) = (RwSignal::new(String::new()), StoredValue::new(0));
    let part = Part { live, busy, waiting, sent, pressed };
    tabs::listen(move || {
        spawn_local(async move {
            if let Some(page) = http::get_page(CART).await {
                part.show(&page);
            }
        });
    });
    let Some(element) = part_of(&document()) else { return };
    on(&element, "submit", move |event| {
        let button = event.dyn_ref::<SubmitEvent>().and_then(SubmitEvent::submitter);
        // A form that our code cannot read goes the way it goes without our code.
        if part.send(&event, button) {
            part.pressed.set(true);
            event.prevent_default();
        }
    });
    on(&element, "change", move |event| part.send_after_a_click(event));
}

impl Part {
    /// A field was changed and left. If that was by a click on a button, the button sends it.
    fn send_after_a_click(self, event: Event) {
        let this = self.sent.get_value();
        set_timeout(
            move || {
                if self.sent.get_value() == this {
                    self.send(&event, None);
                }
            },
            ONE_CLICK,
        );
    }

    fn send(self, event: &Event, button: Option<HtmlElement>) -> bool {
        let Some(fields) = form_around(event).and_then(|form| fields_of(&form, button)) else { return false };
        self.sent.update_value(|sent| *sent += 1);
        self.waiting.set(fields);
        if !self.busy.get_untracked() {
            self.busy.set(true);
            spawn_local(self.post());
        }
        true
    }

    /// Sends what waits, until nothing does, and shows the last answer.
    async fn post(self) {
        let mut answer = None;
        loop {
            let fields = self.waiting.try_update_untracked(std::mem::take).unwrap_or_default();
            if fields.is_empty() {
                break;
            }
            answer = http::post_for_page(CART, &fields).await;
        }
        self.busy.set(false);
        match answer {
            Some(page) => {
                self.show(&page);
                tabs::tell();
            }
            None => self.live.refused().set(Some(Trouble::offline().into())),
        }
    }

    fn show(self, page: &Answer) {
        if page.path() != Some(CART) {
            let _ = window().location().assign(&page.address);
            return;
        }
        let parsed =
            DomParser::new().and_then(|it| it.parse_from_string(&page.text, SupportedType::TextHtml));
        let Ok(fresh) = parsed else { return };
        if let Some(link) = props_of::<CartLink>(&fresh) {
            self.live.set_cart(link.items);
        }
        let (Some(now), Some(fresh)) = (part_of(&document()), part_of(&fresh)) else { return };
        self.live.refused().set(None);
        let focused = document().active_element().filter(|it| !it.id().is_empty() && now.contains(Some(it)));
        now.set_inner_html(&fresh.inner_html());
        if let Some(before) = focused
            && let Some(after) = document().get_element_by_id(&before.id())
        {
            go_on(&before, &after);
        }
        if self.pressed.get_untracked() {
            self.pressed.set(false);
            focus("[aria-invalid=true]");
        }
        find_focus();
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

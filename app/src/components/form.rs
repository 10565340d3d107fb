//! Forms that work without JavaScript and better with it.

use std::time::Duration;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlFormElement};

use crate::components::draft;
use crate::components::form_data::{fields_of, form_around};
use crate::components::reactive::reactive;
use crate::json;
use crate::live::cart_queue::in_turn;
use crate::live::{Live, http, tabs};
use crate::outcome::{Done, FieldError, Outcome, Refused};
use crate::page_error::PageError;

/// The server functions that change the cart.
const CHANGE_CART: [&str; 3] = ["add_to_cart", "order_again", "send_order"];
/// The delay before an order that could not be sent is sent again.
const RETRY_DELAY: Duration = Duration::from_secs(2);

/// What happens after a successful submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnSuccess {
    /// Stay on the page, which shows the change.
    Stay,
    /// Go to the page with the result.
    Redirect,
    /// Go to the page with the result, and retry while there is no connection. Only for requests that can be repeated
    /// safely.
    RedirectAndRetry,
}

/// The submission of a form to its server function, without leaving the page.
#[derive(Clone, Copy)]
pub struct FormSubmission {
    function: &'static str,
    on_success: OnSuccess,
    pending: RwSignal<bool>,
    refused: RwSignal<Option<Refused>>,
    live: Live,
}

impl FormSubmission {
    /// Submits forms to this function. Refusals are written to `refused`.
    pub fn by(function: &'static str, refused: RwSignal<Option<Refused>>, on_success: OnSuccess) -> Self {
        Self { function, on_success, pending: RwSignal::new(false), refused, live: Live::expect() }
    }

    /// Returns the last refusal: of the browser's last submission, or of the one that this page was rendered for.
    pub fn refused(self) -> RwSignal<Option<Refused>> {
        self.refused
    }

    /// Whether a request is in flight.
    pub fn pending(self) -> bool {
        self.pending.get()
    }

    /// The same, for assistive technology.
    pub fn busy(self) -> Option<&'static str> {
        self.pending().then_some("true")
    }

    fn submit(self, event: &SubmitEvent) {
        // A form that cannot be read is submitted by the browser.
        let Some(form) = form_around(event) else { return };
        let Some(fields) = fields_of(&form, None, None) else { return };
        event.prevent_default();
        if !self.pending.get_untracked() {
            self.send(form, fields);
        }
    }

    fn send(self, form: HtmlFormElement, fields: String) {
        self.pending.set(true);
        spawn_local(async move {
            match post(self.function, &fields).await {
                Ok(Outcome::Done(done)) => self.done(done, form),
                Ok(Outcome::Refused(refused)) => self.refuse(refused),
                Err(error) if error.is_offline() && self.on_success == OnSuccess::RedirectAndRetry => {
                    self.retry_later(form);
                }
                Err(error) => self.refuse(error.into()),
            }
        });
    }

    fn done(self, done: Done, form: HtmlFormElement) {
        self.refused.set(None);
        if let Some(items) = done.cart {
            self.live.set_cart(items);
            tabs::broadcast_cart_change();
        }
        if let Some(order) = done.order {
            self.live.insert(*order);
        }
        if self.on_success == OnSuccess::Stay {
            self.pending.set(false);
            if let Some(announcement) = done.announcement {
                self.live.announce(announcement);
            }
            request_animation_frame(move || {
                // When the focused element was removed, the focus moves to the heading.
                if !form.is_connected() && !has_focus() {
                    focus("h1[tabindex]");
                }
            });
        } else {
            // The form stays disabled until the page with the result is shown.
            if self.on_success == OnSuccess::RedirectAndRetry {
                draft::clear();
            }
            let _ = window().location().assign(&done.next);
        }
    }

    /// Announces once that there is no connection, and submits the form again after a delay, with its fields then.
    fn retry_later(self, form: HtmlFormElement) {
        let kept = Refused::from(PageError::kept());
        if self.refused.with_untracked(|refused| refused.as_ref() != Some(&kept)) {
            self.show(kept);
        }
        set_timeout(
            move || match fields_of(&form, None, None) {
                Some(fields) => self.send(form, fields),
                None => self.pending.set(false),
            },
            RETRY_DELAY,
        );
    }

    fn refuse(self, refused: Refused) {
        self.pending.set(false);
        self.show(refused);
    }

    fn show(self, refused: Refused) {
        self.refused.set(Some(refused));
        // After the error list is rendered.
        request_animation_frame(|| focus(".mend-list"));
    }
}

/// Whether an element of the page has the focus.
pub fn has_focus() -> bool {
    document().active_element().is_some_and(|focused| focused.tag_name() != "BODY")
}

pub fn focus(selector: &str) {
    if let Ok(Some(element)) = document().query_selector(selector) {
        let _ = element.unchecked_into::<HtmlElement>().focus();
    }
}

async fn post(function: &str, fields: &str) -> Result<Outcome, PageError> {
    let address = format!("/actions/{function}");
    let fields = fields.to_owned();
    let request = async move { http::post(&address, &fields).await };
    let answer = if CHANGE_CART.contains(&function) { in_turn(request).await } else { request.await };
    let answer = answer.ok_or_else(PageError::offline)?;
    // An unreadable answer comes from a newer version of the site, or from a proxy.
    if answer.is_ok() {
        json::read(&answer.text).ok_or_else(PageError::outdated)
    } else {
        Err(json::read(&answer.text).unwrap_or_else(|| PageError::of_status(answer.status)))
    }
}

/// A form. Without JavaScript it is posted to its own page and names the server function in a hidden field.
pub fn post_form(
    submission: FormSubmission,
    page: String,
    class: &'static str,
    labelled_by: Option<&'static str>,
    fields: AnyView,
) -> AnyView {
    let submit = move |event: SubmitEvent| submission.submit(&event);
    view! {
        <form method="post" action=page class=class aria-labelledby=labelled_by novalidate on:submit=submit>
            <input type="hidden" name="form" value=submission.function />
            {fields}
        </form>
    }
    .into_any()
}

/// The submit button. It is disabled only while a request is in flight.
pub fn submit_button(
    submission: FormSubmission,
    class: &'static str,
    words: String,
    meanwhile: &'static str,
) -> AnyView {
    let words = reactive(move || if submission.pending() { meanwhile.to_owned() } else { words.clone() });
    view! {
        <button class=class disabled=move || submission.pending() aria-busy=move || submission.busy()>
            {words}
        </button>
    }
    .into_any()
}

/// The error list above a refused form, with a link to each field that has to change: the prefix of the ids, and the
/// labels of the fields.
pub fn error_list(
    refused: Option<&Refused>,
    prefix: &'static str,
    labels: &[(&'static str, String)],
) -> Option<AnyView> {
    let Refused { error, fields, cart } = refused?;
    let title = match fields.len() {
        0 => error.heading.clone(),
        1 => "One field needs another look".to_owned(),
        n => format!("{n} fields need another look"),
    };
    let words = if fields.is_empty() {
        let orders = cart.is_some().then(|| view! { <a href="/orders">"Your orders"</a> }.into_any());
        view! {
            <p>{error.body.clone()} " " {error.next_step.clone()}</p>
            <p class="row">{orders} <a href=error.help.clone()>"What this means"</a></p>
        }
        .into_any()
    } else {
        let place = |field: &FieldError| labels.iter().position(|(id, _)| *id == field.field);
        let mut fields: Vec<&FieldError> = fields.iter().collect();
        // In the order of the page; errors without a field come last.
        fields.sort_by_key(|field| place(field).unwrap_or(labels.len()));
        let item = |field: &&FieldError| {
            let label = place(field).map(|at| &labels[at].1);
            let FieldError { field, message } = field;
            match label {
                Some(label) => {
                    let text = format!("{label}: {message}");
                    view! { <li><a href=format!("#{prefix}{field}")>{text}</a></li> }.into_any()
                }
                None => view! { <li>{message.clone()}</li> }.into_any(),
            }
        };
        view! { <ul>{fields.iter().map(item).collect::<Vec<_>>()}</ul> }.into_any()
    };
    Some(
        view! {
            <section class="mend-list" tabindex="-1" aria-labelledby="mend-title">
                <h2 id="mend-title">{title}</h2>
                {words}
            </section>
        }
        .into_any(),
    )
}

//! The checkout form.

use leptos::ev::Event;
use leptos::prelude::*;
use leptos::task::spawn_local;
use orders::address::AddressFormat;
use orders::{Line, Money};
use serde::{Deserialize, Serialize};

use super::Island;
use crate::components::address::{address_fields, address_labels, submitted_value};
use crate::components::address_fieldset::AddressFieldset;
use crate::components::draft;
use crate::components::field::{FieldInfo, TextField, email_field, text_field, textarea_html};
use crate::components::form::{FormSubmission, OnSuccess, error_list, post_form, submit_button};
use crate::components::form_data::{fields_of, form_around, target_of};
use crate::components::lines::lines;
use crate::components::payment::payment_choices;
use crate::components::reactive::{effect, reactive};
use crate::json;
use crate::live::pointer::after_click;
use crate::live::{Live, http};
use crate::outcome::{FieldError, Refused, SubmittedForm};
use crate::page_error::PageError;

/// Returns the labels of the fields by their ids, in form order.
fn labels(address: AddressFieldset) -> Vec<(&'static str, String)> {
    let mut labels = vec![("name", "Name".to_owned()), ("email", "E-mail".to_owned())];
    labels.extend(address.format.with_untracked(address_labels));
    labels.extend([("payment", "How you pay".to_owned()), ("note", "Note".to_owned())]);
    labels
}

#[derive(Clone, Serialize, Deserialize)]
pub struct CheckoutForm {
    pub lines: Vec<Line>,
    pub total: Money,
    /// The cart with its key.
    pub cart: String,
    /// Whether the cards are test cards.
    pub sandbox: bool,
    /// The form as it was submitted.
    pub submitted: Option<SubmittedForm>,
    /// The address form of the country.
    pub address_format: AddressFormat,
}

impl Island for CheckoutForm {
    const NAME: &'static str = "checkout";

    fn view(self) -> AnyView {
        let refused = self.submitted.as_ref().and_then(|submitted| submitted.refused.clone());
        let submission =
            FormSubmission::by("send_order", RwSignal::new(refused), OnSuccess::RedirectAndRetry);
        let address = AddressFieldset::for_checkout(self.address_format.clone());
        let validation = FieldValidation::new(address);
        let is_first = self.submitted.is_none();
        effect(move || {
            if is_first {
                draft::restore(&address.name_prefix());
            }
            address.restore_country();
        });
        effect(move || {
            submission.refused().track();
            validation.start_over();
        });
        reactive(move || {
            submission.refused().with(|refused| self.form(submission, validation, address, refused.as_ref()))
        })
    }
}

/// Validation while the form is filled in: a field is checked once it was changed and left.
#[derive(Clone, Copy)]
struct FieldValidation {
    /// The ids of those fields, since the form was last refused.
    visited: StoredValue<Vec<String>>,
    /// Their errors, as far as the server has answered.
    errors: RwSignal<Option<(Vec<String>, Vec<FieldError>)>>,
    /// The number of requests.
    requests: StoredValue<u32>,
    address: AddressFieldset,
    live: Live,
}

impl FieldValidation {
    fn new(address: AddressFieldset) -> Self {
        let (visited, requests) = (StoredValue::new(Vec::new()), StoredValue::new(0));
        Self { visited, errors: RwSignal::new(None), requests, address, live: Live::expect() }
    }

    /// Checks the field that was left. Without an answer nothing is shown before the form is submitted.
    fn ask(self, event: &Event) {
        let fields = form_around(event).and_then(|form| fields_of(&form, None, None));
        let (Some(field), Some(fields)) = (target_of(event).map(|field| field.id()), fields) else { return };
        // Every payment method is valid.
        if labels(self.address).iter().all(|(id, _)| *id != field) {
            return;
        }
        self.visited.update_value(|visited| visited.push(field.clone()));
        self.requests.update_value(|requests| *requests += 1);
        let this = self.requests.get_value();
        spawn_local(async move {
            let answer = http::post("/actions/check_order", &fields).await;
            if let Some(errors) = answer.and_then(|answer| json::read::<Vec<FieldError>>(&answer.text)) {
                after_click(move || self.answered(this, &field, errors));
            }
        });
    }

    fn answered(self, this: u32, field: &str, errors: Vec<FieldError>) {
        // A newer request answers instead.
        if self.requests.get_value() != this {
            return;
        }
        let labels = labels(self.address);
        let label = labels.iter().find(|(id, _)| *id == field);
        let error = errors.iter().find(|error| error.field == field);
        if let (Some((_, label)), Some(error)) = (label, error) {
            self.live.announce([label, ": ", &error.message].concat());
        }
        self.errors.set(Some((self.visited.get_value(), errors)));
    }

    /// Forgets earlier checks, because the form was refused.
    fn start_over(self) {
        self.visited.set_value(Vec::new());
        self.requests.update_value(|requests| *requests += 1);
        self.errors.set(None);
    }

    /// Returns the errors of the fields: those of the refusal, and those of later checks.
    fn with(self, refused: Option<&Refused>) -> Refused {
        let mut now = refused.cloned().unwrap_or_else(|| PageError::new(422, "", "", "", "").into());
        if let Some((visited, errors)) = self.errors.get() {
            now.fields.retain(|error| !visited.contains(&error.field));
            now.fields.extend(errors.into_iter().filter(|error| visited.contains(&error.field)));
        }
        now
    }
}

impl CheckoutForm {
    fn typed(&self, field: &str) -> Option<String> {
        self.submitted.as_ref()?.value(&format!("order[{field}]"))
    }

    fn form(
        &self,
        submission: FormSubmission,
        validation: FieldValidation,
        address: AddressFieldset,
        refused: Option<&Refused>,
    ) -> AnyView {
        let now = validation.with(refused);
        // The list above goes away once all of its fields are corrected.
        let list = refused.map(|refused| if refused.fields.is_empty() { refused } else { &now });
        let list =
            list.filter(|list| !(list.fields.is_empty() && refused.is_some_and(|it| !it.fields.is_empty())));
        let fields = Some(&now);
        // Once an order was made under the cart's key, the next submission has another one.
        let cart = refused.and_then(|refused| refused.cart.clone()).unwrap_or_else(|| self.cart.clone());
        let known = |id: &str| submitted_value(self.submitted.as_ref()?, address.argument, id);
        let hint = if self.sandbox {
            "This is a sandbox: choose one of the test cards. No money moves."
        } else {
            "These are the test cards of the payment service."
        };
        let info = |field, hint| FieldInfo::field("", field, fields, hint);
        let name = text_field(TextField {
            info: info("name", false),
            name: "order[name]".to_owned(),
            label: "Name".to_owned(),
            autocomplete: "name",
            required: true,
            inputmode: None,
            hint: None,
            example: None,
            value: self.typed("name"),
        });
        let email = email_field(
            info("email", true),
            "order[email]",
            Some("The receipt goes here."),
            self.typed("email"),
        );
        let pay = format!("Order and pay {}", self.total);
        let inputs = view! {
            <input type="hidden" name="order[cart]" value=cart />
            <div
                class="form"
                on:change=move |event| validation.ask(&event)
                on:input=move |event| {
                    if let Some(form) = form_around(&event) {
                        draft::save(&form);
                    }
                }
            >
                {error_list(list, "", &labels(address))}
                <fieldset>
                    <legend>"You"</legend>
                    <div class="fields">{name} {email}</div>
                </fieldset>
                <fieldset>
                    <legend>"Where it goes"</legend>
                    {address_fields(address, &known, fields)}
                </fieldset>
                <fieldset>
                    <legend>"How you pay"</legend>
                    <p class="hint">{hint}</p>
                    {payment_choices("order[payment]", "", self.typed("payment"), fields)}
                </fieldset>
                <fieldset>
                    <legend>"Anything we should know"</legend>
                    {note(self.typed("note"), &info("note", true))}
                </fieldset>
            </div>
            <section class="slip" aria-labelledby="sum">
                <div class="row apart">
                    <h2 id="sum">"Your order"</h2>
                    <a href="/cart">"Change the cart"</a>
                </div>
                {lines(&self.lines, self.total)}
                {submit_button(submission, "button primary full", pay, "Sending your order")}
                <p class="hint">
                    "We answer at once with your order number. You can close the page then; the order goes on by itself."
                </p>
            </section>
        };
        post_form(submission, "/checkout".to_owned(), "beside", None, inputs.into_any())
    }
}

fn note(note: Option<String>, info: &FieldInfo) -> AnyView {
    view! {
        <div class="field">
            <label for="note">"Note " <span class="optional">"(optional)"</span></label>
            <p class="hint" id="note-hint">"At most 500 characters."</p>
            <textarea
                class="input"
                id="note"
                name="order[note]"
                maxlength="500"
                dir="auto"
                aria-describedby=info.described_by()
                aria-invalid=info.invalid()
                inner_html=textarea_html(note.as_deref().unwrap_or_default())
            ></textarea>
            {info.error_text()}
        </div>
    }
    .into_any()
}

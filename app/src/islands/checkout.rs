//! The checkout form.

use leptos::ev::Event;
use leptos::prelude::*;
use leptos::task::spawn_local;
use orders::address::AddressFormat;
use orders::{Line, Money};
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::Island;
use crate::components::address::{address_fields, address_labels, typed_before};
use crate::components::address_part::AddressPart;
use crate::components::draft;
use crate::components::field::{FieldInfo, TextField, text_field, textarea_html};
use crate::components::form::{FormSubmission, OnSuccess, error_list, post_form, submit_button};
use crate::components::form_data::{fields_of, form_around};
use crate::components::lines::lines;
use crate::components::payment::payment_choices;
use crate::components::reactive::{effect, reactive};
use crate::json;
use crate::live::pointer::after_a_click;
use crate::live::{Live, http};
use crate::outcome::{FieldWords, Refused, Rejected};
use crate::page_error::PageError;

/// Returns the labels of the fields by their ids, in form order.
fn labels(address: AddressPart) -> Vec<(&'static str, String)> {
    let mut labels = vec![("name", "Name".to_owned()), ("email", "E-mail".to_owned())];
    labels.extend(address.asked.with_untracked(address_labels));
    labels.extend([("payment", "How you pay".to_owned()), ("note", "Note".to_owned())]);
    labels
}

/// The form for an order.
#[derive(Clone, Serialize, Deserialize)]
pub struct CheckoutForm {
    /// The lines of the order.
    pub lines: Vec<Line>,
    /// Their total.
    pub total: Money,
    /// The cart with its key.
    pub cart: String,
    /// Whether the cards are test cards.
    pub sandbox: bool,
    /// The form as it was submitted.
    pub rejected: Option<Rejected>,
    /// The address form of the country.
    pub asked: AddressFormat,
}

impl Island for CheckoutForm {
    const NAME: &'static str = "checkout";

    fn view(self) -> AnyView {
        let refused = self.rejected.as_ref().and_then(|rejected| rejected.refused.clone());
        let sending =
            FormSubmission::by("send_order", RwSignal::new(refused), OnSuccess::FollowAndKeepTrying);
        let address = AddressPart::of_checkout(self.asked.clone());
        let checked = Checked::new(address);
        let is_first = self.rejected.is_none();
        effect(move || {
            if is_first {
                draft::restore(&address.name_of_all());
            }
            address.catch_up();
        });
        effect(move || {
            sending.refused().track();
            checked.start_over();
        });
        reactive(move || {
            sending.refused().with(|refused| self.form(sending, checked, address, refused.as_ref()))
        })
    }
}

/// Validation while the form is filled in: a field is checked once it was changed and left.
#[derive(Clone, Copy)]
struct Checked {
    /// The ids of those fields, since the form was last refused.
    left: StoredValue<Vec<String>>,
    /// Their errors, as far as the server has answered.
    words: RwSignal<Option<(Vec<String>, Vec<FieldWords>)>>,
    /// The number of requests.
    asked: StoredValue<u32>,
    address: AddressPart,
    live: Live,
}

impl Checked {
    fn new(address: AddressPart) -> Self {
        let (left, asked) = (StoredValue::new(Vec::new()), StoredValue::new(0));
        Self { left, words: RwSignal::new(None), asked, address, live: Live::expect() }
    }

    /// Checks the field that was left. Without an answer nothing is shown before the form is submitted.
    fn ask(self, event: &Event) {
        let field = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let fields = form_around(event).and_then(|form| fields_of(&form, None, None));
        let (Some(field), Some(fields)) = (field.map(|field| field.id()), fields) else { return };
        // Every payment method is valid.
        if labels(self.address).iter().all(|(id, _)| *id != field) {
            return;
        }
        self.left.update_value(|left| left.push(field.clone()));
        self.asked.update_value(|asked| *asked += 1);
        let this = self.asked.get_value();
        spawn_local(async move {
            let answer = http::post("/actions/check_order", &fields).await;
            if let Some(words) = answer.and_then(|answer| json::read::<Vec<FieldWords>>(&answer.text)) {
                after_a_click(move || self.answered(this, &field, words));
            }
        });
    }

    fn answered(self, this: u32, field: &str, words: Vec<FieldWords>) {
        // A newer request answers instead.
        if self.asked.get_value() != this {
            return;
        }
        let labels = labels(self.address);
        let label = labels.iter().find(|(id, _)| *id == field);
        let info = words.iter().find(|info| info.field == field);
        if let (Some((_, label)), Some(info)) = (label, info) {
            self.live.say([label, ": ", &info.words].concat());
        }
        self.words.set(Some((self.left.get_value(), words)));
    }

    /// Forgets earlier checks, because the form was refused.
    fn start_over(self) {
        self.left.set_value(Vec::new());
        self.asked.update_value(|asked| *asked += 1);
        self.words.set(None);
    }

    /// Returns the errors of the fields: those of the refusal, and those of later checks.
    fn with(self, refused: Option<&Refused>) -> Refused {
        let mut now = refused.cloned().unwrap_or_else(|| PageError::new(422, "", "", "", "").into());
        if let Some((left, words)) = self.words.get() {
            now.fields.retain(|info| !left.contains(&info.field));
            now.fields.extend(words.into_iter().filter(|info| left.contains(&info.field)));
        }
        now
    }
}

impl CheckoutForm {
    fn typed(&self, field: &str) -> Option<String> {
        self.rejected.as_ref()?.value(&format!("order[{field}]"))
    }

    fn form(
        &self,
        sending: FormSubmission,
        checked: Checked,
        address: AddressPart,
        refused: Option<&Refused>,
    ) -> AnyView {
        let now = checked.with(refused);
        // The list above goes away once all of its fields are corrected.
        let list = refused.map(|refused| if refused.fields.is_empty() { refused } else { &now });
        let list =
            list.filter(|list| !(list.fields.is_empty() && refused.is_some_and(|it| !it.fields.is_empty())));
        let fields = Some(&now);
        // Once an order was made under the cart's key, the next submission has another one.
        let cart = refused.and_then(|refused| refused.cart.clone()).unwrap_or_else(|| self.cart.clone());
        let known = |id: &str| typed_before(self.rejected.as_ref()?, address.part_of, id);
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
            kind: "text",
            autocomplete: "name",
            required: true,
            inputmode: None,
            hint: None,
            example: None,
            value: self.typed("name"),
        });
        let email = text_field(TextField {
            info: info("email", true),
            name: "order[email]".to_owned(),
            label: "E-mail".to_owned(),
            // A field of the type `email` would show an international domain in its ASCII form.
            kind: "text",
            autocomplete: "email",
            required: true,
            inputmode: Some("email"),
            hint: Some("The receipt goes here."),
            example: None,
            value: self.typed("email"),
        });
        let pay = format!("Order and pay {}", self.total);
        let inputs = view! {
            <input type="hidden" name="order[cart]" value=cart />
            <div
                class="form"
                on:change=move |event| checked.ask(&event)
                on:input=move |event| {
                    if let Some(form) = form_around(&event) {
                        draft::remember(&form);
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
                {submit_button(sending, "button primary full", pay, "Sending your order")}
                <p class="hint">
                    "We answer at once with your order number. You can close the page then; the order goes on by itself."
                </p>
            </section>
        };
        post_form(sending, "/checkout".to_owned(), "beside", None, inputs.into_any())
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
            {info.words()}
        </div>
    }
    .into_any()
}

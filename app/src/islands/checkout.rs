//! The form of the checkout.

use leptos::prelude::*;
use orders::{Line, Money};
use serde::{Deserialize, Serialize};

use super::Island;
use crate::components::address::{ADDRESS_LABELS, TypedAddress, address_fields};
use crate::components::field::{About, TextField, text_field};
use crate::components::form::{Sending, Then, mend_list, post_form, submit_button};
use crate::components::lines::lines;
use crate::components::payment::payment_choices;
use crate::outcome::{Refused, Rejected};

const LABELS: &[(&str, &str)] = &[
    ("name", "Name"),
    ("email", "E-mail"),
    ADDRESS_LABELS[0],
    ADDRESS_LABELS[1],
    ADDRESS_LABELS[2],
    ADDRESS_LABELS[3],
    ADDRESS_LABELS[4],
    ("payment", "How you pay"),
    ("note", "Note"),
];

/// Everything that is asked for an order, and the button that sends it.
#[derive(Clone, Serialize, Deserialize)]
pub struct CheckoutForm {
    /// What would be ordered.
    pub lines: Vec<Line>,
    /// What it costs.
    pub total: Money,
    /// The cart with its key.
    pub cart: String,
    /// The cards are those of the sandbox.
    pub sandbox: bool,
    /// The form as it was refused.
    pub rejected: Option<Rejected>,
}

impl Island for CheckoutForm {
    const NAME: &'static str = "checkout";

    fn view(self) -> AnyView {
        let refused = self.rejected.as_ref().map(|rejected| rejected.refused.clone());
        let sending = Sending::by("send_order", RwSignal::new(refused), Then::FollowAndKeepTrying);
        let look = move || sending.refused().with(|refused| self.form(sending, refused.as_ref()));
        look.into_any()
    }
}

impl CheckoutForm {
    fn typed(&self, field: &str) -> Option<String> {
        self.rejected.as_ref()?.value(&format!("order[{field}]"))
    }

    fn form(&self, sending: Sending, refused: Option<&Refused>) -> AnyView {
        // Once an order was made under the cart's key, the next try carries another.
        let cart = refused.and_then(|refused| refused.cart.clone()).unwrap_or_else(|| self.cart.clone());
        let address = TypedAddress {
            recipient: self.typed("recipient"),
            street: self.typed("street"),
            postcode: self.typed("postcode"),
            city: self.typed("city"),
            country: self.typed("country"),
        };
        let hint = if self.sandbox {
            "This is a sandbox: choose one of the test cards. No money moves."
        } else {
            "These are the test cards of the payment service."
        };
        let about = |field, hint| About::field("", field, refused, hint);
        let name = text_field(TextField {
            about: about("name", false),
            name: "order[name]".to_owned(),
            label: "Name",
            kind: "text",
            autocomplete: "name",
            hint: None,
            value: self.typed("name"),
        });
        let email = text_field(TextField {
            about: about("email", true),
            name: "order[email]".to_owned(),
            label: "E-mail",
            kind: "email",
            autocomplete: "email",
            hint: Some("The receipt goes here."),
            value: self.typed("email"),
        });
        let pay = format!("Order and pay {}", self.total);
        let fields = view! {
            <input type="hidden" name="order[cart]" value=cart />
            <div class="form">
                {mend_list(refused, "", LABELS)}
                <fieldset>
                    <legend>"You"</legend>
                    <div class="fields">{name} {email}</div>
                </fieldset>
                <fieldset>
                    <legend>"Where it goes"</legend>
                    {address_fields("order", "", address, refused)}
                </fieldset>
                <fieldset>
                    <legend>"How you pay"</legend>
                    <p class="hint">{hint}</p>
                    {payment_choices("order[payment]", "", self.typed("payment"), refused)}
                </fieldset>
                <fieldset>
                    <legend>"Anything we should know"</legend>
                    {note(self.typed("note"), &about("note", true))}
                </fieldset>
            </div>
            <section class="slip" aria-labelledby="sum">
                <h2 id="sum">"Your order"</h2>
                {lines(&self.lines, self.total)}
                {submit_button(sending, "button primary full", pay, "Sending your order")}
                <p class="hint">
                    "We answer at once with your order number. You can close the page then; the order goes on by itself."
                </p>
            </section>
        };
        post_form(sending, "/checkout".to_owned(), "beside", None, fields.into_any())
    }
}

fn note(note: Option<String>, about: &About) -> AnyView {
    view! {
        <div class="field">
            <label for="note">"Note " <span class="optional">"(optional)"</span></label>
            <p class="hint" id="note-hint">"At most 500 characters."</p>
            <textarea
                class="input"
                id="note"
                name="order[note]"
                maxlength="500"
                aria-describedby=about.described_by()
                aria-invalid=about.invalid()
            >
                {note}
            </textarea>
            {about.words()}
        </div>
    }
    .into_any()
}

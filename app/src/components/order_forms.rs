//! The forms of an order's page: another card, a corrected address, another e-mail address, cancelling, and a new
//! link.

use leptos::prelude::*;
use orders::address::AddressFormat;
use orders::{Order, State, wording};

use crate::components::address::{address_fields, address_labels, submitted_value};
use crate::components::address_fieldset::AddressFieldset;
use crate::components::field::{FieldInfo, TextField, text_field};
use crate::components::form::{FormSubmission, OnSuccess, error_list, post_form, submit_button};
use crate::components::payment::payment_choices;
use crate::components::refused_note::refused_note;
use crate::outcome::SubmittedForm;

const USE_ANOTHER_CARD: &str = "use_another_card";
const CORRECT_ADDRESS: &str = "correct_address";
const CORRECT_EMAIL: &str = "correct_email";
const CANCEL_ORDER: &str = "cancel_order";
const ORDER_AGAIN: &str = "order_again";
const REPLACE_LINK: &str = "replace_link";

/// The forms of an order's page.
pub struct OrderForms {
    /// The address of the page.
    pub page: String,
    /// Whether the page asks to confirm the cancellation.
    asks: bool,
    may_correct_email: bool,
    submitted: Option<SubmittedForm>,
    card: FormSubmission,
    address: FormSubmission,
    /// The address part of the correction.
    pub address_fieldset: AddressFieldset,
    email: FormSubmission,
    cancel: FormSubmission,
    again: FormSubmission,
    link: FormSubmission,
}

impl OrderForms {
    /// Returns the forms of a page. `submitted` is one of them, if the page is shown again after a submission.
    pub fn of(
        page: String,
        asks: bool,
        may_correct_email: bool,
        submitted: Option<SubmittedForm>,
        format: AddressFormat,
    ) -> Self {
        let address_fieldset = AddressFieldset::for_correction(format);
        let submission = |form: &'static str, then| {
            let submitted = submitted.as_ref().filter(|submitted| submitted.form == form);
            FormSubmission::by(
                form,
                RwSignal::new(submitted.and_then(|submitted| submitted.refused.clone())),
                then,
            )
        };
        let card = submission(USE_ANOTHER_CARD, OnSuccess::Stay);
        let address = submission(CORRECT_ADDRESS, OnSuccess::Stay);
        let email = submission(CORRECT_EMAIL, OnSuccess::Stay);
        let cancel = submission(CANCEL_ORDER, OnSuccess::Redirect);
        let again = submission(ORDER_AGAIN, OnSuccess::Redirect);
        let link = submission(REPLACE_LINK, OnSuccess::Stay);
        let asks = asks || submitted.as_ref().is_some_and(|submitted| submitted.form == CANCEL_ORDER);
        Self {
            page,
            asks,
            may_correct_email,
            submitted,
            card,
            address,
            address_fieldset,
            email,
            cancel,
            again,
            link,
        }
    }

    /// Whether the page asks to confirm the cancellation of this order, which is still possible.
    pub fn asks_about(&self, order: &Order) -> bool {
        self.asks && order.can_be_cancelled()
    }

    /// The form that answers the question to the customer, if any.
    pub fn form(&self, order: &Order) -> Option<AnyView> {
        match (order.wants_payment(), order.wants_address()) {
            (true, _) => Some(self.another_card(order)),
            (_, true) => Some(self.another_address(order)),
            _ => None,
        }
    }

    fn typed(&self, form: &str, field: &str) -> Option<String> {
        self.submitted.as_ref().filter(|submitted| submitted.form == form)?.value(field)
    }

    fn another_card(&self, order: &Order) -> AnyView {
        let submission = self.card;
        let refused = submission.refused().get();
        let chosen = self.typed(USE_ANOTHER_CARD, "payment");
        let fields = view! {
            <h2 id="repair-title" class="unseen">"Use another card"</h2>
            <input type="hidden" name="page" value=self.page.clone() />
            {error_list(refused.as_ref(), "fix-", &[("payment", "Card".to_owned())])}
            <fieldset>
                <legend class="unseen">"Card"</legend>
                {payment_choices("payment", "fix-", chosen, refused.as_ref())}
            </fieldset>
            <div class="actions">
                {submit_button(submission, "button primary", "Use another card".to_owned(), "Sending")}
                <a href=order.message.help.clone()>"Why banks decline cards"</a>
            </div>
        };
        post_form(submission, self.page.clone(), "repair", Some("repair-title"), fields.into_any())
    }

    fn another_address(&self, order: &Order) -> AnyView {
        let submission = self.address;
        let refused = submission.refused().get();
        let to = &order.ship_to;
        // An address without a recipient is the customer's.
        let name = (to.name != order.customer.name).then_some(&to.name);
        let sent = self.submitted.as_ref().filter(|submitted| submitted.form == CORRECT_ADDRESS);
        let known = |id: &str| {
            if let Some(sent) = sent {
                return submitted_value(sent, self.address_fieldset.argument, id);
            }
            let known = match id {
                "recipient" => name,
                "company" => to.company.as_ref(),
                "street" => Some(&to.street),
                "line2" => to.line2.as_ref(),
                "city" => to.city.as_ref(),
                "region" => to.region.as_ref(),
                "postcode" => to.postcode.as_ref(),
                _ => None,
            };
            known.cloned()
        };
        let labels = self.address_fieldset.format.with(address_labels);
        let fields = view! {
            <h2 id="repair-title" class="unseen">"Correct the address"</h2>
            <input type="hidden" name="page" value=self.page.clone() />
            {error_list(refused.as_ref(), "fix-", &labels)}
            {address_fields(self.address_fieldset, &known, refused.as_ref())}
            <div class="actions">
                {submit_button(submission, "button primary", "Correct the address".to_owned(), "Sending")}
                <a href=order.message.help.clone()>"Help with addresses"</a>
            </div>
        };
        post_form(submission, self.page.clone(), "repair", Some("repair-title"), fields.into_any())
    }

    /// The text about a refused mail, with the form for another address if the viewer may change it.
    pub fn refused_mail(&self, order: &Order) -> Option<AnyView> {
        let words = wording::refused_mail(order, self.may_correct_email)?;
        let asks = self.may_correct_email && order.wants_email();
        let form = asks.then(|| {
            let submission = self.email;
            let refused = submission.refused().get();
            let email = text_field(TextField {
                info: FieldInfo::field("mail-", "email", refused.as_ref(), false),
                name: "email".to_owned(),
                label: "E-mail".to_owned(),
                // A field of the type `email` would show an international domain in its ASCII form.
                kind: "text",
                autocomplete: "email",
                required: true,
                inputmode: Some("email"),
                hint: None,
                example: None,
                value: self.typed(CORRECT_EMAIL, "email").or_else(|| Some(order.customer.email.clone())),
            });
            let fields = view! {
                <input type="hidden" name="page" value=self.page.clone() />
                {error_list(refused.as_ref(), "mail-", &[("email", "E-mail".to_owned())])}
                {email}
                <div class="actions">
                    {submit_button(submission, "button", "Send it to this address".to_owned(), "Sending")}
                    <a href=words.help>"About this"</a>
                </div>
            };
            post_form(submission, self.page.clone(), "stack", Some("mail-title"), fields.into_any())
        });
        Some(
            view! {
                <section class="repair" aria-labelledby="mail-title">
                    <h2 id="mail-title">{words.heading}</h2>
                    <p>{words.body}</p>
                    {form}
                </section>
            }
            .into_any(),
        )
    }

    /// The button that adds the same items to the cart, for an order that has ended. It is the primary action of a
    /// cancelled one.
    pub fn again(&self, order: &Order) -> Option<AnyView> {
        let class = match order.state {
            State::Cancelled => "button primary",
            State::Confirmed | State::Shipped | State::Delivered => "button",
            _ => return None,
        };
        let refused = self.again.refused().with(|refused| refused.as_ref().map(refused_note));
        let fields = view! {
            <input type="hidden" name="page" value=self.page.clone() />
            {refused}
            {submit_button(self.again, class, "Order again".to_owned(), "Filling the cart")}
        };
        Some(post_form(self.again, self.page.clone(), "", None, fields.into_any()))
    }

    /// The button that replaces the private link.
    pub fn new_link(&self) -> AnyView {
        let link = self.link;
        let refused = link.refused().with(|refused| refused.as_ref().map(refused_note));
        let fields = view! {
                    <input type="hidden" name="page" value=self.page.clone() />
                    {refused}
                    <p class="hint">
                        "A new link takes its place. The old one stops working at once, also for people you gave it to and in mails \
                        that were sent already."
                    </p>
        <button class="button quiet" aria-busy=move || link.busy()>"New link"</button>
                };
        post_form(link, self.page.clone(), "", None, fields.into_any())
    }

    /// The confirmation of a cancellation, with what happens to the payment.
    pub fn confirm_cancel(&self, order: &Order) -> AnyView {
        let sending = self.cancel;
        let refused = sending.refused().with(|refused| refused.as_ref().map(refused_note));
        let fields = view! {
            <h2 id="cancel-title" tabindex="-1">"Cancel this order?"</h2>
            <input type="hidden" name="page" value=self.page.clone() />
            {refused}
            <p>{what_becomes_of_the_money(order)}</p>
            <div class="actions">
                {submit_button(sending, "button", "Yes, cancel the order".to_owned(), "Cancelling")}
                <a class="button quiet" href=self.page.clone()>"Keep the order"</a>
            </div>
        };
        post_form(sending, self.page.clone(), "repair", Some("cancel-title"), fields.into_any())
    }
}

fn what_becomes_of_the_money(order: &Order) -> String {
    use orders::PaymentState;
    let items = "The items go back on the shelf.";
    match order.payment.state {
        PaymentState::Authorised => format!("{items} The {} held on your card is released.", order.total),
        PaymentState::Captured => format!("{items} {} goes back to your card in 5–10 days.", order.total),
        _ => format!("{items} Nothing was charged."),
    }
}

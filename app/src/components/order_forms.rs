//! The forms of an order's page: another card, a corrected address, another e-mail address, cancelling, and a new
//! link.

use leptos::prelude::*;
use orders::address::AddressFormat;
use orders::{Order, State, wording};

use crate::components::address::{address_fields, address_labels, submitted_value};
use crate::components::address_fieldset::AddressFieldset;
use crate::components::field::{FieldInfo, email_field};
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
        let refused = self.card.refused().get();
        let chosen = self.typed(USE_ANOTHER_CARD, "payment");
        let choices = view! {
            <fieldset>
                <legend class="unseen">"Card"</legend>
                {payment_choices("payment", "fix-", chosen, refused.as_ref())}
            </fieldset>
        };
        let errors = error_list(refused.as_ref(), "fix-", &[("payment", "Card".to_owned())]);
        let fields = view! { {errors} {choices} }.into_any();
        self.repair(self.card, "Use another card", fields, order, "Why banks decline cards")
    }

    fn another_address(&self, order: &Order) -> AnyView {
        let refused = self.address.refused().get();
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
        let errors = error_list(refused.as_ref(), "fix-", &labels);
        let inputs = address_fields(self.address_fieldset, &known, refused.as_ref());
        let fields = view! { {errors} {inputs} }.into_any();
        self.repair(self.address, "Correct the address", fields, order, "Help with addresses")
    }

    /// The form that answers the question to the customer, with a link to the help about it.
    fn repair(
        &self,
        submission: FormSubmission,
        title: &'static str,
        fields: AnyView,
        order: &Order,
        help: &'static str,
    ) -> AnyView {
        let fields = view! {
            <h2 id="repair-title" class="unseen">{title}</h2>
            {fields}
            <div class="actions">
                {submit_button(submission, "button primary", title.to_owned(), "Sending")}
                <a href=order.message.help.clone()>{help}</a>
            </div>
        };
        self.post(submission, "repair", Some("repair-title"), fields.into_any())
    }

    /// The text about a refused mail, with the form for another address if the viewer may change it.
    pub fn refused_mail(&self, order: &Order) -> Option<AnyView> {
        let words = wording::refused_mail(order, self.may_correct_email)?;
        let asks = self.may_correct_email && order.wants_email();
        let form = asks.then(|| {
            let submission = self.email;
            let refused = submission.refused().get();
            let info = FieldInfo::field("mail-", "email", refused.as_ref(), false);
            let value = self.typed(CORRECT_EMAIL, "email").or_else(|| Some(order.customer.email.clone()));
            let fields = view! {
                {error_list(refused.as_ref(), "mail-", &[("email", "E-mail".to_owned())])}
                {email_field(info, "email", None, value)}
                <div class="actions">
                    {submit_button(submission, "button", "Send it to this address".to_owned(), "Sending")}
                    <a href=words.help>"About this"</a>
                </div>
            };
            self.post(submission, "stack", Some("mail-title"), fields.into_any())
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
        let button = submit_button(self.again, class, "Order again".to_owned(), "Filling the cart");
        let fields = view! { {note(self.again)} {button} };
        Some(self.post(self.again, "", None, fields.into_any()))
    }

    /// The button that replaces the private link.
    pub fn new_link(&self) -> AnyView {
        let link = self.link;
        let fields = view! {
            {note(link)}
            <p class="hint">
                "A new link takes its place. The old one stops working at once, also for people you gave it to and in mails \
                that were sent already."
            </p>
            <button class="button quiet" aria-busy=move || link.busy()>"New link"</button>
        };
        self.post(link, "", None, fields.into_any())
    }

    /// The confirmation of a cancellation, with what happens to the payment.
    pub fn confirm_cancel(&self, order: &Order) -> AnyView {
        let submission = self.cancel;
        let fields = view! {
            <h2 id="cancel-title" tabindex="-1">"Cancel this order?"</h2>
            {note(submission)}
            <p>{what_happens_to_the_payment(order)}</p>
            <div class="actions">
                {submit_button(submission, "button", "Yes, cancel the order".to_owned(), "Cancelling")}
                <a class="button quiet" href=self.page.clone()>"Keep the order"</a>
            </div>
        };
        self.post(submission, "repair", Some("cancel-title"), fields.into_any())
    }

    fn post(
        &self,
        submission: FormSubmission,
        class: &'static str,
        labelled_by: Option<&'static str>,
        fields: AnyView,
    ) -> AnyView {
        let fields = view! {
            <input type="hidden" name="page" value=self.page.clone() />
            {fields}
        };
        post_form(submission, self.page.clone(), class, labelled_by, fields.into_any())
    }
}

/// The note about a refusal of a form without fields to correct.
fn note(submission: FormSubmission) -> Option<AnyView> {
    submission.refused().with(|refused| refused.as_ref().map(refused_note))
}

fn what_happens_to_the_payment(order: &Order) -> String {
    use orders::PaymentState;
    let items = "The items go back on the shelf.";
    match order.payment.state {
        PaymentState::Authorised => format!("{items} The {} held on your card is released.", order.total),
        PaymentState::Captured => format!("{items} {} goes back to your card in 5–10 days.", order.total),
        _ => format!("{items} Nothing was charged."),
    }
}

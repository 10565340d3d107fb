//! Texts about a mail that did not reach the customer.

use crate::{CustomerMail, Order};

/// The text about a refused mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailWords {
    /// One short sentence.
    pub heading: &'static str,
    /// What it means.
    pub body: String,
    /// The page that explains it.
    pub help: &'static str,
}

/// Returns the text about the last mail of an order when it was refused. Only the owner may read the address; pass
/// `false` for others.
pub fn refused_mail(order: &Order, names_address: bool) -> Option<MailWords> {
    let refused = order.mail_refused.as_ref()?;
    let heading = match refused.mail {
        CustomerMail::Confirmed => "Your receipt did not reach you",
        _ => "A mail about this order did not reach you",
    };
    let address = if names_address { order.customer.email.as_str() } else { "the address of this order" };
    let rest = if order.state.is_final() {
        "This page says the same, and you can keep it as your receipt."
    } else {
        "The order goes on all the same, and nothing changes about the payment."
    };
    Some(MailWords {
        heading,
        body: format!("No mail server takes mail for {address}. {rest}"),
        help: "/help/mail-not-delivered",
    })
}

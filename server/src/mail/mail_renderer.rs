//! Renders a mail.

use orders::{CustomerMail, Order, PrivateLink, Timestamp};

use super::content::Content;
use super::{html, plain};
use crate::external::gateways::Mail;

/// Renders mails in the words of the order's page, with the links of this shop.
pub struct MailRenderer {
    /// The public base address, without a trailing slash.
    pub public_url: String,
    /// Returns the address of the page that follows an order without an account.
    pub tracking_link: Box<dyn Fn(PrivateLink) -> String + Send + Sync>,
}

impl MailRenderer {
    /// Renders a mail about an order as it is.
    pub fn render(&self, kind: CustomerMail, order: &Order, at: Timestamp) -> Mail {
        let content = Content {
            order,
            link_text: link_text(kind),
            link: (self.tracking_link)(order.private_link()),
            help: format!("{}{}", self.public_url, order.message.help),
        };
        Mail {
            to_name: order.customer.name.clone(),
            to_email: order.customer.email.clone(),
            subject: CustomerMail::subject(order),
            text: plain::text(&content),
            html: html::page(&content),
            at,
        }
    }
}

/// Returns the text of the link to the order: the one thing to do now.
const fn link_text(kind: CustomerMail) -> &'static str {
    match kind {
        CustomerMail::NeedsYou => "Mend it here",
        CustomerMail::Received | CustomerMail::Confirmed | CustomerMail::Shipped => "Follow your order",
        CustomerMail::Cancelled => "See your order",
    }
}

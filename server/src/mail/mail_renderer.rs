//! What a letter says, as plain text and as a page.

use std::fmt::Write as _;

use orders::plain_text::isolated;
use orders::{CustomerMail, Order, PrivateLink, Timestamp};

use super::html;
use crate::external::gateways::Mail;

/// Writes letters in the words of the order's page, with the links of this shop.
pub struct MailRenderer {
    /// The public base address, without a trailing slash.
    pub public_url: String,
    /// The whole address of the page that follows an order without an account.
    pub tracking_link: Box<dyn Fn(PrivateLink) -> String + Send + Sync>,
}

/// What both forms of a letter show.
pub(super) struct Content<'a> {
    pub(super) order: &'a Order,
    /// The words of the link to the order.
    pub(super) follow: &'static str,
    /// The link to the order.
    pub(super) link: String,
    /// The page that explains what happened.
    pub(super) help: String,
}

impl MailRenderer {
    /// A letter about an order as it is.
    pub fn write(&self, letter: CustomerMail, order: &Order, at: Timestamp) -> Mail {
        let content = Content {
            order,
            follow: follow(letter),
            link: (self.tracking_link)(order.private_link()),
            help: format!("{}{}", self.public_url, order.message.help),
        };
        Mail {
            to_name: order.customer.name.clone(),
            to_email: order.customer.email.clone(),
            subject: CustomerMail::subject(order),
            text: text(&content),
            html: html::page(&content),
            at,
        }
    }
}

/// The words of the link to the order: the one thing to do now.
const fn follow(letter: CustomerMail) -> &'static str {
    match letter {
        CustomerMail::NeedsYou => "Mend it here",
        CustomerMail::Received | CustomerMail::Confirmed | CustomerMail::Shipped => "Follow your order",
        CustomerMail::Cancelled => "See your order",
    }
}

fn text(Content { order, follow, link, help }: &Content<'_>) -> String {
    let message = &order.message;
    let mut text =
        format!("{}\n\n{}\n{}\n\n{follow}:\n{link}\n\n", message.heading, message.body, message.next_step);
    // Writing to a String cannot fail.
    if let Some(parcel) = &order.shipment {
        let _ = writeln!(text, "{}: {}\n{}\n", parcel.carrier, parcel.tracking_number, parcel.tracking_url);
    }
    let _ = writeln!(text, "Order {}, {}", order.number, order.created_at.day());
    for line in &order.lines {
        let _ = writeln!(text, "{} × {}  {}", line.quantity, isolated(&line.name), line.total);
    }
    let _ = writeln!(text, "Total  {}\n", order.total);
    let written = order.ship_to.written();
    let to: Vec<_> = written.iter().map(|part| isolated(part)).collect();
    let _ = writeln!(text, "To: {}\n", to.join(", "));
    let _ = writeln!(text, "What this means: {help}");
    text
}

//! The plain-text part of a mail.

use std::fmt::Write as _;

use orders::plain_text::isolated;

use super::content::Content;

/// Returns the plain-text part.
pub(super) fn text(Content { order, link_text, link, help }: &Content<'_>) -> String {
    let message = &order.message;
    let mut text =
        format!("{}\n\n{}\n{}\n\n{link_text}:\n{link}\n\n", message.heading, message.body, message.next_step);
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

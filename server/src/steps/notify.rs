//! Sends the receipt. It can never fail an order: an address that takes no mail is noted, and that is all.

use std::fmt::Write as _;

use orders::{Dossier, Order, StepName, StepOutcome, Timestamp};

use super::Outside;
use crate::failpoint::{self, Point};
use crate::gateways::{Failure, Mail, Posting};

pub(super) async fn run(
    dossier: &Dossier,
    outside: &Outside,
    now: Timestamp,
) -> Result<StepOutcome, Failure> {
    let order = &dossier.order;
    let mail = Mail {
        to_name: order.customer.name.clone(),
        to_email: order.customer.email.clone(),
        subject: format!("{}: {}", order.message.heading, order.number),
        text: receipt(order, &(outside.tracking_link)(order.id)),
        at: now,
    };
    failpoint::reach(Point::BeforeNotify).await;
    let posting = outside.mailer.send(&mail, &dossier.effect_key(StepName::Notify)).await?;
    failpoint::reach(Point::AfterNotify).await;
    match posting {
        Posting::Posted => Ok(StepOutcome::default()),
        Posting::Refused(reason) => {
            tracing::warn!(order.id = %order.id, reason, "a receipt will never be taken");
            Ok(StepOutcome { skipped: true, ..StepOutcome::default() })
        }
    }
}

fn receipt(order: &Order, link: &str) -> String {
    let mut text =
        format!("{}\n\n{}\n{}\n\n", order.message.heading, order.message.body, order.message.next_step);
    for line in &order.lines {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{} × {}  {}", line.quantity, line.name, line.total);
    }
    let to = &order.ship_to;
    let _ = writeln!(text, "Total  {}\n", order.total);
    let _ = writeln!(text, "To: {}, {}, {} {}, {}\n", to.name, to.street, to.postcode, to.city, to.country);
    let _ = writeln!(text, "Follow your order {}:\n{link}", order.number);
    text
}

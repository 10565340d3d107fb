//! Sends the receipt. It never fails an order: a refused address is shown to the customer, who can correct it.

use orders::{CustomerMail, OrderRecord, StepName, StepOutcome, Timestamp};

use super::context::Gateways;
use crate::external::gateways::{Failure, Posting};
use crate::platform::failpoint::{self, Point};

pub(super) async fn run(
    record: &OrderRecord,
    gateways: &Gateways,
    now: Timestamp,
) -> Result<StepOutcome, Failure> {
    let mail = gateways.writer.write(CustomerMail::Confirmed, &record.order, now);
    failpoint::reach(Point::BeforeNotify).await;
    let posting = gateways.mailer.send(&mail, &record.effect_key(StepName::Notify)).await?;
    failpoint::reach(Point::AfterNotify).await;
    match posting {
        Posting::Posted => Ok(StepOutcome::default()),
        Posting::Refused(refusal) => Err(Failure::MailRefused(refusal)),
    }
}

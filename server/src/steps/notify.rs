//! Sends the receipt. It never fails an order: a refused address is shown to the customer, who can correct it.

use orders::{CustomerMail, OrderRecord, StepName, StepOutcome, Timestamp};

use super::context::Gateways;
use crate::external::gateways::{Failure, SendOutcome};
use crate::platform::failpoint::{self, Point};

pub(super) async fn run(
    record: &OrderRecord,
    gateways: &Gateways,
    now: Timestamp,
) -> Result<StepOutcome, Failure> {
    let mail = gateways.renderer.render(CustomerMail::Confirmed, &record.order, now);
    failpoint::reach(Point::BeforeNotify).await;
    let outcome = gateways.mailer.send(&mail, &record.effect_key(StepName::Notify)).await?;
    failpoint::reach(Point::AfterNotify).await;
    match outcome {
        SendOutcome::Sent => Ok(StepOutcome::default()),
        SendOutcome::Refused(refusal) => Err(Failure::MailRefused(refusal)),
    }
}

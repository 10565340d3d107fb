//! Sends the receipt. It can never fail an order: that an address takes no mail is shown to whoever ordered, who can give
//! another.

use orders::{Dossier, Letter, StepName, StepOutcome, Timestamp};

use super::Outside;
use crate::failpoint::{self, Point};
use crate::gateways::{Failure, Posting};

pub(super) async fn run(
    dossier: &Dossier,
    outside: &Outside,
    now: Timestamp,
) -> Result<StepOutcome, Failure> {
    let mail = outside.writer.write(Letter::Confirmed, &dossier.order, now);
    failpoint::reach(Point::BeforeNotify).await;
    let posting = outside.mailer.send(&mail, &dossier.effect_key(StepName::Notify)).await?;
    failpoint::reach(Point::AfterNotify).await;
    match posting {
        Posting::Posted => Ok(StepOutcome::default()),
        Posting::Refused(refusal) => Err(Failure::MailRefused(refusal)),
    }
}

//! Holds the amount on the customer's card. A hold before the charge makes undoing free.

use orders::{Dossier, Payment, PaymentMethod, PaymentState, Reason, StepName, StepOutcome, StepReason};

use super::{is_repeated, key, undo_key};
use crate::failpoint::{self, Point};
use crate::gateways::payment::{Authorisation, Voiding};
use crate::gateways::{Failure, PaymentGateway};

const STEP: StepName = StepName::AuthorisePayment;

pub(super) async fn run(dossier: &Dossier, payment: &PaymentGateway) -> Result<StepOutcome, Failure> {
    let order = &dossier.order;
    if order.payment.method == PaymentMethod::Invoice {
        return Ok(StepOutcome { skipped: true, ..StepOutcome::default() });
    }
    if is_repeated(dossier, STEP)
        && let Some(intent) = payment.find(&order.id).await?
    {
        return Ok(held(&order.payment, intent.authorisation()?));
    }
    let Some(token) = &dossier.dealings.payment_token else {
        return Err(Failure::Permanent { reason: Reason::PaymentFailed });
    };
    failpoint::reach(Point::BeforeAuthorise).await;
    let held_now = payment.authorise(&order.id, &key(dossier, STEP), order.total, token).await?;
    failpoint::reach(Point::AfterAuthorise).await;
    Ok(held(&order.payment, held_now))
}

pub(super) async fn undo(
    dossier: &Dossier,
    payment: &PaymentGateway,
    in_doubt: bool,
) -> Result<StepOutcome, Failure> {
    let order = &dossier.order;
    if matches!(order.payment.state, PaymentState::Voided | PaymentState::Refunded) {
        return Ok(StepOutcome::default());
    }
    let intent = match &dossier.dealings.payment_intent {
        Some(intent) => Some(intent.clone()),
        None => left_behind(dossier, payment, in_doubt).await?,
    };
    let Some(intent) = intent else { return Ok(StepOutcome::default()) };
    let key = undo_key(dossier, STEP);
    failpoint::reach(Point::BeforeVoid).await;
    let state = match payment.void(&intent, &key).await? {
        Voiding::Voided => PaymentState::Voided,
        Voiding::AlreadyCaptured => {
            payment.refund(&intent, order.total, &format!("{key}:refund")).await?;
            PaymentState::Refunded
        }
    };
    failpoint::reach(Point::AfterVoid).await;
    Ok(StepOutcome { payment: Some(order.payment.now(state)), ..StepOutcome::default() })
}

/// The hold that attempts without an answer left.
///
/// That none is found is only a hint, for the call may still be under way. Asked again under the same key, the service
/// says what became of it; what it holds only now is released at once.
async fn left_behind(
    dossier: &Dossier,
    payment: &PaymentGateway,
    in_doubt: bool,
) -> Result<Option<String>, Failure> {
    let order = &dossier.order;
    if let Some(intent) = payment.find(&order.id).await? {
        return Ok(Some(intent.id));
    }
    let Some(token) = dossier.dealings.payment_token.as_ref().filter(|_| in_doubt) else { return Ok(None) };
    match payment.authorise(&order.id, &dossier.effect_key(STEP), order.total, token).await {
        Ok(held) => Ok(Some(held.intent_id)),
        Err(Failure::Suspicious { held, .. }) => Ok(Some(held.intent_id)),
        Err(
            Failure::CustomerCanFix { .. }
            | Failure::Permanent { .. }
            | Failure::Transient { reason: StepReason::BankFault, .. },
        ) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// What a hold brings to its order.
pub fn held(payment: &Payment, authorisation: Authorisation) -> StepOutcome {
    // Two digits are enough to know one's own card by.
    let digits = authorisation.last4.get(2..).unwrap_or_default();
    let summary = format!("{} ••{digits}", authorisation.brand);
    StepOutcome {
        payment: Some(Payment { summary: Some(summary), ..payment.now(PaymentState::Authorised) }),
        payment_intent: Some(authorisation.intent_id),
        ..StepOutcome::default()
    }
}

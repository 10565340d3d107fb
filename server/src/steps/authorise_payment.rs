//! Holds the amount on the customer's card. A hold before the charge makes undoing free.

use orders::{Dossier, Payment, PaymentMethod, PaymentState, Reason, StepName, StepOutcome};

use super::{is_repeated, undo_key};
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
    let held_now = payment.authorise(&order.id, &dossier.effect_key(STEP), order.total, token).await?;
    Ok(held(&order.payment, held_now))
}

pub(super) async fn undo(dossier: &Dossier, payment: &PaymentGateway) -> Result<StepOutcome, Failure> {
    let order = &dossier.order;
    if matches!(order.payment.state, PaymentState::Voided | PaymentState::Refunded) {
        return Ok(StepOutcome::default());
    }
    let intent = match &dossier.dealings.payment_intent {
        Some(intent) => Some(intent.clone()),
        None => payment.find(&order.id).await?.map(|intent| intent.id),
    };
    let Some(intent) = intent else { return Ok(StepOutcome::default()) };
    let key = undo_key(dossier, STEP);
    let state = match payment.void(&intent, &key).await? {
        Voiding::Voided => PaymentState::Voided,
        Voiding::AlreadyCaptured => {
            payment.refund(&intent, order.total.amount, &format!("{key}:refund")).await?;
            PaymentState::Refunded
        }
    };
    Ok(StepOutcome { payment: Some(order.payment.now(state)), ..StepOutcome::default() })
}

fn held(payment: &Payment, authorisation: Authorisation) -> StepOutcome {
    // Two digits are enough to know one's own card by.
    let digits = authorisation.last4.get(2..).unwrap_or_default();
    let summary = format!("{} ••{digits}", authorisation.brand);
    StepOutcome {
        payment: Some(Payment { summary: Some(summary), ..payment.now(PaymentState::Authorised) }),
        payment_intent: Some(authorisation.intent_id),
        ..StepOutcome::default()
    }
}

//! Holds the amount on the customer's card. Because it is held before it is charged, undoing is free.

use orders::{
    OrderRecord, Payment, PaymentMethod, PaymentState, Reason, Service, StepName, StepOutcome, StepReason,
};

use super::context::{EffectLookup, key, possible_effect, undo_key};
use crate::external::gateways::{Authorisation, VoidOutcome};
use crate::external::gateways::{Failure, Lookup, PaymentGateway};
use crate::platform::failpoint::{self, Point};

const STEP: StepName = StepName::AuthorisePayment;

pub(super) async fn run(
    record: &OrderRecord,
    payment: &PaymentGateway,
    known: EffectLookup,
) -> Result<StepOutcome, Failure> {
    let order = &record.order;
    if order.payment.method == PaymentMethod::Invoice {
        return Ok(StepOutcome { skipped: true, ..StepOutcome::default() });
    }
    if let Some(effect) = possible_effect(record, STEP) {
        match payment.find(&order.id).await? {
            Lookup::Found(intent) => return Ok(held(&order.payment, intent.authorisation()?)),
            Lookup::NotOffered if !known.can_repeat(effect) => {
                let detail = "it offers no look-up, and may have forgotten the key of the call";
                return Err(Failure::Unresolved { service: Service::Payment, detail });
            }
            Lookup::NotFound | Lookup::NotOffered => {}
        }
    }
    let Some(token) = &record.processing.payment_token else {
        return Err(Failure::Permanent { reason: Reason::PaymentFailed });
    };
    failpoint::reach(Point::BeforeAuthorise).await;
    let held_now = payment.authorise(&order.id, &key(record, STEP), order.total, token).await?;
    failpoint::reach(Point::AfterAuthorise).await;
    Ok(held(&order.payment, held_now))
}

pub(super) async fn undo(
    record: &OrderRecord,
    payment: &PaymentGateway,
    known: EffectLookup,
) -> Result<StepOutcome, Failure> {
    let order = &record.order;
    if matches!(order.payment.state, PaymentState::Voided | PaymentState::Refunded) {
        return Ok(StepOutcome::default());
    }
    let intent = match &record.processing.payment_intent {
        Some(intent) => Some(intent.clone()),
        None => left_behind(record, payment, known).await?,
    };
    let Some(intent) = intent else { return Ok(StepOutcome::default()) };
    let key = undo_key(record, STEP);
    failpoint::reach(Point::BeforeVoid).await;
    let state = match payment.void(&intent, &key).await? {
        VoidOutcome::Voided => PaymentState::Voided,
        VoidOutcome::AlreadyCaptured => {
            payment.refund(&intent, order.total, &format!("{key}:refund")).await?;
            PaymentState::Refunded
        }
    };
    failpoint::reach(Point::AfterVoid).await;
    Ok(StepOutcome { payment: Some(order.payment.now(state)), ..StepOutcome::default() })
}

/// Finds the authorisation that unanswered attempts left; none when every attempt had a definite answer.
///
/// `NotFound` is only a hint, because the call may still be running. Repeated under the same key, the call returns
/// the authorisation; one that it makes only now is released at once.
async fn left_behind(
    record: &OrderRecord,
    payment: &PaymentGateway,
    known: EffectLookup,
) -> Result<Option<String>, Failure> {
    let order = &record.order;
    let Some(effect) = record.processing.unresolved else { return Ok(None) };
    match payment.find(&order.id).await? {
        Lookup::Found(intent) => return Ok(Some(intent.id)),
        Lookup::NotFound if !known.may_still_come(effect) => return Ok(None),
        Lookup::NotOffered if !known.can_repeat(effect) => {
            tracing::warn!(
                order.id = %order.id,
                "it cannot be determined whether money is held for a cancelled order; a hold expires by itself, and nothing was charged"
            );
            return Ok(None);
        }
        Lookup::NotFound | Lookup::NotOffered => {}
    }
    let Some(token) = &record.processing.payment_token else { return Ok(None) };
    match payment.authorise(&order.id, &record.effect_key(STEP), order.total, token).await {
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

/// Returns the outcome of an authorisation.
pub fn held(payment: &Payment, authorisation: Authorisation) -> StepOutcome {
    // Two digits are enough to recognise one's own card.
    let digits = authorisation.last4.get(2..).unwrap_or_default();
    let summary = format!("{} ••{digits}", authorisation.brand);
    StepOutcome {
        payment: Some(Payment { summary: Some(summary), ..payment.now(PaymentState::Authorised) }),
        payment_intent: Some(authorisation.intent_id),
        ..StepOutcome::default()
    }
}

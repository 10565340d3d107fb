//! Charges the held amount. With it the order is confirmed.

use orders::{OrderRecord, PaymentMethod, PaymentState, Reason, StepName, StepOutcome};

use super::context::{key, possible_effect, undo_key};
use crate::external::gateways::IntentState;
use crate::external::gateways::{Failure, PaymentGateway};
use crate::platform::failpoint::{self, Point};

const STEP: StepName = StepName::CapturePayment;

pub(super) async fn run(record: &OrderRecord, payment: &PaymentGateway) -> Result<StepOutcome, Failure> {
    let order = &record.order;
    if order.payment.method == PaymentMethod::Invoice {
        return Ok(StepOutcome { skipped: true, ..StepOutcome::default() });
    }
    let Some(intent) = &record.processing.payment_intent else {
        return Err(Failure::Permanent { reason: Reason::PaymentFailed });
    };
    let captured_before = possible_effect(record, STEP).is_some()
        && payment.retrieve(intent).await?.state == IntentState::Captured;
    if !captured_before {
        failpoint::reach(Point::BeforeCapture).await;
        payment.capture(intent, &key(record, STEP)).await?;
        failpoint::reach(Point::AfterCapture).await;
    }
    Ok(in_state(record, PaymentState::Captured))
}

pub(super) async fn undo(record: &OrderRecord, payment: &PaymentGateway) -> Result<StepOutcome, Failure> {
    let order = &record.order;
    let (intent, captured) = match (&record.processing.payment_intent, order.payment.state) {
        (_, PaymentState::Refunded) => return Ok(StepOutcome::default()),
        (Some(intent), PaymentState::Captured) => (intent.clone(), true),
        // Nothing can be captured without an authorisation.
        (None, _) => return Ok(StepOutcome::default()),
        // An attempt was running when the order was cancelled: only the payment service knows its outcome. If it is
        // still running, it races the release of the hold, which comes next; whichever is second is refused.
        (Some(intent), _) => {
            let state = payment.retrieve(intent).await?.state;
            (intent.clone(), state == IntentState::Captured)
        }
    };
    if !captured {
        return Ok(StepOutcome::default());
    }
    failpoint::reach(Point::BeforeRefund).await;
    payment.refund(&intent, order.total, &undo_key(record, STEP)).await?;
    failpoint::reach(Point::AfterRefund).await;
    Ok(in_state(record, PaymentState::Refunded))
}

fn in_state(record: &OrderRecord, state: PaymentState) -> StepOutcome {
    StepOutcome { payment: Some(record.order.payment.now(state)), ..StepOutcome::default() }
}

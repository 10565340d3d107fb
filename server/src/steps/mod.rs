//! The five steps of an order, one file each, and the table of how each is run and undone.
//!
//! A step may be attempted any number of times and has its effect once: its key stays the same until a definite
//! answer, and the possible effect of an unanswered attempt is looked up before the call is repeated. Where a service
//! offers no look-up, repeating the call under its key replaces it, for as long as services keep keys.

mod arrange_shipping;
mod authorise_payment;
mod capture_payment;
mod context;
mod notify;
mod reserve_stock;

pub use authorise_payment::held;
pub use context::Gateways;

use orders::{OrderRecord, PaymentMethod, PaymentState, Service, StepName, StepOutcome, Timestamp};

use self::context::EffectLookup;
use crate::external::gateways::Failure;

/// Whether a step or its undo calls an external service: an invoice needs no bank, and stock is our own table.
pub fn calls_outside(step: StepName, record: &OrderRecord) -> bool {
    let payment = &record.order.payment;
    match step.service() {
        Service::Stock => false,
        Service::Payment => {
            payment.method == PaymentMethod::Card
                && !matches!(payment.state, PaymentState::Voided | PaymentState::Refunded)
        }
        Service::Shipping | Service::Mail => true,
    }
}

/// Runs a step.
///
/// # Errors
/// The class of the failure decides what happens to the order.
pub async fn run(
    step: StepName,
    record: &OrderRecord,
    gateways: &Gateways,
    now: Timestamp,
) -> Result<StepOutcome, Failure> {
    let known = EffectLookup { now, found_within: gateways.found_within };
    match step {
        StepName::ReserveStock => Ok(reserve_stock::run(record)),
        StepName::AuthorisePayment => authorise_payment::run(record, &gateways.payment, known).await,
        StepName::ArrangeShipping => arrange_shipping::run(record, &gateways.carrier, known).await,
        StepName::CapturePayment => capture_payment::run(record, &gateways.payment).await,
        StepName::Notify => notify::run(record, gateways, now).await,
    }
}

/// Undoes a step; one without an effect is already undone.
///
/// # Errors
/// When it has to be retried.
pub async fn undo(
    step: StepName,
    record: &OrderRecord,
    gateways: &Gateways,
    now: Timestamp,
) -> Result<StepOutcome, Failure> {
    let known = EffectLookup { now, found_within: gateways.found_within };
    match step {
        StepName::ReserveStock => Ok(reserve_stock::undo()),
        StepName::AuthorisePayment => authorise_payment::undo(record, &gateways.payment, known).await,
        StepName::ArrangeShipping => arrange_shipping::undo(record, &gateways.carrier, known).await,
        StepName::CapturePayment => capture_payment::undo(record, &gateways.payment).await,
        // A mail cannot be unsent, and no order asks for it.
        StepName::Notify => Ok(StepOutcome::default()),
    }
}

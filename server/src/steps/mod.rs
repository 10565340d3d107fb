//! The five steps of an order, one file each, and the table of what each does and how it is undone.
//!
//! A step may be begun any number of times and has its effect once: its key stays the same over all attempts until a
//! definite answer, and what an earlier attempt without one may have left is looked up before the call is repeated. Where a
//! service offers no look-up, repeating the call under its key is what tells, for as long as services keep keys.

mod arrange_shipping;
mod authorise_payment;
mod capture_payment;
mod notify;
mod reserve_stock;

use std::sync::Arc;
use std::time::Duration;

use orders::{
    OrderRecord, PaymentMethod, PaymentState, Service, StepName, StepOutcome, Timestamp, UnresolvedEffect,
};

use crate::external::gateways::{CarrierGateway, Failure, Mailer, PaymentGateway};
use crate::mail::MailRenderer;
use crate::platform::failpoint::{self, Bug};

/// Everything that steps reach outside of the house.
pub struct Gateways {
    /// The payment service.
    pub payment: PaymentGateway,
    /// The carrier.
    pub carrier: CarrierGateway,
    /// The mail server, or the folder in its place.
    pub mailer: Mailer,
    /// Writes the receipt.
    pub writer: Arc<MailRenderer>,
    /// What was asked for so long ago and is not found is not there.
    pub found_within: Duration,
}

pub use authorise_payment::held;

/// For so long a call that is repeated under its key is certainly not done twice. Stripe keeps keys for 24 hours.
const KEYS_ARE_KEPT_FOR: Duration = Duration::from_hours(23);

/// The time of an attempt, and what follows from it for effects that may be there.
#[derive(Debug, Clone, Copy)]
struct Knowledge {
    now: Timestamp,
    found_within: Duration,
}

impl Knowledge {
    /// Whether the call that may have had this effect can be repeated under its key without doing anything twice.
    fn can_repeat(self, effect: UnresolvedEffect) -> bool {
        self.now.since(effect.since()) < KEYS_ARE_KEPT_FOR
    }

    /// Whether an effect that a look-up does not find may still come about.
    fn may_still_come(self, effect: UnresolvedEffect) -> bool {
        self.now.since(effect.asked_at) < self.found_within
    }
}

/// Whether a step or its undo calls anybody: an invoice needs no bank, and stock is a table of our own.
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

/// Does a step.
///
/// # Errors
/// The class of the failure decides what becomes of the order.
pub async fn run(
    step: StepName,
    record: &OrderRecord,
    gateways: &Gateways,
    now: Timestamp,
) -> Result<StepOutcome, Failure> {
    let known = Knowledge { now, found_within: gateways.found_within };
    match step {
        StepName::ReserveStock => Ok(reserve_stock::run(record)),
        StepName::AuthorisePayment => authorise_payment::run(record, &gateways.payment, known).await,
        StepName::ArrangeShipping => arrange_shipping::run(record, &gateways.carrier, known).await,
        StepName::CapturePayment => capture_payment::run(record, &gateways.payment).await,
        StepName::Notify => notify::run(record, gateways, now).await,
    }
}

/// Undoes a step; one that had no effect is undone already.
///
/// # Errors
/// When it has to be tried again.
pub async fn undo(
    step: StepName,
    record: &OrderRecord,
    gateways: &Gateways,
    now: Timestamp,
) -> Result<StepOutcome, Failure> {
    let known = Knowledge { now, found_within: gateways.found_within };
    match step {
        StepName::ReserveStock => Ok(reserve_stock::undo()),
        StepName::AuthorisePayment => authorise_payment::undo(record, &gateways.payment, known).await,
        StepName::ArrangeShipping => arrange_shipping::undo(record, &gateways.carrier, known).await,
        StepName::CapturePayment => capture_payment::undo(record, &gateways.payment).await,
        // A mail cannot be unsent, and an order never asks for it.
        StepName::Notify => Ok(StepOutcome::default()),
    }
}

/// The effect that an earlier attempt at the step may have left outside.
fn possible_effect(record: &OrderRecord, step: StepName) -> Option<UnresolvedEffect> {
    record.possible_effect(step).filter(|_| !failpoint::planted(Bug::PaymentKeyPerAttempt))
}

/// The key of the effect of a step.
fn key(record: &OrderRecord, step: StepName) -> String {
    let key = record.effect_key(step);
    if failpoint::planted(Bug::PaymentKeyPerAttempt) {
        return format!("{key}:attempt:{}", record.order.step(step).attempts);
    }
    key
}

/// The key of the undo of an effect.
fn undo_key(record: &OrderRecord, step: StepName) -> String {
    format!("{}:undo", record.effect_key(step))
}

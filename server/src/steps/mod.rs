//! The five steps of an order, one file each, and the table of what each does and how it is undone.
//!
//! A step may be begun any number of times and has its effect once: its key stays the same over all attempts, and an
//! attempt that is not the first looks for what an earlier one may have left.

mod arrange_shipping;
mod authorise_payment;
mod capture_payment;
mod notify;
mod reserve_stock;

use std::sync::Arc;
use std::time::Duration;

use orders::{Dossier, PaymentMethod, PaymentState, Service, StepName, StepOutcome, Timestamp};

use crate::failpoint::{self, Bug};
use crate::gateways::{CarrierGateway, Failure, Mailer, PaymentGateway};
use crate::mail::LetterWriter;

/// Everything that steps reach outside of the house.
pub struct Outside {
    /// The payment service.
    pub payment: PaymentGateway,
    /// The carrier.
    pub carrier: CarrierGateway,
    /// The mail server, or the folder in its place.
    pub mailer: Mailer,
    /// Writes the receipt.
    pub writer: Arc<LetterWriter>,
    /// What was asked for so long ago and is not found is not there.
    pub found_within: Duration,
}

pub use authorise_payment::held;

/// Whether a step or its undo calls anybody: an invoice needs no bank, and stock is a table of our own.
pub fn calls_outside(step: StepName, dossier: &Dossier) -> bool {
    let payment = &dossier.order.payment;
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
    dossier: &Dossier,
    outside: &Outside,
    now: Timestamp,
) -> Result<StepOutcome, Failure> {
    match step {
        StepName::ReserveStock => Ok(reserve_stock::run(dossier)),
        StepName::AuthorisePayment => authorise_payment::run(dossier, &outside.payment).await,
        StepName::ArrangeShipping => arrange_shipping::run(dossier, &outside.carrier).await,
        StepName::CapturePayment => capture_payment::run(dossier, &outside.payment).await,
        StepName::Notify => notify::run(dossier, outside, now).await,
    }
}

/// Undoes a step; one that had no effect is undone already.
///
/// # Errors
/// When it has to be tried again.
pub async fn undo(
    step: StepName,
    dossier: &Dossier,
    outside: &Outside,
    now: Timestamp,
) -> Result<StepOutcome, Failure> {
    // Whether an attempt without an answer may have left what cannot be found yet.
    let in_doubt =
        dossier.dealings.doubt.is_some_and(|doubt| now.since(doubt.asked_at) < outside.found_within);
    match step {
        StepName::ReserveStock => Ok(reserve_stock::undo()),
        StepName::AuthorisePayment => authorise_payment::undo(dossier, &outside.payment, in_doubt).await,
        StepName::ArrangeShipping => arrange_shipping::undo(dossier, &outside.carrier, in_doubt).await,
        StepName::CapturePayment => capture_payment::undo(dossier, &outside.payment).await,
        // A mail cannot be unsent, and an order never asks for it.
        StepName::Notify => Ok(StepOutcome::default()),
    }
}

/// Whether an earlier attempt at the step may have left something outside.
fn is_repeated(dossier: &Dossier, step: StepName) -> bool {
    dossier.order.step(step).attempts > 1 && !failpoint::planted(Bug::PaymentKeyPerAttempt)
}

/// The key of the effect of a step.
fn key(dossier: &Dossier, step: StepName) -> String {
    let key = dossier.effect_key(step);
    if failpoint::planted(Bug::PaymentKeyPerAttempt) {
        return format!("{key}:attempt:{}", dossier.order.step(step).attempts);
    }
    key
}

/// The key of the undo of an effect.
fn undo_key(dossier: &Dossier, step: StepName) -> String {
    format!("{}:undo", dossier.effect_key(step))
}

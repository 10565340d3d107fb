//! What every step gets: the gateways, its effect keys, and what is known about effects of earlier attempts.

use std::sync::Arc;
use std::time::Duration;

use orders::{OrderRecord, StepName, Timestamp, UnresolvedEffect};

use crate::external::gateways::{CarrierGateway, Mailer, PaymentGateway};
use crate::mail::MailRenderer;
use crate::platform::failpoint::{self, Bug};

/// The clients of the external services, and what steps need beside them.
pub struct Gateways {
    /// The payment service.
    pub payment: PaymentGateway,
    /// The carrier.
    pub carrier: CarrierGateway,
    /// The mail server, or the mail folder.
    pub mailer: Mailer,
    /// Renders the receipt.
    pub renderer: Arc<MailRenderer>,
    /// An effect requested longer ago than this that a look-up does not find does not exist.
    pub found_within: Duration,
}

/// How long repeating a call under its key is certainly safe. Stripe keeps keys for 24 hours.
const KEY_LIFETIME: Duration = Duration::from_hours(23);

/// The time of an attempt, and what follows from it for possible effects.
#[derive(Debug, Clone, Copy)]
pub(super) struct EffectLookup {
    pub(super) now: Timestamp,
    pub(super) found_within: Duration,
}

impl EffectLookup {
    /// Whether the call can be repeated under its key without a second effect.
    pub(super) fn can_repeat(self, effect: UnresolvedEffect) -> bool {
        self.now.since(effect.since()) < KEY_LIFETIME
    }

    /// Whether an effect that a look-up does not find may still appear.
    pub(super) fn may_still_come(self, effect: UnresolvedEffect) -> bool {
        self.now.since(effect.asked_at) < self.found_within
    }
}

/// Returns the effect that an earlier attempt at the step may have left.
pub(super) fn possible_effect(record: &OrderRecord, step: StepName) -> Option<UnresolvedEffect> {
    record.possible_effect(step).filter(|_| !failpoint::planted(Bug::PaymentKeyPerAttempt))
}

/// Returns the idempotency key of a step's effect.
pub(super) fn key(record: &OrderRecord, step: StepName) -> String {
    let key = record.effect_key(step);
    if failpoint::planted(Bug::PaymentKeyPerAttempt) {
        return format!("{key}:attempt:{}", record.order.step(step).attempts);
    }
    key
}

/// Returns the idempotency key of a step's undo.
pub(super) fn undo_key(record: &OrderRecord, step: StepName) -> String {
    format!("{}:undo", record.effect_key(step))
}

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
    /// The mail server, or the folder in its place.
    pub mailer: Mailer,
    /// Writes the receipt.
    pub writer: Arc<MailRenderer>,
    /// What was asked for so long ago and is not found is not there.
    pub found_within: Duration,
}

/// For so long a call that is repeated under its key is certainly not done twice. Stripe keeps keys for 24 hours.
const KEYS_ARE_KEPT_FOR: Duration = Duration::from_hours(23);

/// The time of an attempt, and what follows from it for effects that may be there.
#[derive(Debug, Clone, Copy)]
pub(super) struct EffectLookup {
    pub(super) now: Timestamp,
    pub(super) found_within: Duration,
}

impl EffectLookup {
    /// Whether the call that may have had this effect can be repeated under its key without doing anything twice.
    pub(super) fn can_repeat(self, effect: UnresolvedEffect) -> bool {
        self.now.since(effect.since()) < KEYS_ARE_KEPT_FOR
    }

    /// Whether an effect that a look-up does not find may still come about.
    pub(super) fn may_still_come(self, effect: UnresolvedEffect) -> bool {
        self.now.since(effect.asked_at) < self.found_within
    }
}

/// The effect that an earlier attempt at the step may have left outside.
pub(super) fn possible_effect(record: &OrderRecord, step: StepName) -> Option<UnresolvedEffect> {
    record.possible_effect(step).filter(|_| !failpoint::planted(Bug::PaymentKeyPerAttempt))
}

/// The key of the effect of a step.
pub(super) fn key(record: &OrderRecord, step: StepName) -> String {
    let key = record.effect_key(step);
    if failpoint::planted(Bug::PaymentKeyPerAttempt) {
        return format!("{key}:attempt:{}", record.order.step(step).attempts);
    }
    key
}

/// The key of the undo of an effect.
pub(super) fn undo_key(record: &OrderRecord, step: StepName) -> String {
    format!("{}:undo", record.effect_key(step))
}

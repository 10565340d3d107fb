//! What Docket knows about its processing state with the outside and shows to nobody.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// What Docket needs for its processing state with the outside, and never shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProcessingState {
    /// The payment service's token of the customer's card.
    pub payment_token: Option<String>,
    /// How many times a payment was definitely answered before this one, by a bank that could not work on the card or with
    /// a question to the customer. Each has effect keys of its own, because a key keeps its answer.
    pub payment_round: u32,
    /// How many times the bank could not work on this card.
    pub bank_faults: u32,
    /// The payment service's name of the hold.
    pub payment_intent: Option<String>,
    /// How many addresses the customer gave before this one.
    pub address_round: u32,
    /// The carrier's name of the shipment.
    pub shipment_id: Option<String>,
    /// Since when the outcome of the step under way is unknown: an effect was asked for, and there was no answer.
    pub unknown_since: Option<Timestamp>,
    /// The effect of the step under way may be there although nobody said so.
    pub doubt: Option<UnresolvedEffect>,
    /// How often the undo under way was begun.
    pub undo_attempts: u32,
    /// The step under way waits for a service that refuses all our calls.
    pub service_refuses_us: bool,
    /// From when on the limit of the step under way counts, when that is later than its beginning: waiting for a service
    /// that refuses all our calls is no failure of the step.
    pub limit_from: Option<Timestamp>,
}

/// An effect was asked for and not definitely answered. It begins with the attempt, before anything leaves the house, so
/// that it outlives a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnresolvedEffect {
    /// The first attempt that may have left the effect.
    pub attempt: u32,
    /// When that attempt began. Absent in records of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_asked_at: Option<Timestamp>,
    /// When the latest of them began.
    pub asked_at: Timestamp,
}

impl UnresolvedEffect {
    /// Since when the effect may be there.
    pub fn since(&self) -> Timestamp {
        self.first_asked_at.unwrap_or(self.asked_at)
    }
}

impl ProcessingState {
    /// What became of the step under way is known.
    pub(crate) fn know(&mut self) {
        self.unknown_since = None;
        self.doubt = None;
        self.limit_from = None;
    }
}

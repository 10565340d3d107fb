//! The internal state of an order's processing. It is never shown.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// What the pipeline remembers between attempts, and never shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProcessingState {
    /// The payment service's token of the customer's card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_token: Option<String>,
    /// How many payment attempts had a definite answer before the current one: a bank that could not process the
    /// card, or a question to the customer. Each has effect keys of its own, because a service stores the answer
    /// under its key.
    #[serde(skip_serializing_if = "crate::step::is_zero")]
    pub payment_round: u32,
    /// How many times the bank could not process this card.
    #[serde(skip_serializing_if = "crate::step::is_zero")]
    pub bank_faults: u32,
    /// The payment service's id of the authorisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_intent: Option<String>,
    /// How many addresses the customer gave before this one.
    #[serde(skip_serializing_if = "crate::step::is_zero")]
    pub address_round: u32,
    /// The carrier's id of the shipment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipment_id: Option<String>,
    /// Since when the outcome of the running step is unknown: a call was made and not answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown_since: Option<Timestamp>,
    /// The running step may have left an effect that was not confirmed.
    #[serde(rename = "doubt", skip_serializing_if = "Option::is_none")]
    pub unresolved: Option<UnresolvedEffect>,
    /// How many attempts the running undo has had.
    #[serde(skip_serializing_if = "crate::step::is_zero")]
    pub undo_attempts: u32,
    /// Whether the running step waits for a service that refuses all our calls.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub service_refuses_us: bool,
    /// When the time limit of the running step starts, if later than the step's start: time spent waiting for a
    /// service that refuses all our calls does not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_from: Option<Timestamp>,
}

/// An effect that was requested and not definitely answered. It is written when the attempt starts, before any call,
/// so that it survives a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnresolvedEffect {
    /// The first attempt that may have left the effect.
    pub attempt: u32,
    /// When that attempt started. Absent in records of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_asked_at: Option<Timestamp>,
    /// When the latest attempt started.
    pub asked_at: Timestamp,
}

impl UnresolvedEffect {
    /// Returns since when the effect may exist.
    pub fn since(&self) -> Timestamp {
        self.first_asked_at.unwrap_or(self.asked_at)
    }
}

impl ProcessingState {
    /// Clears what was unknown: the outcome of the running step is known.
    pub(crate) fn resolve(&mut self) {
        self.unknown_since = None;
        self.unresolved = None;
        self.limit_from = None;
    }
}

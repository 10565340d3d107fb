//! A payment as the payment service knows it.

/// An amount held on a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorisation {
    /// `pi_…`
    pub intent_id: String,
    /// The brand, such as "Visa".
    pub brand: String,
    /// The last four digits.
    pub last4: String,
}

/// A payment intent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    pub id: String,
    pub state: IntentState,
    /// Whether the service suspects fraud.
    pub elevated_risk: bool,
    pub brand: String,
    pub last4: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntentState {
    Held,
    Captured,
    /// Everything captured was refunded.
    Refunded,
    Voided,
    /// Nothing was held.
    Refused,
}

/// The outcome of releasing a hold.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoidOutcome {
    /// Nothing is held any more.
    Voided,
    /// Too late to release: the amount was captured and must be refunded.
    AlreadyCaptured,
}

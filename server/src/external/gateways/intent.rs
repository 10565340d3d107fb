//! A payment as the payment service knows it.

/// Money that is held on a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorisation {
    /// `pi_…`
    pub intent_id: String,
    /// As people know it: "Visa".
    pub brand: String,
    /// The last four digits.
    pub last4: String,
}

/// A payment as the service knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    pub id: String,
    pub state: IntentState,
    /// The service suspects fraud.
    pub elevated_risk: bool,
    pub brand: String,
    pub last4: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntentState {
    Held,
    Captured,
    /// All that was captured went back.
    Refunded,
    Voided,
    /// Nothing was held.
    Refused,
}

/// What became of a hold that was to be released.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoidOutcome {
    /// Nothing is held any more.
    Voided,
    /// It is too late to release the money: it was taken, and must be refunded.
    AlreadyCaptured,
}

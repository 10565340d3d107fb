//! The part of Stripe's objects that we read, see <https://docs.stripe.com/api/payment_intents/object>.

use orders::{ProblemCode, Service, StepReason};
use serde::Deserialize;

use super::{Failure, Intent, IntentState, answer::transient};

#[derive(Debug, Deserialize)]
pub struct IntentAnswer {
    pub id: String,
    pub status: String,
    #[serde(default)]
    pub latest_charge: Option<ChargeAnswer>,
}

/// A charge is an id unless it is expanded.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum ChargeAnswer {
    Id(String),
    Full(Charge),
}

#[derive(Debug, Deserialize)]
pub struct Charge {
    #[serde(default)]
    amount_captured: i64,
    #[serde(default)]
    amount_refunded: i64,
    #[serde(default)]
    outcome: Option<Outcome>,
    #[serde(default)]
    payment_method_details: Option<PaymentMethodDetails>,
}

#[derive(Debug, Deserialize)]
struct Outcome {
    risk_level: Option<String>,
}

#[derive(Debug, Deserialize)]
struct PaymentMethodDetails {
    card: Option<CardDetails>,
}

#[derive(Debug, Deserialize)]
struct CardDetails {
    brand: Option<String>,
    last4: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct SearchAnswer {
    pub data: Vec<IntentAnswer>,
}

/// An accepted refund. Its completion by the bank is not waited for.
#[derive(Debug, Deserialize)]
pub struct RefundAnswer {
    #[serde(rename = "id")]
    _id: String,
}

#[derive(Debug, Deserialize)]
pub struct ErrorAnswer {
    pub error: StripeError,
}

#[derive(Debug, Deserialize)]
pub struct StripeError {
    #[serde(default)]
    pub code: String,
    #[serde(default)]
    pub decline_code: Option<String>,
    #[serde(default)]
    pub param: Option<String>,
    #[serde(default)]
    pub payment_intent: Option<IntentAnswer>,
}

impl From<IntentAnswer> for Intent {
    fn from(answer: IntentAnswer) -> Intent {
        let charge = match answer.latest_charge {
            Some(ChargeAnswer::Full(charge)) => Some(charge),
            Some(ChargeAnswer::Id(_)) | None => None,
        };
        let (captured, refunded) =
            charge.as_ref().map_or((0, 0), |charge| (charge.amount_captured, charge.amount_refunded));
        let risk = charge.as_ref().and_then(|charge| charge.outcome.as_ref()?.risk_level.as_deref());
        let elevated_risk = matches!(risk, Some("elevated" | "highest"));
        let card = charge.and_then(|charge| charge.payment_method_details?.card);
        let (brand, last4) = card.map(|card| (card.brand, card.last4)).unwrap_or_default();
        Intent {
            id: answer.id,
            state: match answer.status.as_str() {
                "requires_capture" => IntentState::Held,
                "succeeded" if captured > 0 && refunded >= captured => IntentState::Refunded,
                "succeeded" => IntentState::Captured,
                "canceled" => IntentState::Voided,
                _ => IntentState::Refused,
            },
            elevated_risk,
            brand: brand_name(&brand.unwrap_or_default()),
            last4: last4.unwrap_or_default(),
        }
    }
}

impl StripeError {
    /// Returns the failure of a 402: the bank's decision, by its codes. The customer learns only these three reasons,
    /// because "stolen" or "fraudulent" would help only a thief.
    pub fn declined(&self) -> Failure {
        let decline = self.decline_code.as_deref().unwrap_or_default();
        let code = match (self.code.as_str(), decline) {
            ("processing_error", _) | (_, "processing_error") => {
                // A definite answer: nothing was held. It is stored under its key, so a retry needs another one.
                return transient(
                    Service::Payment,
                    StepReason::BankFault,
                    None,
                    "the bank could not process the card".to_owned(),
                );
            }
            ("expired_card", _) | (_, "expired_card") => ProblemCode::CardExpired,
            ("insufficient_funds", _) | (_, "insufficient_funds") => ProblemCode::InsufficientFunds,
            _ => ProblemCode::CardDeclined,
        };
        Failure::CustomerCanFix { code }
    }

    /// Returns the state of the intent, when that is why the call was refused.
    pub fn state(self) -> Option<IntentState> {
        (self.code == "payment_intent_unexpected_state").then_some(())?;
        Some(Intent::from(self.payment_intent?).state)
    }
}

/// Returns the display name of a brand.
fn brand_name(brand: &str) -> String {
    match brand {
        "visa" => "Visa",
        "mastercard" => "Mastercard",
        "amex" => "American Express",
        "diners" => "Diners Club",
        "discover" => "Discover",
        "jcb" => "JCB",
        "unionpay" => "UnionPay",
        _ => "Card",
    }
    .to_owned()
}

/// The card of a token of <https://docs.stripe.com/testing>.
#[derive(Debug, PartialEq, Eq)]
pub struct Card {
    pub token: &'static str,
    pub brand: &'static str,
    pub last4: &'static str,
    pub verdict: Verdict,
}

/// The bank's answer to a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Approved,
    /// Approved, with a suspicion of fraud.
    ElevatedRisk,
    Declined {
        code: &'static str,
        decline_code: &'static str,
        message: &'static str,
    },
}

impl Card {
    pub fn of(token: &str) -> Option<&'static Card> {
        CARDS.iter().find(|card| card.token == token)
    }

    pub fn risk_level(&self) -> &'static str {
        if self.verdict == Verdict::ElevatedRisk { "elevated" } else { "normal" }
    }
}

const CARDS: [Card; 8] = [
    card("pm_card_visa", "visa", "4242", Verdict::Approved),
    card("pm_card_mastercard", "mastercard", "4444", Verdict::Approved),
    card("pm_card_amex", "amex", "8431", Verdict::Approved),
    card("pm_card_riskLevelElevated", "visa", "9235", Verdict::ElevatedRisk),
    card(
        "pm_card_chargeDeclined",
        "visa",
        "0002",
        Verdict::Declined {
            code: "card_declined",
            decline_code: "generic_decline",
            message: "Your card was declined.",
        },
    ),
    card(
        "pm_card_chargeDeclinedInsufficientFunds",
        "visa",
        "9995",
        Verdict::Declined {
            code: "card_declined",
            decline_code: "insufficient_funds",
            message: "Your card has insufficient funds.",
        },
    ),
    card(
        "pm_card_chargeDeclinedExpiredCard",
        "visa",
        "0069",
        Verdict::Declined {
            code: "expired_card",
            decline_code: "expired_card",
            message: "Your card has expired.",
        },
    ),
    card(
        "pm_card_chargeDeclinedProcessingError",
        "visa",
        "0119",
        Verdict::Declined {
            code: "processing_error",
            decline_code: "processing_error",
            message: "An error occurred while processing your card. Try again in a little bit.",
        },
    ),
];

const fn card(token: &'static str, brand: &'static str, last4: &'static str, verdict: Verdict) -> Card {
    Card { token, brand, last4, verdict }
}

use serde_json::{Value, json};

use super::{card::Verdict, stripe_json::intent_json};
use crate::store::sandbox_ledger::{Payment, Reply};

/// An error in Stripe's shape, see <https://docs.stripe.com/api/errors>.
#[derive(Debug)]
pub struct Refusal {
    status: u16,
    error: Value,
}

impl Refusal {
    fn invalid(code: &str, param: Option<&str>, message: String) -> Refusal {
        let mut error = json!({"type": "invalid_request_error", "code": code, "message": message});
        if let Some(param) = param {
            error["param"] = param.into();
        }
        Refusal { status: 400, error }
    }

    pub fn missing(param: &str) -> Refusal {
        Refusal::invalid("parameter_missing", Some(param), format!("Missing required param: {param}."))
    }

    pub fn not_an_integer(param: &str, value: &str) -> Refusal {
        Refusal::invalid("parameter_invalid_integer", Some(param), format!("Invalid integer: {value}"))
    }

    pub fn too_small(param: &str) -> Refusal {
        let message = "This value must be greater than or equal to 1.".to_owned();
        Refusal::invalid("parameter_invalid_integer", Some(param), message)
    }

    pub fn unsuitable(param: &str, message: &str) -> Refusal {
        Refusal::invalid("parameter_invalid", Some(param), message.to_owned())
    }

    pub fn not_a_multiple(currency: &str, step: i64) -> Refusal {
        let message = format!("Invalid amount. Amounts in {currency} must be evenly divisible by {step}.");
        Refusal::invalid("invalid_charge_amount_no_decimal_compatible", Some("amount"), message)
    }

    pub fn amount_too_large(param: &str, message: String) -> Refusal {
        Refusal::invalid("amount_too_large", Some(param), message)
    }

    pub fn no_such(what: &str, param: &str, id: &str) -> Refusal {
        let refusal = Refusal::invalid("resource_missing", Some(param), format!("No such {what}: '{id}'"));
        // A resource named in the path is not found; one named in the body is an invalid parameter.
        Refusal { status: if param == "intent" { 404 } else { 400 }, ..refusal }
    }

    /// The state of the intent does not allow this; the error contains the intent.
    pub fn unexpected_state(payment: &Payment, action: &str) -> Refusal {
        let intent = intent_json(payment, false);
        let status = intent["status"].as_str().unwrap_or_default();
        let message =
            format!("This PaymentIntent could not be {action} because it has a status of {status}.");
        let mut refusal = Refusal::invalid("payment_intent_unexpected_state", None, message);
        refusal.error["payment_intent"] = intent;
        refusal
    }

    pub fn already_refunded() -> Refusal {
        let message = "The charge has already been refunded.".to_owned();
        Refusal::invalid("charge_already_refunded", None, message)
    }

    /// The bank's refusal; none when it approved.
    pub fn declined(payment: &Payment, verdict: Verdict) -> Option<Refusal> {
        let Verdict::Declined { code, decline_code, message } = verdict else { return None };
        let error = json!({
            "type": "card_error",
            "code": code,
            "decline_code": decline_code,
            "message": message,
            "payment_intent": intent_json(payment, false),
        });
        Some(Refusal { status: 402, error })
    }

    pub fn key_reused() -> Refusal {
        let message = "Keys for idempotent requests can only be used with the same parameters they were first used \
                       with. Try using a different key if you meant to execute a different request.";
        Refusal { status: 400, error: json!({"type": "idempotency_error", "message": message}) }
    }

    pub fn broken() -> Refusal {
        let message = "The ledger could not be read or written.";
        Refusal { status: 500, error: json!({"type": "api_error", "message": message}) }
    }
}

impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Reply {
        Reply { status: refusal.status, body: json!({"error": refusal.error}).to_string() }
    }
}

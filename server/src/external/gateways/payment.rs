use std::time::Duration;

use orders::{Money, OrderId, ProblemCode, Reason, Service};
use reqwest::StatusCode;

use super::{
    Authorisation, Failure, GatewayError, Intent, IntentState, Lookup, VoidOutcome,
    answer::{Answer, Effect},
    lookup::is_not_offered,
    service_client::ServiceClient,
    stripe::{ErrorAnswer, IntentAnswer, RefundAnswer, SearchAnswer, StripeError},
    stripe_amount::stripe_amount,
};

/// The payment service, with Stripe's PaymentIntents API and manual capture.
#[derive(Clone, Debug)]
pub struct PaymentGateway {
    service: ServiceClient,
}

impl PaymentGateway {
    /// `base_url` is without `/v1`; `timeout` limits one whole call.
    pub fn new(base_url: &str, key: &str, timeout: Duration) -> Result<PaymentGateway, GatewayError> {
        Ok(PaymentGateway { service: ServiceClient::new(Service::Payment, base_url, key, timeout)? })
    }

    /// Holds an amount. With the same key it is held once, whatever is retried.
    ///
    /// A key belongs to one token: another card needs another key, or the service refuses it.
    pub async fn authorise(
        &self,
        order: &OrderId,
        key: &str,
        amount: Money,
        token: &str,
    ) -> Result<Authorisation, Failure> {
        let form = [
            ("amount", units(amount)?.to_string()),
            ("currency", amount.currency.as_str().to_lowercase()),
            ("payment_method", token.to_owned()),
            ("payment_method_types[]", "card".to_owned()),
            ("capture_method", "manual".to_owned()),
            ("confirm", "true".to_owned()),
            // A bank that wants to authenticate the customer declines: the customer is not present.
            ("error_on_requires_action", "true".to_owned()),
            ("metadata[order_id]", order.to_string()),
            ("expand[]", "latest_charge".to_owned()),
        ];
        let answer = self.post("/v1/payment_intents", key, &form).await?;
        if answer.status.is_success() {
            return answer.read::<IntentAnswer>().map(Intent::from)?.authorisation();
        }
        let error = refusal(&answer)?;
        match answer.status {
            StatusCode::PAYMENT_REQUIRED => Err(error.declined()),
            // A token that the service does not know is corrected with another card.
            _ if error.param.as_deref() == Some("payment_method") => {
                Err(Failure::CustomerCanFix { code: ProblemCode::CardDeclined })
            }
            _ => Err(answer.unexpected()),
        }
    }

    /// Captures a held amount. Repeating it changes nothing.
    pub async fn capture(&self, intent_id: &str, key: &str) -> Result<(), Failure> {
        let answer = self.post(&format!("/v1/payment_intents/{intent_id}/capture"), key, &[]).await?;
        if answer.status.is_success() {
            return match answer.read::<IntentAnswer>().map(Intent::from)?.state {
                IntentState::Captured | IntentState::Refunded => Ok(()),
                IntentState::Held | IntentState::Voided | IntentState::Refused => Err(answer.inconclusive()),
            };
        }
        let error = refusal(&answer)?;
        if answer.status == StatusCode::PAYMENT_REQUIRED || error.code == "charge_expired_for_capture" {
            return Err(Failure::Permanent { reason: Reason::PaymentFailed });
        }
        match error.state() {
            Some(IntentState::Captured | IntentState::Refunded) => Ok(()),
            Some(IntentState::Voided) => Err(Failure::Permanent { reason: Reason::PaymentFailed }),
            Some(IntentState::Held | IntentState::Refused) | None => Err(answer.unexpected()),
        }
    }

    /// Releases a held amount. Repeating it changes nothing.
    pub async fn void(&self, intent_id: &str, key: &str) -> Result<VoidOutcome, Failure> {
        let answer = self.post(&format!("/v1/payment_intents/{intent_id}/cancel"), key, &[]).await?;
        if answer.status.is_success() {
            return match answer.read::<IntentAnswer>().map(Intent::from)?.state {
                IntentState::Voided | IntentState::Refused => Ok(VoidOutcome::Voided),
                IntentState::Held | IntentState::Captured | IntentState::Refunded => {
                    Err(answer.inconclusive())
                }
            };
        }
        match refusal(&answer)?.state() {
            Some(IntentState::Voided) => Ok(VoidOutcome::Voided),
            Some(IntentState::Captured | IntentState::Refunded) => Ok(VoidOutcome::AlreadyCaptured),
            Some(IntentState::Held | IntentState::Refused) | None => Err(answer.unexpected()),
        }
    }

    /// Refunds a captured amount. Repeating it changes nothing.
    pub async fn refund(&self, intent_id: &str, amount: Money, key: &str) -> Result<(), Failure> {
        let form = [("payment_intent", intent_id.to_owned()), ("amount", units(amount)?.to_string())];
        let answer = self.post("/v1/refunds", key, &form).await?;
        if answer.status.is_success() {
            return answer.read::<RefundAnswer>().map(drop);
        }
        if refusal(&answer)?.code == "charge_already_refunded" {
            return Ok(());
        }
        Err(answer.unexpected())
    }

    /// Returns a payment by the service's id.
    pub async fn retrieve(&self, intent_id: &str) -> Result<Intent, Failure> {
        let request = self.service.get(&format!("/v1/payment_intents/{intent_id}"));
        let answer = self.service.ask(request.query(&[("expand[]", "latest_charge")]), Effect::Read).await?;
        if answer.status.is_success() {
            return answer.read::<IntentAnswer>().map(Intent::from);
        }
        Err(answer.unexpected())
    }

    /// Finds the payment of an order by our order id. `NotFound` when nothing was held, even if it was requested.
    ///
    /// The real service finds a new payment only after some seconds, and has no search in some countries: repeating
    /// the call with the same key is what makes it safe.
    pub async fn find(&self, order: &OrderId) -> Result<Lookup<Intent>, Failure> {
        let query = [
            ("query", format!("metadata['order_id']:'{order}'")),
            ("limit", "100".to_owned()),
            ("expand[]", "data.latest_charge".to_owned()),
        ];
        let request = self.service.get("/v1/payment_intents/search").query(&query);
        let answer = self.service.ask(request, Effect::Read).await?;
        if is_not_offered(answer.status) {
            return Ok(Lookup::NotOffered);
        }
        if !answer.status.is_success() {
            return Err(answer.unexpected());
        }
        let mut found: Vec<Intent> =
            answer.read::<SearchAnswer>()?.data.into_iter().map(Intent::from).collect();
        found.retain(|intent| intent.state != IntentState::Refused);
        // A released hold matters only when there is nothing else; among equals the newest is first.
        found.sort_by_key(|intent| intent.state == IntentState::Voided);
        Ok(found.into_iter().next().into())
    }

    async fn post(&self, path: &str, key: &str, form: &[(&str, String)]) -> Result<Answer, Failure> {
        let answer = self.service.ask(self.service.post(path, key).form(form), Effect::Write).await?;
        if answer.status == StatusCode::CONFLICT {
            // An earlier call under this key, whose answer we did not wait for, is still running.
            let detail = "the same call is still under way".to_owned();
            return Err(Failure::UnknownOutcome { service: Service::Payment, detail });
        }
        Ok(answer)
    }
}

impl Intent {
    /// Returns the authorisation, unless the service suspects fraud or holds nothing.
    pub fn authorisation(self) -> Result<Authorisation, Failure> {
        match self.state {
            IntentState::Held | IntentState::Captured => {
                let held = Authorisation { intent_id: self.id, brand: self.brand, last4: self.last4 };
                if self.elevated_risk {
                    let detail = format!("{} has an elevated risk", held.intent_id);
                    return Err(Failure::Suspicious { detail, held: Box::new(held) });
                }
                Ok(held)
            }
            IntentState::Refunded | IntentState::Voided => {
                Err(Failure::Permanent { reason: Reason::PaymentFailed })
            }
            IntentState::Refused => Err(Failure::CustomerCanFix { code: ProblemCode::CardDeclined }),
        }
    }
}

/// Converts the amount to the service's units.
///
/// The catalogue accepts only prices whose totals can be charged, so an amount that cannot is from an older
/// catalogue. Rounding would charge another amount than was shown.
fn units(amount: Money) -> Result<i64, Failure> {
    stripe_amount(amount).ok_or_else(|| {
        tracing::error!(
            amount = amount.amount,
            currency = amount.currency.as_str(),
            "the payment service does not accept this many decimals: import the catalogue with rounder prices"
        );
        Failure::Permanent { reason: Reason::PaymentFailed }
    })
}

fn refusal(answer: &Answer) -> Result<StripeError, Failure> {
    // An error that is not Stripe's comes from something in between: nothing was done.
    answer.error::<ErrorAnswer>().map(|answer| answer.error).ok_or_else(|| answer.unexpected())
}

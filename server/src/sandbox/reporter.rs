use std::time::Duration;

use reqwest::{
    Client, Response, StatusCode,
    header::{CONTENT_TYPE, RETRY_AFTER},
};
use serde_json::json;

use super::rfc3339::rfc3339;
use crate::{
    identity::webhook_signature::{MalformedSecret, SigningKey},
    store::sandbox_ledger::Report,
};

/// The webhook client: its address and its signing key.
pub struct Reporter {
    client: Client,
    url: String,
    key: SigningKey,
}

#[derive(Debug, thiserror::Error)]
pub enum ReporterError {
    #[error("a notify address needs a secret to sign with")]
    SecretMissing,
    #[error(transparent)]
    Secret(#[from] MalformedSecret),
    #[error("its HTTP client cannot be created: {0}")]
    Client(#[from] reqwest::Error),
}

const TIMEOUT: Duration = Duration::from_secs(10);

impl Reporter {
    pub fn new(url: String, secret: Option<&str>) -> Result<Reporter, ReporterError> {
        let key = SigningKey::of(secret.ok_or(ReporterError::SecretMissing)?)?;
        // Only the first provider of a process is installed; any one works.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = Client::builder()
            .no_proxy()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Reporter { client, url, key })
    }

    /// Sends a report once. Returns `true` when it is settled: accepted, or refused in a way that no repetition
    /// changes.
    pub(super) async fn send(&self, report: &Report, now: i64) -> bool {
        let id = format!("msg_{}_{}", report.shipment_id, report.kind);
        let body = json!({
            "type": format!("shipment.{}", report.kind),
            "timestamp": rfc3339(report.happened_at),
            "data": {
                "shipment_id": report.shipment_id,
                "order_id": report.order_id,
                "tracking_number": report.tracking_number,
            },
        })
        .to_string();
        let seconds = now.div_euclid(1000);
        let sent = self
            .client
            .post(&self.url)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", &id)
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", self.key.sign(&id, seconds, body.as_bytes()))
            .body(body)
            .send()
            .await;
        match sent {
            Ok(answer) if answer.status().is_success() => true,
            Ok(answer) if is_final(&answer) => {
                tracing::warn!(
                    report.id = id,
                    status = answer.status().as_u16(),
                    "a carrier report was refused"
                );
                true
            }
            Ok(answer) => {
                tracing::warn!(
                    report.id = id,
                    status = answer.status().as_u16(),
                    "a carrier report will be sent again"
                );
                false
            }
            Err(error) => {
                tracing::warn!(report.id = id, %error, "a carrier report will be sent again");
                false
            }
        }
    }
}

/// Whether repeating the report cannot change the refusal. A `Retry-After` asks for a repetition.
fn is_final(answer: &Response) -> bool {
    const FINAL_STATUSES: [StatusCode; 4] =
        [StatusCode::NOT_FOUND, StatusCode::CONFLICT, StatusCode::GONE, StatusCode::UNPROCESSABLE_ENTITY];
    FINAL_STATUSES.contains(&answer.status()) && !answer.headers().contains_key(RETRY_AFTER)
}

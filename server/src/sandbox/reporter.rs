use std::time::Duration;

use reqwest::{
    Client, Response, StatusCode,
    header::{CONTENT_TYPE, RETRY_AFTER},
};
use serde_json::json;

use super::{Sandbox, carrier, carrier::later, ledger_routes::rfc3339};
use crate::{
    identity::webhook_signature::{MalformedSecret, SigningKey},
    store::sandbox_ledger::{LedgerError, Report},
};

/// Where a report goes, and what signs it.
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
    #[error("its HTTP client cannot be made: {0}")]
    Client(#[from] reqwest::Error),
}

const TIMEOUT: Duration = Duration::from_secs(10);
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_secs(60);
/// The reporter looks again at least this often, whatever it is told.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

impl Reporter {
    pub fn new(url: String, secret: Option<&str>) -> Result<Reporter, ReporterError> {
        let key = SigningKey::of(secret.ok_or(ReporterError::SecretMissing)?)?;
        // Only the first provider of a process counts; an earlier one serves as well.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = Client::builder()
            .no_proxy()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Reporter { client, url, key })
    }

    /// One try. True when the report is settled: taken, or refused in a way that no repetition changes.
    async fn send(&self, report: &Report, now: i64) -> bool {
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
                    "a carrier report is tried again"
                );
                false
            }
            Err(error) => {
                tracing::warn!(report.id = id, %error, "a carrier report is tried again");
                false
            }
        }
    }
}

/// Whether a refusal stays one however often the report is repeated. Who says when to come back expects it again.
fn is_final(answer: &Response) -> bool {
    const FINAL: [StatusCode; 4] =
        [StatusCode::NOT_FOUND, StatusCode::CONFLICT, StatusCode::GONE, StatusCode::UNPROCESSABLE_ENTITY];
    FINAL.contains(&answer.status()) && !answer.headers().contains_key(RETRY_AFTER)
}

/// Moves parcels and reports on them as their times come, for ever. Without a reporter nothing moves.
pub async fn run(sandbox: Sandbox) {
    let Some(reporter) = sandbox.reporter() else { return };
    loop {
        let wait = match tick(&sandbox, reporter).await {
            Ok(Some(due)) => {
                let millis = u64::try_from(due.saturating_sub(sandbox.now())).unwrap_or(0);
                LOOK_AGAIN.min(Duration::from_millis(millis))
            }
            Ok(None) => LOOK_AGAIN,
            Err(error) => {
                tracing::error!(%error, "the carrier could not use its ledger");
                FIRST_RETRY
            }
        };
        // Told or not, it looks again.
        drop(tokio::time::timeout(wait, sandbox.booked().notified()).await);
    }
}

/// Does what is due now, and says when to look again, in Unix milliseconds.
pub async fn tick(sandbox: &Sandbox, reporter: &Reporter) -> Result<Option<i64>, LedgerError> {
    let ledger = sandbox.ledger();
    let (pickup, delivery) = (sandbox.pickup(), sandbox.delivery());
    ledger.move_parcels(sandbox.now(), move |shipment| carrier::advance(shipment, pickup, delivery)).await?;
    for report in ledger.due_reports(sandbox.now()).await? {
        let settled = reporter.send(&report, sandbox.now()).await;
        let again = if settled { None } else { later(sandbox.now(), Some(wait_after(report.attempts))) };
        ledger.settle_report(report.seq, again).await?;
    }
    ledger.next_due().await
}

/// How long to wait after this many earlier tries.
fn wait_after(attempts: u32) -> Duration {
    FIRST_RETRY.saturating_mul(2u32.saturating_pow(attempts)).min(LAST_RETRY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_carrier_tries_again_ever_later_but_never_gives_up() {
        let waits: Vec<u64> = [0, 1, 2, 5, 6, 100].map(|attempts| wait_after(attempts).as_secs()).into();
        assert_eq!(waits, [1, 2, 4, 32, 60, 60]);
    }
}

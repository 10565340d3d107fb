//! Moves shipments as their times come, and reports each movement until the report is settled.

use std::time::Duration;

use super::reporter::Reporter;
use super::{Sandbox, carrier, carrier::later};
use crate::store::sandbox_ledger::LedgerError;

const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_secs(60);
/// The loop wakes at least this often.
const MAX_WAIT: Duration = Duration::from_secs(60);

/// Runs for ever. Without a reporter nothing moves.
pub async fn run(sandbox: Sandbox) {
    let Some(reporter) = sandbox.reporter() else { return };
    loop {
        let wait = match tick(&sandbox, reporter).await {
            Ok(Some(due)) => {
                let millis = u64::try_from(due.saturating_sub(sandbox.now())).unwrap_or(0);
                MAX_WAIT.min(Duration::from_millis(millis))
            }
            Ok(None) => MAX_WAIT,
            Err(error) => {
                tracing::error!(%error, "the carrier could not use its ledger");
                FIRST_RETRY
            }
        };
        // A notification only shortens the wait.
        drop(tokio::time::timeout(wait, sandbox.booked().notified()).await);
    }
}

/// Does what is due now, and returns the next due time in Unix milliseconds.
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

/// Returns the wait after this many earlier attempts.
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

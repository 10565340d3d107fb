use rusqlite::params;

use super::{LedgerError, SandboxLedger, Shipment, ShipmentStatus, shipments};

/// A report of the carrier to the shop. Times are in Unix milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub seq: i64,
    pub shipment_id: String,
    pub order_id: String,
    pub tracking_number: String,
    /// `picked_up` or `delivered`
    pub kind: String,
    pub happened_at: i64,
    /// Attempts so far.
    pub attempts: u32,
}

impl SandboxLedger {
    /// Moves every shipment whose time has come, as `advance` says, and writes a report of each movement. Returns how
    /// many.
    pub async fn move_parcels(
        &self,
        now: i64,
        advance: impl Fn(&mut Shipment) + Send + 'static,
    ) -> Result<usize, LedgerError> {
        self.run(move |db| {
            let due = shipments::due(db, now)?;
            let moved = due.len();
            for mut shipment in due {
                let happened_at = shipment.moves_at.unwrap_or(now);
                advance(&mut shipment);
                shipments::update(db, &shipment)?;
                if matches!(shipment.status, ShipmentStatus::PickedUp | ShipmentStatus::Delivered) {
                    db.prepare_cached(
                        "INSERT INTO reports (shipment_id, kind, happened_at, next_attempt_at) VALUES (?, ?, ?, ?)",
                    )?
                    .execute(params![shipment.id, shipment.status, happened_at, now])?;
                }
            }
            Ok(moved)
        })
        .await
    }

    /// Returns the reports whose next attempt is due, oldest first.
    pub async fn due_reports(&self, now: i64) -> Result<Vec<Report>, LedgerError> {
        self.run(move |db| {
            db.prepare_cached(
                "SELECT reports.seq, shipment_id, order_id, tracking_number, kind, happened_at, attempts \
                 FROM reports JOIN shipments ON shipments.id = shipment_id \
                 WHERE next_attempt_at <= ? ORDER BY reports.seq LIMIT 100",
            )?
            .query_map([now], |row| {
                Ok(Report {
                    seq: row.get(0)?,
                    shipment_id: row.get(1)?,
                    order_id: row.get(2)?,
                    tracking_number: row.get(3)?,
                    kind: row.get(4)?,
                    happened_at: row.get(5)?,
                    attempts: row.get(6)?,
                })
            })?
            .collect()
        })
        .await
    }

    /// Counts an attempt; with `next_attempt_at` none the report is settled.
    pub async fn settle_report(&self, seq: i64, next_attempt_at: Option<i64>) -> Result<(), LedgerError> {
        self.run(move |db| {
            db.prepare_cached(
                "UPDATE reports SET attempts = attempts + 1, next_attempt_at = ? WHERE seq = ?",
            )?
            .execute(params![next_attempt_at, seq])?;
            Ok(())
        })
        .await
    }

    /// Returns when the carrier has something to do next: a shipment to move or a report to send.
    pub async fn next_due(&self) -> Result<Option<i64>, LedgerError> {
        self.run(|db| {
            db.prepare_cached(
                "SELECT min(at) FROM (SELECT min(moves_at) AS at FROM shipments WHERE moves_at IS NOT NULL \
                 UNION ALL SELECT min(next_attempt_at) FROM reports WHERE next_attempt_at IS NOT NULL)",
            )?
            .query_row([], |row| row.get(0))
        })
        .await
    }
}

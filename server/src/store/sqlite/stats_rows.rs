//! The counters of the desk in their tables.

use rusqlite::{CachedStatement, Connection, params, params_from_iter};

use crate::store::order_stats::{KEPT_SPANS, OrderStats};

/// Adds the changes of a transaction to the stored counters.
pub(super) fn write(stats: &OrderStats, connection: &Connection) -> rusqlite::Result<()> {
    if stats.states.iter().any(|change| *change != 0) {
        connection
            .prepare_cached(
                "UPDATE order_counts SET received = received + ?1, processing = processing + ?2, \
                 action_required = action_required + ?3, in_review = in_review + ?4, confirmed = confirmed + ?5, \
                 shipped = shipped + ?6, delivered = delivered + ?7, cancelling = cancelling + ?8, \
                 cancelled = cancelled + ?9",
            )?
            .execute(params_from_iter(stats.states))?;
    }
    for (span, [accepted, confirmed, finished]) in &stats.spans {
        let values = params![span, accepted, confirmed, finished];
        let mut add: CachedStatement<'_> = connection.prepare_cached(
            "UPDATE order_tallies SET accepted = accepted + ?2, confirmed = confirmed + ?3, \
             finished = finished + ?4 WHERE span = ?1",
        )?;
        if add.execute(values)? == 0 {
            connection
                .prepare_cached(
                    "INSERT INTO order_tallies (span, accepted, confirmed, finished) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(values)?;
            connection
                .prepare_cached("DELETE FROM order_tallies WHERE span < ?1")?
                .execute([span - KEPT_SPANS])?;
        }
    }
    Ok(())
}

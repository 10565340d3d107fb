//! Events of the carrier: each is applied once, with its change of the order.

use orders::Timestamp;
use orders::carrier_event::CarrierReport;
use queue::NewJob;

use super::change::{Changed, write_guarded};
use crate::store::change::Change;
use crate::store::transaction::{Transaction, Written};

/// The result of applying an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reported {
    /// It is applied, with its change of the order, if any.
    Taken,
    /// It was applied before.
    Known,
    /// Nothing was written: the order has changed since the event was evaluated.
    Moved,
}

/// Applies an event once, with its change of the order.
pub fn take_report(
    transaction: &mut dyn Transaction,
    id: &str,
    report: &CarrierReport,
    change: Option<&(Change, Option<NewJob>)>,
    now: Timestamp,
) -> Written<Reported> {
    if transaction.is_report_known(id)? {
        return Ok(Reported::Known);
    }
    if let Some((change, job)) = change
        && write_guarded(transaction, change, job.as_ref())? != Changed::Done
    {
        return Ok(Reported::Moved);
    }
    transaction.keep_report(id, report, now)?;
    Ok(Reported::Taken)
}

//! What the other modules ask of the store, grouped by what they do with it.

mod carrier_reports;
mod catalogue;
mod commands;
mod desk;
mod health;
mod installation;
mod jobs;
mod keys;
mod log;
mod orders;
mod search;

pub use carrier_reports::CarrierReports;
pub use catalogue::Catalogue;
pub use commands::Commands;
pub use desk::{Audit, AuditFilter, DeskReads};
pub use health::{Backlog, Health, Space};
pub use installation::{Installation, KeptSecrets, Recognised};
pub use jobs::Jobs;
pub use keys::{ApiKey, KeyRing, KeyScope};
pub use log::{EventLog, Snapshot, Topic};
pub use orders::{OrderFilter, OrderReads};
pub use search::{Found, OrderReport, OrderSearch, Wanted};

/// Everything that is asked of the store, except what workers do with their jobs ([`queue::Store`]).
pub trait Store:
    Commands
    + OrderReads
    + OrderSearch
    + OrderReport
    + EventLog
    + DeskReads
    + Audit
    + Jobs
    + Catalogue
    + CarrierReports
    + KeyRing
    + Installation
    + Health
{
}

impl<S> Store for S where
    S: Commands
        + OrderReads
        + OrderSearch
        + OrderReport
        + EventLog
        + DeskReads
        + Audit
        + Jobs
        + Catalogue
        + CarrierReports
        + KeyRing
        + Installation
        + Health
{
}

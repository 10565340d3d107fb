//! What operators see.

use async_trait::async_trait;
use orders::desk::{AuditRecord, OrderCounts, Throughput};
use orders::{Service, Timestamp};

use crate::store::ReadError;

/// Which entries to list, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only entries with this subject.
    pub subject: Option<String>,
    /// Only entries before this one: the last one of the previous page.
    pub before: Option<i64>,
    /// The page size.
    pub limit: u32,
}

/// The numbers of the desk. Each method fails when the store cannot be read.
#[async_trait]
pub trait DeskReads: Send + Sync + 'static {
    /// Returns how many orders are in each state.
    async fn order_counts(&self) -> Result<OrderCounts, ReadError>;

    /// Returns how many orders were accepted, confirmed and finished since a time, to a few seconds.
    async fn throughput_since(&self, moment: Timestamp) -> Result<Throughput, ReadError>;

    /// Returns how many orders are cancelled while undoing a step is delayed.
    async fn undo_delayed(&self) -> Result<u64, ReadError>;

    /// Returns how many orders wait for each service that refuses our calls; services without any are left out.
    async fn refused_orders(&self) -> Result<Vec<(Service, u64)>, ReadError>;

    /// Returns how many open orders have a customer who does not receive our mails.
    async fn mail_refused(&self) -> Result<u64, ReadError>;
}

/// The audit of operators' actions. The method fails when the store cannot be read.
#[async_trait]
pub trait Audit: Send + Sync + 'static {
    /// Returns audit entries, newest first.
    async fn entries(&self, filter: AuditFilter) -> Result<Vec<AuditRecord>, ReadError>;
}

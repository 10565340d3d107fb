//! The desk's port and the shapes of its answers: what operators see and do.

mod audit;
mod job;
mod overview;
mod service;

pub use audit::{Act, AuditEntry, AuditPage, AuditQuery, AuditRecord, Operator, Outcome};
pub use job::{JobOrder, JobPage, JobQuery, JobState, JobView};
pub use overview::{
    BreakerState, BreakerView, NeedsPerson, OldestWaiting, OrderCounts, Overview, QueuePage, QueueView,
    ServiceRefusal, ServiceView, Throughput,
};
pub use service::{CancelOrder, DeskOrderQuery, DeskService};

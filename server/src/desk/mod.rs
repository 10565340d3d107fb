//! The operator's port, as [`accept`](crate::accept) is the shopper's: looking at the whole desk, and steering it.

mod jobs;
mod orders;
mod overview;
mod paging;
mod queues;
mod service;

use std::sync::Arc;

use ::orders::desk::{Act, AuditEntry, Operator, Outcome, ServiceRefusal};
use ::orders::{CommandContext, Service, Timestamp};
use queue::{BreakerView, Clock};

use crate::store::order_job::in_order_time;
use crate::store::sqlite::SqliteStore;

/// How a service is treated at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceStatus {
    /// So many jobs of it are done side by side.
    pub concurrency: usize,
    /// Its breaker; none for a service within the house.
    pub breaker: Option<BreakerStatus>,
}

/// Whether a service is asked at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakerStatus {
    /// Its breaker.
    pub view: BreakerView,
    /// How it refuses our calls, while it does.
    pub refusal: Option<ServiceRefusal>,
}

/// What the operator's side needs.
pub struct Desk {
    store: Arc<SqliteStore>,
    clock: Arc<dyn Clock>,
    public_url: String,
    services: Box<dyn Fn(Service, queue::Timestamp) -> ServiceStatus + Send + Sync>,
}

impl Desk {
    /// A desk over a store. `public_url` is the public base address, without a trailing slash; `services` tells how a
    /// service is treated.
    pub fn new(
        store: Arc<SqliteStore>,
        clock: Arc<dyn Clock>,
        public_url: String,
        services: impl Fn(Service, queue::Timestamp) -> ServiceStatus + Send + Sync + 'static,
    ) -> Self {
        Self { store, clock, public_url, services: Box::new(services) }
    }

    fn now(&self) -> Timestamp {
        in_order_time(self.clock.now())
    }

    fn moment(&self) -> CommandContext<'_> {
        CommandContext { at: self.now(), public_url: &self.public_url }
    }

    fn service(&self, service: Service) -> ServiceStatus {
        (self.services)(service, self.clock.now())
    }

    /// An act that is done, for the audit.
    fn entry(&self, who: &Operator, act: Act, subject: impl Into<String>) -> AuditEntry {
        AuditEntry {
            at: self.now(),
            who: who.clone(),
            act,
            subject: subject.into(),
            outcome: Outcome::Done,
            detail: None,
        }
    }
}

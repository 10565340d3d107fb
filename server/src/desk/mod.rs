//! The implementation of the operators' port ([`DeskService`](::orders::desk::DeskService)), as
//! [`accept`](crate::accept) is that of the shoppers' port.

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

use crate::store::Store;
use crate::store::order_job::to_order_time;

/// The limits and the breaker of a service at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceStatus {
    /// How many of its jobs run at the same time.
    pub concurrency: usize,
    /// Its breaker; none for our own stock table.
    pub breaker: Option<BreakerStatus>,
}

/// Whether a service is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakerStatus {
    /// Its breaker.
    pub view: BreakerView,
    /// How it refuses our calls, while it does.
    pub refusal: Option<ServiceRefusal>,
}

/// The state of the operators' port.
pub struct Desk {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    public_url: String,
    services: Box<dyn Fn(Service, queue::Timestamp) -> ServiceStatus + Send + Sync>,
}

impl Desk {
    /// Returns a desk over a store. `public_url` is the public base address, without a trailing slash; `services`
    /// returns the status of a service.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        public_url: String,
        services: impl Fn(Service, queue::Timestamp) -> ServiceStatus + Send + Sync + 'static,
    ) -> Self {
        Self { store, clock, public_url, services: Box::new(services) }
    }

    fn now(&self) -> Timestamp {
        to_order_time(self.clock.now())
    }

    fn moment(&self) -> CommandContext<'_> {
        CommandContext { at: self.now(), public_url: &self.public_url }
    }

    fn service(&self, service: Service) -> ServiceStatus {
        (self.services)(service, self.clock.now())
    }

    /// Returns an audit entry of a successful action.
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

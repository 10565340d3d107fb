//! The port itself: what operators ask for, and which file answers.

use std::sync::Arc;

use ::orders::desk::{
    Act, AuditEntry, AuditPage, AuditQuery, CancelOrder, DeskOrderQuery, DeskService, JobPage, JobQuery,
    JobView, Operator, Outcome, Overview, QueuePage, QueueView, ServiceRefusal,
};
use ::orders::{CommandContext, Order, OrderId, OrderPage, Problem, ProblemCode, Service, Timestamp};
use async_trait::async_trait;
use queue::{BreakerView, Clock};

use super::{jobs, orders, overview, queues};
use crate::store::order_job::in_order_time;
use crate::store::problems::unreadable;
use crate::store::sqlite::{AuditFilter, SqliteStore};

/// The longest page of a list.
const LONGEST_PAGE: u32 = 100;
/// The page of a list without a word.
const USUAL_PAGE: u32 = 50;

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
    pub(super) store: Arc<SqliteStore>,
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

    pub(super) fn now(&self) -> Timestamp {
        in_order_time(self.clock.now())
    }

    pub(super) fn moment(&self) -> CommandContext<'_> {
        CommandContext { at: self.now(), public_url: &self.public_url }
    }

    pub(super) fn service(&self, service: Service) -> ServiceStatus {
        (self.services)(service, self.clock.now())
    }

    /// An act that is done, for the audit.
    pub(super) fn entry(&self, who: &Operator, act: Act, subject: impl Into<String>) -> AuditEntry {
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

/// How many things a page holds.
pub(super) fn page_size(asked: Option<u32>) -> u32 {
    asked.unwrap_or(USUAL_PAGE).clamp(1, LONGEST_PAGE)
}

/// Where the page before ended.
pub(super) fn page_token<T: std::str::FromStr>(token: Option<&str>) -> Result<Option<T>, Problem> {
    token.map(str::parse).transpose().map_err(|_| {
        Problem::new(ProblemCode::MalformedQuery).detail("page_token is not one that a page ended with.")
    })
}

#[async_trait]
impl DeskService for Desk {
    async fn overview(&self) -> Result<Overview, Problem> {
        overview::overview(self).await
    }

    async fn queues(&self) -> Result<QueuePage, Problem> {
        Ok(QueuePage { queues: queues::list(self).await?, next_page_token: None })
    }

    async fn pause_queue(&self, who: &Operator, name: &str) -> Result<QueueView, Problem> {
        queues::set_paused(self, who, name, true).await
    }

    async fn resume_queue(&self, who: &Operator, name: &str) -> Result<QueueView, Problem> {
        queues::set_paused(self, who, name, false).await
    }

    async fn jobs(&self, query: &JobQuery) -> Result<JobPage, Problem> {
        jobs::list(self, query).await
    }

    async fn job(&self, id: i64) -> Result<JobView, Problem> {
        jobs::one(self, id).await
    }

    async fn retry_job(&self, who: &Operator, id: i64) -> Result<JobView, Problem> {
        jobs::retry(self, who, id).await
    }

    async fn discard_job(&self, who: &Operator, id: i64) -> Result<JobView, Problem> {
        jobs::discard(self, who, id).await
    }

    async fn orders(&self, query: &DeskOrderQuery) -> Result<OrderPage, Problem> {
        orders::search(self, query).await
    }

    async fn approve(&self, who: &Operator, id: OrderId) -> Result<Order, Problem> {
        orders::approve(self, who, id).await
    }

    async fn cancel(&self, who: &Operator, id: OrderId, how: CancelOrder) -> Result<Order, Problem> {
        orders::cancel(self, who, id, how).await
    }

    async fn hand_over(&self, who: &Operator, id: OrderId) -> Result<Order, Problem> {
        orders::hand_over(self, who, id).await
    }

    async fn deliver(&self, who: &Operator, id: OrderId) -> Result<Order, Problem> {
        orders::deliver(self, who, id).await
    }

    async fn replace_link(&self, who: &Operator, id: OrderId) -> Result<Order, Problem> {
        orders::replace_link(self, who, id).await
    }

    async fn audit(&self, query: &AuditQuery) -> Result<AuditPage, Problem> {
        let limit = page_size(query.page_size);
        let filter = AuditFilter {
            subject: query.subject.clone(),
            before: page_token(query.page_token.as_deref())?,
            // One more tells whether there is a next page.
            limit: limit + 1,
        };
        let mut audit = self.store.entries(filter).await.map_err(unreadable)?;
        let more = audit.len() > limit as usize;
        audit.truncate(limit as usize);
        let next_page_token = audit.last().filter(|_| more).map(|last| last.id.to_string());
        Ok(AuditPage { audit, next_page_token })
    }
}

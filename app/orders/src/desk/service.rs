//! The operators' port.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{AuditPage, AuditQuery, JobPage, JobQuery, JobView, Operator, Overview, QueuePage, QueueView};
use crate::{Order, OrderId, OrderPage, Problem, Reason, Service, State};

/// Which orders to list, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeskOrderQuery {
    /// A number, an id, an e-mail address, or a part of the customer's name. The first three are looked up in an
    /// index. A name is searched in five thousand orders a page, so a page may be empty and still have a next one.
    pub query: Option<String>,
    /// Only orders in this state.
    pub state: Option<State>,
    /// Only orders that wait because this service refuses our calls; not together with `query` or `mail_refused`.
    pub refused_by: Option<Service>,
    /// Only open orders whose customer does not receive our mails; not together with `query`.
    pub mail_refused: Option<bool>,
    /// The page size: 50 by default, at most 100.
    pub page_size: Option<u32>,
    /// The `next_page_token` of the previous page.
    pub page_token: Option<String>,
}

/// How an operator cancels an order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CancelOrder {
    /// `operator` or `suspected_fraud`. By default `suspected_fraud` for an order that is in review for that reason,
    /// else `operator`.
    pub reason: Option<Reason>,
}

/// What an operator, or a program on their behalf, can do. Each action is written to the audit in the transaction
/// that performs it; reads are not.
#[async_trait]
pub trait DeskService: Send + Sync + 'static {
    /// Returns the overview.
    async fn overview(&self) -> Result<Overview, Problem>;

    /// Returns the queues.
    async fn queues(&self) -> Result<QueuePage, Problem>;

    /// Pauses a queue: workers claim none of its jobs, and running jobs finish. `not-found` for an unknown queue.
    async fn pause_queue(&self, who: &Operator, name: &str) -> Result<QueueView, Problem>;

    /// Resumes a queue.
    async fn resume_queue(&self, who: &Operator, name: &str) -> Result<QueueView, Problem>;

    /// Lists jobs, newest first.
    async fn jobs(&self, query: &JobQuery) -> Result<JobPage, Problem>;

    /// Returns one job.
    async fn job(&self, id: i64) -> Result<JobView, Problem>;

    /// Retries a quarantined job and resumes its order; `wrong-state` for any other job.
    async fn retry_job(&self, who: &Operator, id: i64) -> Result<JobView, Problem>;

    /// Discards a quarantined or waiting job; `wrong-state` when it is running or has ended, or when its order could
    /// not end without it.
    async fn discard_job(&self, who: &Operator, id: i64) -> Result<JobView, Problem>;

    /// Lists all orders, newest first.
    async fn orders(&self, query: &DeskOrderQuery) -> Result<OrderPage, Problem>;

    /// Approves an order that is in review; `wrong-state` otherwise.
    async fn approve(&self, who: &Operator, id: OrderId) -> Result<Order, Problem>;

    /// Cancels an order; `order-not-cancellable` once the carrier has it.
    async fn cancel(&self, who: &Operator, id: OrderId, how: CancelOrder) -> Result<Order, Problem>;

    /// Records that the carrier has the parcel.
    async fn hand_over(&self, who: &Operator, id: OrderId) -> Result<Order, Problem>;

    /// Records that the parcel was delivered.
    async fn deliver(&self, who: &Operator, id: OrderId) -> Result<Order, Problem>;

    /// Replaces the private link of an order; the previous link stops working at once.
    async fn replace_link(&self, who: &Operator, id: OrderId) -> Result<Order, Problem>;

    /// Lists the audit, newest first.
    async fn audit(&self, query: &AuditQuery) -> Result<AuditPage, Problem>;
}

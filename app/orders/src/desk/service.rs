//! The port of the operator's side.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{AuditPage, AuditQuery, JobPage, JobQuery, JobView, Operator, Overview, QueuePage, QueueView};
use crate::{Order, OrderId, OrderPage, Problem, Reason, Service, State};

/// Which orders of all to list, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeskOrderQuery {
    /// A number, an id, an e-mail address, or a part of the customer's name. The first three are found however many orders
    /// there are; a page looks for a name in five thousand orders and says where the next page goes on, so it may be
    /// empty and still not be the last.
    pub query: Option<String>,
    /// Only orders in this state.
    pub state: Option<State>,
    /// Only orders that wait because this service refuses our calls; not together with `query` or `mail_refused`.
    pub refused_by: Option<Service>,
    /// Only open orders whose customer does not get our mails; not together with `query`.
    pub mail_refused: Option<bool>,
    /// How many at once; 50 without a word, at most 100.
    pub page_size: Option<u32>,
    /// Where the page before ended.
    pub page_token: Option<String>,
}

/// How an operator ends an order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CancelOrder {
    /// `operator` or `suspected_fraud`. Without a word it is `suspected_fraud` for an order that is in review because of
    /// that, else `operator`.
    pub reason: Option<Reason>,
}

/// What an operator, or a program in their place, can do. Each act is written down with who did it, in the transaction
/// that does it; looking is not.
#[async_trait]
pub trait DeskService: Send + Sync + 'static {
    /// The whole desk at a glance.
    async fn overview(&self) -> Result<Overview, Problem>;

    /// The queues.
    async fn queues(&self) -> Result<QueuePage, Problem>;

    /// Hands out no more work of a queue; what is being done is finished. `not-found` for an unknown one.
    async fn pause_queue(&self, who: &Operator, name: &str) -> Result<QueueView, Problem>;

    /// Hands out its work again.
    async fn resume_queue(&self, who: &Operator, name: &str) -> Result<QueueView, Problem>;

    /// Jobs, newest first.
    async fn jobs(&self, query: &JobQuery) -> Result<JobPage, Problem>;

    /// One job.
    async fn job(&self, id: i64) -> Result<JobView, Problem>;

    /// Gives a quarantined job another chance, and puts its order back to work; `wrong-state` for any other job.
    async fn retry_job(&self, who: &Operator, id: i64) -> Result<JobView, Problem>;

    /// Drops a job that is quarantined or waits; `wrong-state` when it runs or has ended, or when an order would never end
    /// without it.
    async fn discard_job(&self, who: &Operator, id: i64) -> Result<JobView, Problem>;

    /// All orders, newest first.
    async fn orders(&self, query: &DeskOrderQuery) -> Result<OrderPage, Problem>;

    /// Lets an order that is in review go on; `wrong-state` otherwise.
    async fn approve(&self, who: &Operator, id: OrderId) -> Result<Order, Problem>;

    /// Ends an order; `order-not-cancellable` once the carrier has it.
    async fn cancel(&self, who: &Operator, id: OrderId, how: CancelOrder) -> Result<Order, Problem>;

    /// Notes that the carrier has the parcel.
    async fn hand_over(&self, who: &Operator, id: OrderId) -> Result<Order, Problem>;

    /// Notes that the parcel has arrived.
    async fn deliver(&self, who: &Operator, id: OrderId) -> Result<Order, Problem>;

    /// Gives an order another private link; the one before is dead at once.
    async fn replace_link(&self, who: &Operator, id: OrderId) -> Result<Order, Problem>;

    /// What operators did, newest first.
    async fn audit(&self, query: &AuditQuery) -> Result<AuditPage, Problem>;
}

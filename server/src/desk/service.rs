//! [`DeskService`] for [`Desk`]: which file answers which call.

use ::orders::desk::{
    AuditPage, AuditQuery, CancelOrder, DeskOrderQuery, DeskService, JobPage, JobQuery, JobView, Operator,
    Overview, QueuePage, QueueView,
};
use ::orders::{Order, OrderId, OrderPage, Problem};
use async_trait::async_trait;

use super::paging::{page_size, page_token};
use super::{Desk, jobs, orders, overview, queues};
use crate::store::AuditFilter;
use crate::store::problems::unreadable;

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
            // One more entry tells whether there is a next page.
            limit: limit + 1,
        };
        let mut audit = self.store.entries(filter).await.map_err(unreadable)?;
        let more = audit.len() > limit as usize;
        audit.truncate(limit as usize);
        let next_page_token = audit.last().filter(|_| more).map(|last| last.id.to_string());
        Ok(AuditPage { audit, next_page_token })
    }
}

//! Reading jobs and queues.

use async_trait::async_trait;
use queue::{Job, JobFilter, JobId, QueueName, QueueStatus, StoreError, Timestamp};

/// The parts of [`queue::Store`] that are used apart from workers, as a trait that can be a trait object.
#[async_trait]
pub trait Jobs: Send + Sync + 'static {
    /// Returns a job.
    async fn job(&self, id: JobId) -> Result<Option<Job>, StoreError>;

    /// Returns jobs, newest first.
    async fn list_jobs(&self, filter: JobFilter) -> Result<Vec<Job>, StoreError>;

    /// Returns every queue with its live and quarantined jobs.
    async fn queues(&self, now: Timestamp) -> Result<Vec<QueueStatus>, StoreError>;

    /// Makes the scheduled jobs of a queue due now.
    async fn bring_all_forward(&self, queue: &QueueName, now: Timestamp) -> Result<(), StoreError>;
}

#[async_trait]
impl<S: queue::Store> Jobs for S {
    async fn job(&self, id: JobId) -> Result<Option<Job>, StoreError> {
        self.get(id).await
    }

    async fn list_jobs(&self, filter: JobFilter) -> Result<Vec<Job>, StoreError> {
        self.list(filter).await
    }

    async fn queues(&self, now: Timestamp) -> Result<Vec<QueueStatus>, StoreError> {
        queue::Store::queues(self, now).await
    }

    async fn bring_all_forward(&self, queue: &QueueName, now: Timestamp) -> Result<(), StoreError> {
        queue::Store::bring_all_forward(self, queue, now).await
    }
}

//! Writes the metrics as text.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use prometheus_client::encoding::{prometheus_text, text};
use prometheus_client::registry::Registry;
use tokio::task::{JoinError, spawn_blocking};

use super::sample::Sample;
use super::{Metrics, PREFIX, process};

/// The size of the text is about this, so that it grows at most once.
const CAPACITY: usize = 64 * 1024;

/// Reads the state of the process.
#[async_trait]
pub trait Sampler: Send + Sync + 'static {
    /// Returns the state as it is.
    async fn sample(&self) -> Sample;
}

/// Writes what was counted and what a sampler reads.
#[derive(Clone)]
pub struct Exporter {
    metrics: Arc<Metrics>,
    sampler: Arc<dyn Sampler>,
}

/// The text formats. Both have the same series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Prometheus' own, version 0.0.4.
    Prometheus,
    /// OpenMetrics 1.0.
    OpenMetrics,
}

/// The metrics cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A metric cannot be encoded.
    #[error("a metric cannot be encoded: {0}")]
    Encoding(#[from] fmt::Error),
    /// The task that encodes them broke off.
    #[error("the metrics were not encoded: {0}")]
    Task(#[from] JoinError),
}

impl Exporter {
    /// Returns an exporter of these metrics and readings.
    pub fn new(metrics: Arc<Metrics>, sampler: impl Sampler) -> Self {
        Self { metrics, sampler: Arc::new(sampler) }
    }

    /// Returns all metrics as they are now.
    ///
    /// # Errors
    /// When they cannot be encoded.
    pub async fn export(&self, format: Format) -> Result<String, ExportError> {
        let (metrics, sample) = (self.metrics.clone(), self.sampler.sample().await);
        // Counting thousands of open files takes milliseconds.
        Ok(spawn_blocking(move || metrics.encode(&sample, format)).await??)
    }
}

impl Metrics {
    pub(super) fn encode(&self, sample: &Sample, format: Format) -> Result<String, fmt::Error> {
        // Readings have a registry of their own, so that none outlives its sample.
        let mut readings = Registry::default();
        sample.register(readings.sub_registry_with_prefix(PREFIX));
        process::register(&mut readings);
        let mut written = String::with_capacity(CAPACITY);
        match format {
            Format::Prometheus => {
                prometheus_text::encode(&mut written, &self.registry)?;
                prometheus_text::encode(&mut written, &readings)?;
            }
            Format::OpenMetrics => {
                text::encode_registry(&mut written, &self.registry)?;
                text::encode(&mut written, &readings)?;
            }
        }
        Ok(written)
    }
}

impl Format {
    /// Returns the format for an `Accept` header: OpenMetrics for a client that names it.
    pub fn for_accept(accept: &str) -> Self {
        if accept.contains("application/openmetrics-text") { Self::OpenMetrics } else { Self::Prometheus }
    }

    /// Returns the `Content-Type`.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Prometheus => prometheus_text::CONTENT_TYPE,
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

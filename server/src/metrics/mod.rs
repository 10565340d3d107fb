//! The metrics of the process, in the text formats of Prometheus: `GET /metrics` on the internal listener.
//!
//! Events are counted where they happen, by [`Metrics`]: every label set but that of a request exists from the start,
//! so an observation is an atomic addition, or a lock that is held for nanoseconds. State that exists anyway, such as
//! the depth of a queue, is read by a [`Sampler`] when the [`Exporter`] is asked, and costs nothing in between; it
//! reads kept counters and small indexes, never the history. A reading that fails is left out.
//!
//! Names and units follow Prometheus: base units, `_total` for counters. Requests are named as in OpenTelemetry's
//! semantic conventions. All label values come from a closed list: routes are patterns, and there are no ids.
//!
//! | metric | type | labels | meaning |
//! |---|---|---|---|
//! | `http_server_request_duration_seconds` | histogram | `http_request_method`, `http_route`, `http_response_status_code` | time until the head of the answer is ready. A long poll takes as long as it waits |
//! | `docket_orders_accepted_total` | counter | | committed orders |
//! | `docket_orders_confirmed_total` | counter | | orders that became confirmed; one whose parcel came back and goes out again counts again |
//! | `docket_orders_delivered_total` | counter | | orders that became delivered |
//! | `docket_orders_cancelled_total` | counter | | orders that became cancelled, with everything undone |
//! | `docket_orders_refused_total` | counter | `code` | submissions refused with this problem, from programs and from the checkout page |
//! | `docket_orders` | gauge | `state` | stored orders in each state |
//! | `docket_order_confirmation_duration_seconds` | histogram | | time from acceptance to confirmation |
//! | `docket_step_results_total` | counter | `step`, `action`, `outcome` | results of attempts at a step (`action` is `run`) or at its undo, written to the order |
//! | `docket_step_duration_seconds` | histogram | `step`, `action` | duration of an attempt: the calls of the service, without waiting and writing |
//! | `docket_queue_jobs` | gauge | `queue`, `state` | jobs that are `due`, `scheduled`, `running` or `quarantined` |
//! | `docket_queue_oldest_due_age_seconds` | gauge | `queue` | how long the oldest due job has waited; 0 when none is due |
//! | `docket_queue_paused` | gauge | `queue` | 1 while an operator has paused the queue |
//! | `docket_queue_attempts_total` | counter | `queue`, `outcome` | ended attempts at jobs; `lease_lost` means that another worker may have the job |
//! | `docket_queue_jobs_rescued_total` | counter | | jobs taken back from a worker that stopped renewing its lease, or from the process before |
//! | `docket_breaker_state` | gauge | `service`, `state` | 1 for the state that the circuit breaker is in |
//! | `docket_mails_total` | counter | `outcome` | attempts at sending a mail: `sent`, `refused` for good, or `failed` and retried |
//! | `docket_store_transaction_commands` | histogram | | commands in one transaction of the writer |
//! | `docket_store_transaction_duration_seconds` | histogram | | duration of a transaction, from its begin to the end of its commit |
//! | `docket_store_commit_duration_seconds` | histogram | | duration of its commit, most of which is the fsync |
//! | `docket_store_checkpoint_duration_seconds` | histogram | `part` | duration of a part of a checkpoint of the write-ahead log: `background` beside the writer, `writer` for the rest, `truncate` for a truncation; the writer waits for the last two |
//! | `docket_store_wal_bytes` | gauge | | size of the write-ahead log |
//! | `docket_store_disk_free_bytes` | gauge | | free bytes of the disk |
//! | `docket_store_commands_waiting` | gauge | | commands that wait for the writer |
//! | `docket_store_oldest_command_age_seconds` | gauge | | age of the oldest unanswered command; 0 when there is none |
//! | `docket_streams_open` | gauge | `kind` | open `sse` streams and `websocket` connections, and waiting `long_poll` requests |
//! | `docket_stream_events_sent_total` | counter | | events handed to readers, once for each reader |
//! | `docket_stream_resyncs_total` | counter | | times that a slow reader got a snapshot in place of missed events |
//! | `docket_build_info` | info | `version` | always 1 |
//! | `process_cpu_seconds_total` | counter | | time on the processors, of user and system |
//! | `process_resident_memory_bytes` | gauge | | memory in RAM |
//! | `process_virtual_memory_bytes` | gauge | | mapped memory |
//! | `process_open_fds`, `process_max_fds` | gauge | | open file descriptors, and how many are allowed |
//! | `process_threads` | gauge | | threads |
//! | `process_start_time_seconds` | gauge | | start, in seconds since 1970 |
//!
//! The figures of the process need Linux. `grafana-dashboard.json` and `alerts.yaml` beside this file use these
//! metrics; a test checks each name and label in them, and this table.

mod exporter;
mod http_metrics;
mod labels;
mod mail_metrics;
mod order_metrics;
mod process;
mod queue_metrics;
mod sample;
mod step_metrics;
mod store_metrics;
mod stream_metrics;

pub use exporter::{ExportError, Exporter, Format, Sampler};
pub use http_metrics::HttpMetrics;
pub use mail_metrics::MailMetrics;
pub use order_metrics::OrderMetrics;
pub use queue_metrics::{AttemptCounters, QueueMetrics};
pub use sample::Sample;
pub use step_metrics::StepMetrics;
pub use store_metrics::{CheckpointPart, StoreMetrics};
pub use stream_metrics::{OpenStream, StreamKind, StreamMetrics};

use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

/// The prefix of what only Docket has.
const PREFIX: &str = "docket";

/// Everything that is counted where it happens. A process has one, passed to all that count.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// Requests.
    pub http: HttpMetrics,
    /// Orders.
    pub orders: OrderMetrics,
    /// Steps of orders.
    pub steps: StepMetrics,
    /// Jobs.
    pub queue: QueueMetrics,
    /// Mails to customers.
    pub mails: MailMetrics,
    /// The writer of the store.
    pub store: StoreMetrics,
    /// Streams of events.
    pub streams: StreamMetrics,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::default();
        let http = HttpMetrics::register(&mut registry);
        let docket = registry.sub_registry_with_prefix(PREFIX);
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        docket.register("build", "The running version", version);
        Self {
            http,
            orders: OrderMetrics::register(docket),
            steps: StepMetrics::register(docket),
            queue: QueueMetrics::register(docket),
            mails: MailMetrics::register(docket),
            store: StoreMetrics::register(docket),
            streams: StreamMetrics::register(docket),
            registry,
        }
    }
}

#[cfg(test)]
mod tests;

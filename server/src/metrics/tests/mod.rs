//! What is exported, and whether it is what the documentation names.

mod dashboards;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use axum::http::{Method, StatusCode};
use orders::desk::OrderCounts;
use orders::{Service, StepName, StepOutcome, Timestamp, Work, WorkResult};
use queue::{BreakerState, Ended, QueueStatus};

use super::*;

/// The exported series: the labels of each sample name, with their values.
type Series = BTreeMap<String, BTreeSet<(String, String)>>;

fn sample() -> Sample {
    let due = queue::Timestamp::from_millis(1_000);
    let mail = QueueStatus {
        paused: true,
        due: 2,
        quarantined: 1,
        oldest_due: Some(due),
        ..QueueStatus::empty("mail".into())
    };
    Sample {
        at: due + Duration::from_millis(1_500),
        queues: Some(vec![mail, QueueStatus { due: 9, ..QueueStatus::empty("forgotten".into()) }]),
        orders: Some(OrderCounts { in_review: 3, ..OrderCounts::default() }),
        breakers: vec![
            (Service::Payment, BreakerState::HalfOpen),
            (Service::Shipping, BreakerState::Closed),
            (Service::Mail, BreakerState::Refused),
        ],
        wal_bytes: Some(4_096),
        free_bytes: Some(1 << 30),
        commands_waiting: 5,
        oldest_command: Duration::from_millis(20),
    }
}

fn observed() -> Metrics {
    let metrics = Metrics::default();
    metrics.http.answered(&Method::POST, None, StatusCode::NOT_FOUND, Duration::from_millis(3));
    metrics
}

fn exported() -> String {
    observed().encode(&sample(), Format::OpenMetrics).unwrap()
}

/// Returns the samples of an exposition.
fn series(text: &str) -> Series {
    let mut series = Series::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (id, _) = line.rsplit_once(' ').unwrap();
        let (name, labels) = id.split_once('{').unwrap_or((id, "}"));
        let labels = labels.strip_suffix('}').unwrap().split(',').filter_map(|label| label.split_once('='));
        let labels = labels.map(|(label, value)| (label.to_owned(), value.trim_matches('"').to_owned()));
        series.entry(name.to_owned()).or_default().extend(labels);
    }
    series
}

/// Returns the families of an exposition, with their types.
fn families(text: &str) -> BTreeMap<&str, &str> {
    text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' ')).collect()
}

#[test]
fn every_exported_metric_is_in_the_documentation_and_the_other_way_round() {
    let table = include_str!("../mod.rs").lines().filter_map(|line| line.strip_prefix("//! | `"));
    let cells = table.map(|row| row.split('|').next().unwrap());
    let documented: BTreeSet<&str> =
        cells.flat_map(|cell| cell.split(['`', ',', ' '])).filter(|name| !name.is_empty()).collect();
    let text = exported();
    let families = families(&text).into_iter();
    let names = families.map(|(name, kind)| match kind {
        "counter" => format!("{name}_total"),
        "info" => format!("{name}_info"),
        _ => name.to_owned(),
    });
    assert_eq!(names.collect::<BTreeSet<_>>(), documented.iter().map(|name| (*name).to_owned()).collect());
}

#[test]
fn every_metric_has_samples_of_its_type() {
    let text = exported();
    let series = series(&text);
    for (family, kind) in families(&text) {
        let sample = match kind {
            "counter" => format!("{family}_total"),
            "histogram" => format!("{family}_bucket"),
            "info" => format!("{family}_info"),
            _ => family.to_owned(),
        };
        assert!(series.contains_key(&sample), "{sample}");
    }
    assert!(text.ends_with("# EOF\n"));
}

#[test]
fn readings_are_exported_as_they_are() {
    let text = exported();
    for line in [
        r#"docket_queue_jobs{queue="mail",state="due"} 2"#,
        r#"docket_queue_jobs{queue="mail",state="quarantined"} 1"#,
        r#"docket_queue_jobs{queue="stock",state="due"} 0"#,
        r#"docket_queue_oldest_due_age_seconds{queue="mail"} 1.5"#,
        r#"docket_queue_paused{queue="mail"} 1"#,
        r#"docket_orders{state="in_review"} 3"#,
        r#"docket_breaker_state{service="payment",state="half_open"} 1"#,
        r#"docket_breaker_state{service="payment",state="open"} 0"#,
        "docket_store_wal_bytes 4096",
        "docket_store_oldest_command_age_seconds 0.02",
    ] {
        assert!(text.lines().any(|exported| exported == line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("forgotten"), "a queue without workers has no series");
}

#[test]
fn a_failed_reading_has_no_series() {
    let unread = Sample { queues: None, orders: None, wal_bytes: None, free_bytes: None, ..sample() };
    let text = Metrics::default().encode(&unread, Format::OpenMetrics).unwrap();
    for name in
        ["docket_queue_jobs{", "docket_orders{", "docket_store_wal_bytes", "docket_store_disk_free_bytes"]
    {
        assert!(!text.contains(name), "{name}");
    }
    assert!(text.contains("docket_breaker_state{"));
}

#[test]
fn observations_reach_the_series_of_their_labels() {
    let metrics = observed();
    let attempt = Work::Do(StepName::Notify);
    metrics.steps.count(attempt, &WorkResult::Done(StepOutcome::default()));
    metrics.steps.count(attempt, &WorkResult::Done(StepOutcome { skipped: true, ..StepOutcome::default() }));
    metrics.steps.count(Work::Undo(StepName::CapturePayment), &WorkResult::Broken);
    metrics.steps.count(Work::ExpireAt(Timestamp::from_millis(0)), &WorkResult::Broken);
    metrics.steps.record_duration(Work::Undo(StepName::CapturePayment), Duration::from_millis(30));
    metrics.queue.attempts(Service::Shipping).count(&Ended::LeaseLost);
    metrics.store.record_transaction(3, Duration::from_millis(2), Duration::from_millis(1));
    let websocket = metrics.streams.open(StreamKind::WebSocket);
    drop(metrics.streams.open(StreamKind::Sse));
    let text = metrics.encode(&sample(), Format::OpenMetrics).unwrap();
    drop(websocket);
    for line in [
        r#"http_server_request_duration_seconds_count{http_request_method="POST",http_route="none",http_response_status_code="404"} 1"#,
        r#"docket_step_results_total{step="notify",action="run",outcome="succeeded"} 1"#,
        r#"docket_step_results_total{step="notify",action="run",outcome="skipped"} 1"#,
        r#"docket_step_results_total{step="capture_payment",action="undo",outcome="failed"} 1"#,
        r#"docket_step_duration_seconds_sum{step="capture_payment",action="undo"} 0.03"#,
        r#"docket_queue_attempts_total{queue="shipping",outcome="lease_lost"} 1"#,
        r#"docket_store_transaction_commands_bucket{le="2.0"} 0"#,
        r#"docket_store_transaction_commands_bucket{le="4.0"} 1"#,
        "docket_store_commit_duration_seconds_sum 0.001",
        r#"docket_streams_open{kind="websocket"} 1"#,
        r#"docket_streams_open{kind="sse"} 0"#,
    ] {
        assert!(text.lines().any(|exported| exported == line), "{line} is not in\n{text}");
    }
}

#[test]
fn both_formats_have_the_same_series() {
    let prometheus = observed().encode(&sample(), Format::Prometheus).unwrap();
    let names = |text: &str| series(text).into_keys().collect::<BTreeSet<_>>();
    assert_eq!(names(&prometheus), names(&exported()));
    assert!(!prometheus.contains("# EOF"));
}

use tempfile::TempDir;

use super::super::testing::{accept_mugs, stock_mugs, work};
use super::super::tests::Fixture;
use super::super::{Phase, SqliteStore, backup};
use super::*;

/// A shop with one processed and one received order, and its file.
async fn shop() -> (Fixture, PathBuf) {
    let fixture = Fixture::new().await;
    stock_mugs(&fixture.store).await;
    let mut worked = accept_mugs(&fixture.store, 1).await;
    work(&fixture.store, &mut worked).await;
    accept_mugs(&fixture.store, 2).await;
    let path = fixture.folder.path().join("docket.db");
    (fixture, path)
}

fn findings(path: &Path) -> (Vec<Finding>, CheckSummary) {
    let mut findings = Vec::new();
    let summary = check(path, |finding| findings.push(finding)).unwrap();
    (findings, summary)
}

async fn spoil(store: &SqliteStore, sql: &'static str) {
    store
        .writer
        .call(Phase::Settle, move |transaction| Ok(transaction.prepare(sql)?.execute([])?))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_sound_shop_in_use_has_no_violations() {
    let (_fixture, path) = shop().await;
    let (findings, summary) = findings(&path);
    for finding in &findings {
        assert!(finding.is_good() && finding.checked > 0, "{finding:?}");
    }
    assert_eq!(summary.orders, BTreeMap::from([("confirmed", 1), ("received", 1)]));
    assert_eq!(summary.quarantined, 0);
}

#[tokio::test]
async fn every_violation_is_found_with_its_order() {
    let cases = [
        (Rule::Versions, "DELETE FROM order_events WHERE version = 3", "its version 3 has no event"),
        (
            Rule::Versions,
            "DELETE FROM order_events WHERE version = 11",
            "it is at version 11 and has 10 events",
        ),
        (Rule::Events, "UPDATE orders SET delayed = 1", "delayed"),
        (Rule::Events, "UPDATE orders SET state = 'shipped'", "its events make another order of it: "),
        (Rule::Events, "UPDATE orders SET details = '{}'", "it cannot be read"),
        (Rule::Events, "UPDATE orders SET refused_by = 'mail'", "its columns say"),
        (Rule::Events, "UPDATE orders SET mail_refused = 1", "its columns say"),
        (Rule::Events, "UPDATE order_events SET kind = 'order.lost' WHERE version = 2", "of no kind"),
        (
            Rule::Events,
            "UPDATE order_events SET data = json_set(data, '$.state', 'delivered') WHERE version = 2",
            "its event 2 leads from received to delivered",
        ),
        (Rule::Money, "UPDATE orders SET total = 1", "it costs 1"),
        (
            Rule::Events,
            "UPDATE orders SET details = json_set(details, '$.lines[0].unit_price', 9223372036854775807)",
            "it cannot be read: the total of a line is larger than an amount can be",
        ),
        (
            Rule::Money,
            "UPDATE orders SET payment = 'authorised'",
            "it is confirmed, and its payment is authorised",
        ),
        (Rule::Reservations, "UPDATE reservations SET quantity = 3", "{\"mug\": 3} is set aside"),
        (Rule::Reservations, "DELETE FROM reservations", "{} is set aside"),
        (Rule::References, "UPDATE reservations SET order_id = zeroblob(16)", "there is no such order"),
        (Rule::Work, "DELETE FROM jobs", "it is received and has Do(ReserveStock) ahead, and no job does it"),
        (Rule::Log, "UPDATE order_events SET seq = seq + 100 WHERE version = 11", "nothing stands between"),
        (
            Rule::Jobs,
            "UPDATE jobs SET payload = 'ord_00000000000000000000000000', exclusive_key = 'ord_00000000000000000000000000' WHERE id = 1",
            "there is no such order",
        ),
        (
            Rule::Counts,
            "UPDATE order_counts SET received = 7",
            "received: 7 orders are counted, and 1 are there",
        ),
        (
            Rule::Jobs,
            "UPDATE jobs SET exclusive_key = 'elsewhere' WHERE id = 1",
            "has the exclusive key elsewhere",
        ),
    ];
    for (rule, sql, sentence) in cases {
        let (fixture, path) = shop().await;
        spoil(&fixture.store, sql).await;
        let (findings, _) = findings(&path);
        let finding = findings.iter().find(|finding| finding.rule == rule).unwrap();
        let told = finding.violations.iter().find(|told| told.contains(sentence));
        let told = told.unwrap_or_else(|| panic!("{sql}: {finding:?}"));
        assert!(told.starts_with("ord_") || matches!(rule, Rule::Log | Rule::Counts), "{told}");
    }
}

#[tokio::test]
async fn an_order_whose_job_is_quarantined_is_in_review() {
    let (fixture, path) = shop().await;
    spoil(&fixture.store, "UPDATE jobs SET state = 'quarantined', place = NULL, ended_at = 1").await;
    let (findings, summary) = findings(&path);
    assert!(findings.iter().all(Finding::is_good), "{findings:?}");
    assert_eq!(summary.quarantined, 2);
}

#[tokio::test]
async fn a_file_of_another_version_is_refused_with_a_sentence() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("docket.db");
    let refused = check(&path, drop).unwrap_err();
    assert!(refused.to_string().starts_with("There is no database at "), "{refused}");
    std::fs::write(&path, "no database at all, but long enough to be taken for one: ".repeat(20)).unwrap();
    assert!(matches!(check(&path, drop), Err(CheckError::Unreadable { .. })));
    let other = folder.path().join("other.db");
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
    assert!(matches!(check(&other, drop), Err(CheckError::Version(_))));
}

#[tokio::test]
async fn a_check_leaves_the_file_of_a_dead_server_as_it_is() {
    let (fixture, path) = shop().await;
    // What a killed server leaves: the database and its WAL.
    let left = TempDir::new().unwrap();
    let copy = left.path().join("docket.db");
    std::fs::copy(&path, &copy).unwrap();
    std::fs::copy(log_of(&path), log_of(&copy)).unwrap();
    let log = std::fs::read(log_of(&copy)).unwrap();
    let (findings, summary) = findings(&copy);
    assert!(findings.iter().all(Finding::is_good), "{findings:?}");
    assert_eq!(summary.orders.values().sum::<u64>(), 2);
    assert!(!log.is_empty() && std::fs::read(log_of(&copy)).unwrap() == log);
    drop(fixture);
}

#[tokio::test]
async fn a_backup_can_be_checked_like_a_database() {
    let (fixture, path) = shop().await;
    let copy = fixture.folder.path().join("copy.db");
    assert_eq!(backup(&path, &copy).unwrap().orders, 2);
    let (findings, summary) = findings(&copy);
    assert!(findings.iter().all(Finding::is_good), "{findings:?}");
    assert_eq!(summary.orders.values().sum::<u64>(), 2);
}

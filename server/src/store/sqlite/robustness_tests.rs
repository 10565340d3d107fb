//! The store when the disk, the process or a command fails, and copies meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::store::{Commands as _, Health as _, OrderReads as _};
use queue::StoreError;
use rusqlite::Connection;
use tempfile::TempDir;

use super::checkpoint::Checkpoints;
use super::testing::{accept_mugs, stock_mugs, two_mugs};
use super::tests::Fixture;
use super::wal_path::log_of;
use super::{BackupError, Phase, SqliteConfig, SqliteStore, backup, check};
use crate::platform::private_files;
use crate::store::acceptance::Accept;

async fn shop() -> Fixture {
    let fixture = Fixture::new().await;
    stock_mugs(&fixture.store).await;
    fixture
}

#[tokio::test]
async fn a_full_disk_refuses_and_a_freed_one_goes_on_by_itself() {
    let fixture = shop().await;
    let pages = |limit: u32| {
        let sql = format!("PRAGMA max_page_count = {limit}");
        fixture.store.writer.call(Phase::Settle, move |transaction| {
            Ok(transaction.prepare(&sql)?.query_row([], |row| row.get::<_, u32>(0))?)
        })
    };
    pages(1).await.unwrap();
    let mut refused = 0;
    for seed in 1..=50 {
        let (_, acceptance) = two_mugs(&fixture.store, seed);
        match fixture.store.accept(acceptance).await {
            // What fits into the last page is stored.
            Ok(stored) => assert_eq!(stored, Accept::Stored),
            Err(StoreError::Unavailable(_)) => refused += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert!(refused > 0);
    pages(1_000_000).await.unwrap();
    accept_mugs(&fixture.store, 60).await;
}

#[tokio::test]
async fn a_writer_that_panics_answers_commit_unknown_and_ends_the_process() {
    let fixture = shop().await;
    let broken: Result<(), _> = fixture.store.writer.call(Phase::Settle, |_| panic!("a fault of ours")).await;
    assert_eq!(broken, Err(StoreError::CommitUnknown));
    fixture.store.given_up().await;
    let (_, acceptance) = two_mugs(&fixture.store, 1);
    assert!(matches!(fixture.store.accept(acceptance).await, Err(StoreError::Unavailable(_))));
    fixture.store.close().await;
}

#[tokio::test]
async fn a_store_that_is_closed_has_not_given_up() {
    let fixture = shop().await;
    fixture.store.close().await;
    let given_up = std::pin::pin!(fixture.store.given_up());
    assert!(futures::FutureExt::now_or_never(given_up).is_none());
}

#[tokio::test]
async fn the_wal_of_a_killed_server_is_rewritten_and_its_orders_found() {
    let fixture = shop().await;
    accept_mugs(&fixture.store, 1).await;
    let path = fixture.folder.path().join("docket.db");
    let left = TempDir::new().unwrap();
    let config =
        SqliteConfig { path: left.path().join("docket.db"), public_url: "https://shop.example".to_owned() };
    std::fs::copy(&path, &config.path).unwrap();
    std::fs::copy(log_of(&path), log_of(&config.path)).unwrap();
    let log = std::fs::read(log_of(&config.path)).unwrap();
    SqliteStore::recover(&config).await.unwrap();
    assert!(!log.is_empty() && std::fs::read(log_of(&config.path)).unwrap() == log);
    let again = SqliteStore::open(&config, Box::new(drop)).await.unwrap();
    let (_, acceptance) = two_mugs(&again, 1);
    assert!(matches!(again.accept(acceptance).await, Ok(Accept::Replayed(_))));
    again.close().await;
}

#[tokio::test]
async fn where_nothing_was_left_there_is_nothing_to_recover() {
    let folder = TempDir::new().unwrap();
    let config =
        SqliteConfig { path: folder.path().join("docket.db"), public_url: "https://shop.example".to_owned() };
    SqliteStore::recover(&config).await.unwrap();
    assert!(!config.path.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_under_load_holds_every_order_that_was_acknowledged_before_it() {
    let fixture = shop().await;
    let path = fixture.folder.path().join("docket.db");
    let mut before = Vec::new();
    for seed in 1..=20 {
        before.push(accept_mugs(&fixture.store, seed).await.order.id);
    }
    let done = Arc::new(AtomicBool::new(false));
    let load = {
        let (store, done) = (fixture.store.clone(), done.clone());
        tokio::spawn(async move {
            for seed in 21..=u8::MAX {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                accept_mugs(&store, seed).await;
            }
        })
    };
    let copy = fixture.folder.path().join("copy.db");
    let (from, to) = (path.clone(), copy.clone());
    let copied = tokio::task::spawn_blocking(move || backup(&from, &to)).await.unwrap().unwrap();
    done.store(true, Ordering::Relaxed);
    load.await.unwrap();
    assert!(copied.orders >= 20);
    assert!(matches!(backup(&path, &copy), Err(BackupError::Exists(_))), "a backup overwrites nothing");

    let elsewhere = TempDir::new().unwrap();
    let restored = SqliteConfig {
        path: elsewhere.path().join("docket.db"),
        public_url: "https://shop.example".to_owned(),
    };
    std::fs::copy(&copy, &restored.path).unwrap();
    check(&restored.path, |finding| assert!(finding.is_good(), "{finding:?}")).unwrap();
    let store = SqliteStore::open(&restored, Box::new(drop)).await.unwrap();
    for id in before {
        assert!(store.order_record(id).await.unwrap().is_some(), "{id}");
    }
    accept_mugs(&store, 0).await;
    store.close().await;
}

#[tokio::test]
async fn a_database_its_wal_its_folder_and_a_backup_are_private() {
    let gateways = TempDir::new().unwrap();
    let folder = gateways.path().join("data");
    let path = folder.join("docket.db");
    let store = SqliteStore::open(
        &SqliteConfig { path: path.clone(), public_url: "https://shop.example".to_owned() },
        Box::new(drop),
    )
    .await
    .unwrap();
    stock_mugs(&store).await;
    accept_mugs(&store, 1).await;
    let copy = gateways.path().join("copy.db");
    backup(&path, &copy).unwrap();
    check(&copy, |finding| assert!(finding.is_good(), "{finding:?}")).unwrap();
    let beside = |ending: &str| folder.join(format!("docket.db{ending}"));
    for file in [path.clone(), beside("-wal"), beside("-shm"), copy.clone(), folder.clone()] {
        assert!(file.exists(), "{}", file.display());
        assert_eq!(private_files::width(&file), None, "{}", file.display());
    }
    store.close().await;

    let restored = gateways.path().join("restored");
    private_files::create_folder(&restored).unwrap();
    std::fs::copy(&copy, restored.join("docket.db")).unwrap();
    let config =
        SqliteConfig { path: restored.join("docket.db"), public_url: "https://shop.example".to_owned() };
    let store = SqliteStore::open(&config, Box::new(drop)).await.unwrap();
    accept_mugs(&store, 2).await;
    for file in restored.read_dir().unwrap() {
        assert_eq!(private_files::width(&file.unwrap().path()), None);
    }
    store.close().await;
}

#[tokio::test]
async fn a_backup_that_fails_leaves_nothing_behind() {
    let folder = TempDir::new().unwrap();
    let (from, to) = (folder.path().join("docket.db"), folder.path().join("copy.db"));
    assert!(matches!(backup(&from, &to), Err(BackupError::Missing(_))));
    std::fs::write(&from, "no database at all, but long enough to be taken for one: ".repeat(20)).unwrap();
    assert!(matches!(backup(&from, &to), Err(BackupError::Copy(_))));
    let left: Vec<_> = folder.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["docket.db"]);
}

/// A database of its own with a WAL, and its length.
fn logged(folder: &TempDir) -> (Connection, impl Fn() -> u64) {
    let path = folder.path().join("some.db");
    let connection = Connection::open(&path).unwrap();
    connection.pragma_update(None, "journal_mode", "WAL").unwrap();
    connection.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    connection.execute_batch("CREATE TABLE t (a); INSERT INTO t VALUES (1);").unwrap();
    (connection, move || log_of(&path).metadata().unwrap().len())
}

/// The checkpoints of that database.
fn checkpoints(folder: &TempDir) -> Checkpoints {
    Checkpoints::new(Connection::open(folder.path().join("some.db")).unwrap(), Arc::default())
}

#[test]
fn an_idle_log_is_emptied_as_soon_as_no_reader_needs_it() {
    let folder = TempDir::new().unwrap();
    let (connection, log) = logged(&folder);
    let reader = Connection::open(folder.path().join("some.db")).unwrap();
    reader.execute_batch("BEGIN; SELECT * FROM t").unwrap();
    let mut checkpoints = checkpoints(&folder);
    checkpoints.when_idle(&connection).unwrap();
    assert!(log() > 0, "a reader looks at it");
    reader.execute_batch("COMMIT").unwrap();
    checkpoints.when_idle(&connection).unwrap();
    assert_eq!(log(), 0);
}

#[test]
fn a_long_wal_is_checkpointed_and_restarted() {
    let folder = TempDir::new().unwrap();
    let (connection, log) = logged(&folder);
    let mut checkpoints = checkpoints(&folder);
    connection.execute_batch("CREATE TABLE long (a)").unwrap();
    let numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)";
    for _ in 0..60 {
        connection
            .execute_batch(&format!("INSERT INTO long {numbers} SELECT randomblob(4000) FROM n"))
            .unwrap();
        checkpoints.after_commit(&connection).unwrap();
        checkpoints.wait(&connection).unwrap();
        assert!(log() < 90 << 20, "{}", log());
    }
    assert!(log() > 60 << 20, "it is checkpointed seldom: {}", log());
}

#[test]
fn an_idle_store_waits_for_the_checkpoint_that_has_begun() {
    let folder = TempDir::new().unwrap();
    let (connection, log) = logged(&folder);
    let mut checkpoints = checkpoints(&folder);
    fill(&connection, 70);
    checkpoints.after_commit(&connection).unwrap();
    assert!(checkpoints.is_running());
    checkpoints.when_idle(&connection).unwrap();
    assert!(!checkpoints.is_running());
    assert_eq!(log(), 0);
    checkpoints.finish().unwrap();
}

#[test]
fn a_wal_at_its_hard_limit_is_truncated_by_the_writer() {
    let folder = TempDir::new().unwrap();
    let (connection, log) = logged(&folder);
    let mut checkpoints = checkpoints(&folder);
    fill(&connection, 270);
    checkpoints.after_commit(&connection).unwrap();
    assert!(!checkpoints.is_running());
    assert_eq!(log(), 0);
}

#[test]
fn a_checkpoint_that_failed_in_the_background_is_reported_at_the_end() {
    let folder = TempDir::new().unwrap();
    let (connection, _) = logged(&folder);
    fill(&connection, 70);
    // A connection that may only read cannot checkpoint.
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let broken = Connection::open_with_flags(folder.path().join("some.db"), flags).unwrap();
    let mut checkpoints = Checkpoints::new(broken, Arc::default());
    checkpoints.after_commit(&connection).unwrap();
    assert!(checkpoints.is_running());
    assert!(checkpoints.finish().is_err());
}

/// Writes so many megabytes.
fn fill(connection: &Connection, megabytes: u32) {
    connection.execute_batch("CREATE TABLE long (a)").unwrap();
    let numbers = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {megabytes} * 250)"
    );
    connection.execute_batch(&format!("INSERT INTO long {numbers} SELECT randomblob(4000) FROM n")).unwrap();
}

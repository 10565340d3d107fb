use std::path::Path;

use crate::store::Health as _;
use rusqlite::params;

use super::*;
use crate::store::sqlite::testing::{accept_mugs, stock_mugs};
use crate::store::sqlite::tests::{Fixture, NOW};
use crate::store::sqlite::wal_path::log_of;

const LINKS: [u8; 32] = *b"the secret that links were made ";
const CARRIER: [u8; 32] = *b"the secret of the carrier's news";

/// A database as the earlier version left it, with its path.
async fn of_the_version_before(orders: u8) -> (Fixture, std::path::PathBuf) {
    let fixture = Fixture::new().await;
    stock_mugs(&fixture.store).await;
    for seed in 1..=orders {
        accept_mugs(&fixture.store, seed).await;
    }
    let path = fixture.folder.path().join("docket.db");
    let before = Connection::open(&path).unwrap();
    for (name, value) in [("tracking", LINKS), ("carrier", CARRIER)] {
        before.execute("INSERT INTO secrets (name, value) VALUES (?1, ?2)", params![name, value]).unwrap();
    }
    // It is in the database file, as after an orderly stop.
    before.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    (fixture, path)
}

fn holds(file: &Path, secret: [u8; 32]) -> bool {
    std::fs::read(file).unwrap().windows(secret.len()).any(|bytes| bytes == secret)
}

#[tokio::test]
async fn erased_secrets_are_in_no_byte_of_the_file_and_its_wal() {
    let (fixture, path) = of_the_version_before(3).await;
    assert!(holds(&path, LINKS) && holds(&path, CARRIER));
    assert_eq!(fixture.store.kept_secrets().await.unwrap().unwrap().links, Some((LINKS, NOW)));
    assert_eq!(fixture.store.erase_secrets().await, Ok(true));
    for file in [&path, &log_of(&path)] {
        assert!(!holds(file, LINKS) && !holds(file, CARRIER), "{}", file.display());
    }
    assert!(fixture.store.kept_secrets().await.unwrap().is_none());
    assert_eq!(fixture.store.erase_secrets().await, Ok(true), "again is the same as once");
    accept_mugs(&fixture.store, 9).await;
}

#[tokio::test]
async fn secrets_that_a_reader_keeps_in_the_wal_are_erased_when_it_ends() {
    let (fixture, path) = of_the_version_before(1).await;
    let reader = Connection::open(&path).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM orders;").unwrap();
    let store = fixture.store.clone();
    let erased = tokio::spawn(async move { store.erase_secrets().await });
    assert_eq!(erased.await.unwrap(), Ok(false));
    assert!(fixture.store.kept_secrets().await.unwrap().is_none(), "nobody reads it any more");
    drop(reader);
    fixture.store.close().await;
    assert!(!holds(&path, LINKS) && !log_of(&path).exists());
}

#[tokio::test]
async fn a_database_without_orders_keeps_nothing_for_links() {
    let (fixture, _) = of_the_version_before(0).await;
    assert!(fixture.store.kept_secrets().await.unwrap().unwrap().links.is_none());
    assert!(Fixture::new().await.store.kept_secrets().await.unwrap().is_none());
}

#[tokio::test]
async fn another_secret_is_noticed_once_there_are_links() {
    let fixture = Fixture::new().await;
    stock_mugs(&fixture.store).await;
    let recognised = async |secret| fixture.store.recognise_secret([secret; 32]).await.unwrap();
    assert_eq!(recognised(1).await, Recognised::Same, "the first");
    assert_eq!(recognised(2).await, Recognised::Same, "no link was made with the first");
    accept_mugs(&fixture.store, 1).await;
    assert_eq!(recognised(2).await, Recognised::Same);
    assert_eq!(recognised(3).await, Recognised::Another);
    assert_eq!(recognised(3).await, Recognised::Same, "it is told once");
}

//! The counters and the audit of the desk.

use crate::store::{Audit as _, Commands as _, DeskReads as _};
use ::orders::desk::{Act, AuditEntry, Operator, OrderCounts, Outcome};
use ::orders::{OrderId, State, StockMove};
use ::queue::JobId;
use rusqlite::Connection;

use super::tests::{Fixture, NOW, acceptance, event, row};
use crate::store::AuditFilter;
use crate::store::change::{Change, Refusal};
use crate::store::commands::{Changed, JobAct};

fn connection(fixture: &Fixture) -> Connection {
    Connection::open(fixture.folder.path().join("docket.db")).unwrap()
}

/// The counts by counting.
fn really(fixture: &Fixture) -> OrderCounts {
    let connection = connection(fixture);
    OrderCounts::of(|state| {
        let sql = "SELECT count(*) FROM orders WHERE state = ?1";
        connection.query_row(sql, [state.as_str()], |row| row.get::<_, i64>(0)).unwrap().unsigned_abs()
    })
}

fn change(id: OrderId, from_version: u32, to: State) -> Change {
    let mut row = row(id, from_version + 1);
    row.state = to;
    Change {
        from_version,
        row,
        events: vec![event(from_version + 1, "{}")],
        mails: Vec::new(),
        stock: StockMove::None,
        computed_from: None,
        refusal: None,
    }
}

fn entry(act: Act, subject: &str) -> AuditEntry {
    AuditEntry {
        at: NOW,
        who: Operator { id: "key_1".to_owned(), name: "Grace".to_owned() },
        act,
        subject: subject.to_owned(),
        outcome: Outcome::Done,
        detail: None,
    }
}

#[tokio::test]
async fn the_counters_equal_the_counts_whatever_happened() {
    let fixture = Fixture::new().await;
    // Accepted concurrently, with replays and one that cannot be written, so that batches are run again command by
    // command.
    let accepted: Vec<_> = (1..=40)
        .map(|seed| {
            let mut new = acceptance(&fixture.store, seed.min(30));
            if seed == 20 {
                new.row.total = -1;
            }
            let store = fixture.store.clone();
            tokio::spawn(async move { store.accept(new).await.is_ok() })
        })
        .collect();
    for answer in accepted {
        answer.await.unwrap();
    }
    assert_eq!(really(&fixture).received, 29);
    let walk = [
        State::Processing,
        State::ActionRequired,
        State::Processing,
        State::InReview,
        State::Processing,
        State::Processing,
        State::Confirmed,
        State::Shipped,
        State::Delivered,
    ];
    for seed in (1..=30_u8).filter(|seed| *seed != 20) {
        let id = OrderId::new(NOW, [seed; 10]);
        for (version, to) in walk.iter().take(usize::from(seed) % 10).enumerate() {
            let from = u32::try_from(version).unwrap() + 1;
            let done = fixture.store.change(change(id, from, *to), None).await.unwrap();
            assert_eq!(done, Changed::Done);
            let stale = fixture.store.change(change(id, from, State::Cancelling), None).await.unwrap();
            assert_eq!(stale, Changed::Refused(Refusal::Moved));
        }
    }
    let counts = fixture.store.order_counts().await.unwrap();
    assert_eq!(counts, really(&fixture));
    let throughput = fixture.store.throughput_since(NOW).await.unwrap();
    assert_eq!((throughput.accepted, throughput.finished), (29, counts.delivered));
    assert_eq!(throughput.confirmed, counts.confirmed + counts.shipped + counts.delivered);
}

#[tokio::test]
async fn an_act_and_its_note_are_written_together_or_not_at_all() {
    let fixture = Fixture::new().await;
    let new = acceptance(&fixture.store, 1);
    let id = new.row.id;
    fixture.store.accept(new).await.unwrap();
    let act = || entry(Act::CancelOrder, &id.to_string());
    let done = fixture.store.decide(change(id, 1, State::Cancelling), None, act()).await.unwrap();
    assert_eq!(done, Changed::Done);
    let stale = fixture.store.decide(change(id, 1, State::Cancelling), None, act()).await.unwrap();
    assert_eq!(stale, Changed::Refused(Refusal::Moved));
    let entries =
        fixture.store.entries(AuditFilter { subject: None, before: None, limit: 10 }).await.unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].entry, act());
    let moved = fixture
        .store
        .retry_job(JobId(1), Some(change(id, 1, State::Processing)), entry(Act::RetryJob, "1"))
        .await;
    assert_eq!(moved, Ok(JobAct::Moved));
}

#[tokio::test]
async fn audit_entries_are_never_changed_or_deleted() {
    let fixture = Fixture::new().await;
    fixture.store.note(entry(Act::PauseQueue, "mail")).await.unwrap();
    let connection = connection(&fixture);
    assert!(connection.execute("UPDATE audit SET name = 'nobody'", []).is_err());
    assert!(connection.execute("DELETE FROM audit", []).is_err());
}

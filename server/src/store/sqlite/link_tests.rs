//! Replacing the private link of an order.

use ::orders::desk::{Act, AuditEntry, Operator, Outcome};
use ::orders::{CommandContext, EventType, OrderAccess, PrivateLink};
use queue::{JobFilter, JobState, Store as _};

use super::testing::{accept_mugs, stock_mugs};
use super::tests::{Fixture, NOW};
use crate::store::AuditFilter;
use crate::store::change::Change;
use crate::store::commands::Changed;
use crate::store::{Audit as _, Commands as _, EventLog as _, Topic};

const MOMENT: CommandContext<'static> = CommandContext { at: NOW, public_url: "https://shop.example" };

fn entry(subject: String) -> AuditEntry {
    AuditEntry {
        at: NOW,
        who: Operator { id: "key_1".to_owned(), name: "Grace".to_owned() },
        act: Act::ReplaceLink,
        subject,
        outcome: Outcome::Done,
        detail: None,
    }
}

#[tokio::test]
async fn a_replaced_link_is_a_version_and_an_event_and_the_work_goes_on_as_it_was() {
    let fixture = Fixture::new().await;
    stock_mugs(&fixture.store).await;
    let mut record = accept_mugs(&fixture.store, 1).await;
    let id = record.order.id;
    let jobs = async || {
        fixture.store.list(JobFilter { state: None, queue: None, before: None, limit: 9 }).await.unwrap()
    };
    let before = jobs().await;
    assert_eq!(before.iter().map(|job| job.state).collect::<Vec<_>>(), [JobState::Available]);
    let access = OrderAccess { owner: None, link_generation: 0 };
    assert_eq!(fixture.store.access_of(id).await.unwrap(), Some(access));

    let event = record.order.replace_link(MOMENT);
    let change = Change::of(1, record.clone(), vec![event]);
    let replaced = fixture.store.replace_link(change.clone(), Some(entry(id.to_string()))).await;
    assert_eq!(replaced, Ok(Changed::Done));
    assert_eq!(jobs().await, before);
    let access = OrderAccess { owner: None, link_generation: 1 };
    assert_eq!(fixture.store.access_of(id).await.unwrap(), Some(access));
    let kept = fixture.store.order_record_from_file(id).await.unwrap().unwrap();
    assert_eq!(kept, record);
    assert_eq!(kept.order.private_link(), PrivateLink { order: id, generation: 1 });
    let log = fixture.store.events_after(Topic::Order(id), 0, 9).await.unwrap();
    assert_eq!(
        log.iter().map(|event| event.kind).collect::<Vec<_>>(),
        [EventType::Received, EventType::LinkReplaced]
    );

    let stale = fixture.store.replace_link(change, Some(entry(id.to_string()))).await.unwrap();
    assert!(matches!(stale, Changed::Refused(_)), "it was made from a version that is gone");
    let noted = fixture.store.entries(AuditFilter { subject: None, before: None, limit: 9 }).await.unwrap();
    assert_eq!(noted.iter().map(|noted| noted.entry.act).collect::<Vec<_>>(), [Act::ReplaceLink]);
    let elsewhere = ::orders::OrderId::new(NOW, [2; 10]);
    assert_eq!(fixture.store.access_of(elsewhere).await.unwrap(), None);
}

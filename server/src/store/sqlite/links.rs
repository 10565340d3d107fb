//! Replacing the private link of an order.

use ::orders::desk::AuditEntry;
use queue::StoreError;

use super::change::{Changed, write_guarded};
use super::{Phase, SqliteStore, audit};
use crate::store::change::Change;

impl SqliteStore {
    /// Replaces the private link of an order, with the audit entry of the operator, if any. The work on the order is
    /// not affected: no job is added, and a quarantined one still waits for a person.
    ///
    /// # Errors
    /// When the store cannot write.
    pub async fn replace_link(
        &self,
        change: Change,
        entry: Option<AuditEntry>,
    ) -> Result<Changed, StoreError> {
        self.write(Phase::Settle, move |transaction| {
            let changed = write_guarded(transaction, &change, None)?;
            if let (Changed::Done, Some(entry)) = (&changed, &entry) {
                audit::write(transaction, entry)?;
            }
            Ok(changed)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use ::orders::desk::{Act, Operator, Outcome};
    use ::orders::{CommandContext, EventType, OrderAccess, PrivateLink};
    use queue::{JobFilter, JobState, Store as _};

    use super::*;
    use crate::store::sqlite::AuditFilter;
    use crate::store::sqlite::testing::{accept_mugs, stock_mugs};
    use crate::store::sqlite::tests::{Fixture, NOW};
    use crate::store::{EventLog as _, Topic};

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
        let noted =
            fixture.store.entries(AuditFilter { subject: None, before: None, limit: 9 }).await.unwrap();
        assert_eq!(noted.iter().map(|noted| noted.entry.act).collect::<Vec<_>>(), [Act::ReplaceLink]);
        let elsewhere = ::orders::OrderId::new(NOW, [2; 10]);
        assert_eq!(fixture.store.access_of(elsewhere).await.unwrap(), None);
    }
}

//! Who keeps a lease.

use super::Harness;
use super::fixture::*;
use crate::job::JobId;
use crate::lease::{Fence, Lease};
use crate::store::{Outcome, Store};

async fn beat<S: Store>(store: &S, leases: &[Lease], now: crate::Timestamp) -> Vec<Lease> {
    store.heartbeat(leases, now, LEASE).await.expect("heartbeat")
}

pub async fn a_heartbeat_renews_held_leases<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    add(&*store, job("a")).await;
    add(&*store, job("b")).await;
    let held: Vec<_> = claim(&*store, 2, NOW).await.into_iter().map(|leased| leased.lease).collect();
    let mut renewed = beat(&*store, &held, later(3)).await;
    renewed.sort_by_key(|lease| lease.job);
    let expected: Vec<_> =
        held.iter().map(|lease| Lease { expires_at: later(3) + LEASE, ..*lease }).collect();
    assert_eq!(renewed, expected);
}

pub async fn a_heartbeat_leaves_out_lost_leases<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    add(&*store, job("settled")).await;
    add(&*store, job("held")).await;
    let [settled, held] = claim(&*store, 2, NOW).await.try_into().expect("two jobs");
    end(&*store, settled.lease, Outcome::Completed).await;
    let unknown = Lease { job: JobId(i64::MAX), ..held.lease };
    let forged = Lease { fence: Fence(held.lease.fence.0 + 1), ..held.lease };
    let renewed = beat(&*store, &[settled.lease, unknown, forged, held.lease], later(3)).await;
    assert_eq!(renewed, [Lease { expires_at: later(3) + LEASE, ..held.lease }]);
}

pub async fn a_stale_heartbeat_does_not_renew_the_lease_of_the_successor<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    add(&*store, job("a")).await;
    let stale = claim_one(&*store, NOW).await;
    store.rescue(later(10)).await.expect("rescue");
    assert!(beat(&*store, &[stale.lease], later(10)).await.is_empty(), "rescued, and nobody has it");
    let successor = claim_one(&*store, later(10)).await;
    assert!(beat(&*store, &[stale.lease], later(19)).await.is_empty(), "rescued, and another has it");
    assert_eq!(store.rescue(later(20)).await, Ok(1), "the successor's lease was not lengthened");
    assert_ne!(stale.lease.fence, successor.lease.fence);
}

pub async fn an_expired_lease_is_held_until_it_is_rescued<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    add(&*store, job("a")).await;
    let late = claim_one(&*store, NOW).await;
    assert_eq!(beat(&*store, &[late.lease], later(3_600)).await.len(), 1);
    assert_eq!(store.rescue(later(3_600)).await, Ok(0));
}

pub async fn a_heartbeat_without_leases_renews_nothing<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    add(&*store, job("a")).await;
    claim_one(&*store, NOW).await;
    assert!(beat(&*store, &[], later(3)).await.is_empty());
    assert_eq!(store.rescue(later(10)).await, Ok(1));
}

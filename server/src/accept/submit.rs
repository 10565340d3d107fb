//! Accepting an order: validate, prepare, one write.

use std::sync::Arc;

use orders::{
    Accepted, Caller, IdempotencyKey, Order, OrderId, OrderNumber, OrderRecord, OrderRequest, Owner, Problem,
    ProblemCode,
};

use super::Shop;
use crate::platform::entropy::random_bytes;
use crate::store::acceptance::{Accept, Acceptance};
use crate::store::change::{NewEvent, OrderRow};
use crate::store::order_job::next_job;
use crate::store::problems::{unreadable, unwritten};

/// The route in the scope of idempotency keys.
const ROUTE: &[u8] = b"POST /orders";

pub(super) async fn submit(
    shop: &Shop,
    caller: &Caller,
    key: &IdempotencyKey,
    request: OrderRequest,
) -> Result<Accepted, Problem> {
    let valid = request.validate()?;
    let fingerprint = fingerprint(&request)?;
    let idempotency = hash(&[&scope_of(caller.owner), ROUTE, key.as_str().as_bytes()]);
    let catalogue = shop.prices.current(&*shop.store, shop.clock.now()).await.map_err(unreadable)?;

    let now = shop.moment();
    let id = OrderId::new(now.at, random_bytes(&*shop.entropy));
    let count = shop.store.next_serial().await.map_err(unwritten)?;
    let processing =
        orders::ProcessingState { payment_token: valid.payment().token.clone(), ..Default::default() };
    let expected_by = shop.eta.from(now.at);
    let received = valid.receive(id, OrderNumber::of(count), expected_by, now, |sku| catalogue.get(sku));
    let (order, event) = match received {
        Ok(received) => received,
        Err(problem) => {
            // The catalogue may have changed since the first request; a repeat still gets its order.
            let known = Box::pin(shop.store.accepted_under(idempotency, fingerprint)).await;
            let known = known.map_err(unreadable)?;
            return match known {
                Some(known) => answer(shop, None, known).await,
                None => Err(problem),
            };
        }
    };
    let Some(job) = next_job(&order, caller.owner, now.at) else {
        tracing::error!(order.id = %id, "a received order has no job");
        return Err(Problem::new(ProblemCode::Internal));
    };
    let record = Arc::new(OrderRecord { order, owner: caller.owner, processing });
    let acceptance = Acceptance {
        count,
        row: OrderRow::of(record.clone()),
        idempotency,
        fingerprint,
        event: NewEvent::of(event),
        job,
    };
    let accepted = shop.store.accept(acceptance).await.map_err(unwritten)?;
    answer(shop, Some(&record.order), accepted).await
}

async fn answer(shop: &Shop, new: Option<&Order>, accepted: Accept) -> Result<Accepted, Problem> {
    let (mut order, replayed) = match (accepted, new) {
        (Accept::Stored, Some(order)) => {
            tracing::debug!(order.id = %order.id, "accepted");
            (order.clone(), false)
        }
        (Accept::Replayed(id), _) => {
            // The key is in the caller's own scope, so the order is the caller's.
            let known = shop.store.order_record(id).await.map_err(unreadable)?;
            (known.ok_or_else(|| Problem::new(ProblemCode::NotFound))?.order, true)
        }
        (Accept::KeyReused, _) => return Err(Problem::new(ProblemCode::IdempotencyKeyReused)),
        (Accept::Stored, None) => return Err(Problem::new(ProblemCode::Internal)),
    };
    order.tracking_token = Some(shop.tracking.mint(order.private_link()));
    Ok(Accepted { order, replayed })
}

/// Returns the fingerprint of a request. It does not depend on white space and the order of keys.
fn fingerprint(request: &OrderRequest) -> Result<[u8; 16], Problem> {
    let canonical = serde_json::to_vec(request).map_err(|error| {
        tracing::error!(%error, "a request cannot be written");
        Problem::new(ProblemCode::Internal)
    })?;
    Ok(hash(&[&canonical]))
}

/// Returns the first sixteen bytes of a SHA-256 over length-prefixed parts.
fn hash(parts: &[&[u8]]) -> [u8; 16] {
    use sha2::{Digest, Sha256};
    let mut sha = Sha256::new();
    for part in parts {
        sha.update((part.len() as u64).to_le_bytes());
        sha.update(part);
    }
    let mut short = [0; 16];
    short.copy_from_slice(&sha.finalize()[..16]);
    short
}

/// Returns the scope of idempotency keys: one for each owner, and one for all callers without session and key.
fn scope_of(owner: Option<Owner>) -> [u8; 16] {
    owner.map_or([0; 16], |owner| owner.0)
}

//! Commands of a shopper on an existing order. Each is decided on the current order, written if the order still has
//! that version, and decided again otherwise.

use orders::{
    AddressRequest, Caller, EmailRequest, Event, Order, OrderId, OrderRecord, PaymentRequest, Problem,
    ProblemCode, Reason, Refused,
};

use super::Shop;
use crate::store::change::Change;
use crate::store::commands::Changed;
use crate::store::order_job::next_job;
use crate::store::problems::unwritten;

/// Attempts to write a change. A running order changes a few times a second, so losing this many races means a fault.
const MAX_ATTEMPTS: u32 = 100;

pub(super) async fn cancel(shop: &Shop, caller: &Caller, id: OrderId) -> Result<Order, Problem> {
    change(shop, caller, id, ProblemCode::OrderNotCancellable, |record| {
        record.order.cancel(Reason::Customer, shop.moment())
    })
    .await
}

pub(super) async fn provide_payment(
    shop: &Shop,
    caller: &Caller,
    id: OrderId,
    payment: &PaymentRequest,
) -> Result<Order, Problem> {
    let valid = payment.validate()?;
    change(shop, caller, id, ProblemCode::WrongState, |record| {
        record.provide_payment(&valid, shop.moment()).map(Some)
    })
    .await
}

pub(super) async fn correct_address(
    shop: &Shop,
    caller: &Caller,
    id: OrderId,
    ship_to: &AddressRequest,
) -> Result<Order, Problem> {
    let valid = ship_to.validate()?;
    change(shop, caller, id, ProblemCode::WrongState, |record| {
        record.correct_address(valid.clone(), shop.moment()).map(Some)
    })
    .await
}

/// The holder of a private link cannot replace it for others, so the answer is the same as for an unknown order.
pub(super) async fn replace_link(shop: &Shop, caller: &Caller, id: OrderId) -> Result<Order, Problem> {
    for _ in 0..MAX_ATTEMPTS {
        let mut record = shop.visible_record(caller, id).await?;
        if !caller.may_replace_link(record.access()) {
            let detail = "Only whoever sent the order, and the desk, can replace its link.";
            return Err(Problem::new(ProblemCode::NotFound).detail(detail));
        }
        let from = record.order.version;
        let event = record.order.replace_link(shop.moment());
        let change = Change::of(from, record.clone(), vec![event]);
        match shop.store.replace_link(change, None).await.map_err(unwritten)? {
            Changed::Done => return Ok(record.order),
            Changed::Refused(_) | Changed::LeaseLost => {}
        }
    }
    Err(gave_up(id))
}

pub(super) async fn correct_email(
    shop: &Shop,
    caller: &Caller,
    id: OrderId,
    email: &EmailRequest,
) -> Result<Order, Problem> {
    let valid = email.validate()?;
    if !may_correct_email(shop, caller, id).await? {
        return Err(Problem::new(ProblemCode::Forbidden)
            .detail("Whoever only has the private link of an order does not say where its mails go."));
    }
    change(shop, caller, id, ProblemCode::WrongState, |record| record.correct_email(&valid, shop.moment()))
        .await
}

pub(super) async fn may_correct_email(shop: &Shop, caller: &Caller, id: OrderId) -> Result<bool, Problem> {
    let record = shop.visible_record(caller, id).await?;
    Ok(caller.may_correct_email(id, record.access()))
}

async fn change(
    shop: &Shop,
    caller: &Caller,
    id: OrderId,
    refusal: ProblemCode,
    decide: impl Fn(&mut OrderRecord) -> Result<Option<Event>, Refused>,
) -> Result<Order, Problem> {
    for _ in 0..MAX_ATTEMPTS {
        let mut record = shop.visible_record(caller, id).await?;
        let from = record.order.version;
        let event = decide(&mut record).map_err(|refused| {
            Problem::new(refusal).state(refused.from).instance(record.order.links.this.clone())
        })?;
        // The order already is as requested.
        let Some(event) = event else { return Ok(record.order) };
        let job = next_job(&record.order, record.owner, shop.now());
        let change = Change::of(from, record.clone(), vec![event]);
        match shop.store.change(change, job).await.map_err(unwritten)? {
            Changed::Done => return Ok(record.order),
            Changed::Refused(_) | Changed::LeaseLost => {}
        }
    }
    Err(gave_up(id))
}

fn gave_up(id: OrderId) -> Problem {
    tracing::error!(order.id = %id, "a change of an order lost a hundred races");
    Problem::new(ProblemCode::Overloaded).retry_after(1)
}

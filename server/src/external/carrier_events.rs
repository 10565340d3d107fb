//! The carrier's events: how one changes its order.
//!
//! An event is applied once, by its id, in the transaction that changes its order. Events overtake each other: one
//! about an earlier stage than the order's changes nothing, and one that arrives before the order is ready is refused
//! with a `Retry-After`.

use std::sync::Arc;

use async_trait::async_trait;
use orders::carrier_event::{CarrierEvents, CarrierReport, Handled, ShipmentUpdate};
use orders::{
    CommandContext, Event, Order, OrderRecord, Problem, ProblemCode, Refused, State, StepName, StepReason,
    StepState,
};
use queue::Clock;

use crate::store::Store;
use crate::store::change::Change;
use crate::store::commands::Reported;
use crate::store::order_job::{next_job, to_order_time};
use crate::store::problems::{unreadable, unwritten};

/// Attempts to write a change. A running order changes a few times a second, so losing this many races means a fault.
const MAX_ATTEMPTS: u32 = 100;
/// After how many seconds the carrier may repeat an event that came too early.
const RETRY_AFTER_SECONDS: u32 = 5;

/// Applies the carrier's events.
pub struct CarrierEventHandler {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The public base address, without a trailing slash.
    pub public_url: String,
}

/// The effect of an event on an order.
enum Effect {
    Changes(Box<Event>),
    /// The order already is at that stage or later.
    NothingNew,
    /// It cannot be true now, but may become true.
    TooEarly,
    /// It can never be true.
    Wrong(&'static str),
}

#[async_trait]
impl CarrierEvents for CarrierEventHandler {
    async fn handle(&self, id: &str, report: &CarrierReport) -> Result<Handled, Problem> {
        for _ in 0..MAX_ATTEMPTS {
            let found = self.store.order_record(report.data.order_id).await.map_err(unreadable)?;
            let Some(mut record) = found else {
                return Err(Problem::new(ProblemCode::NotFound).detail("There is no such order."));
            };
            let now = to_order_time(self.clock.now());
            let from = record.order.version;
            let effect_of =
                effect_of(&mut record, report, CommandContext { at: now, public_url: &self.public_url });
            let refusal = match &effect_of {
                Effect::TooEarly => Some(too_early(&record.order)),
                Effect::Wrong(why) => Some(wrong(&record.order, why)),
                Effect::Changes(_) | Effect::NothingNew => None,
            };
            if let Some(refusal) = refusal {
                // It may have been applied earlier, when it was true.
                let known = self.store.has_report(id).await.map_err(unreadable)?;
                return if known { Ok(Handled::Known) } else { Err(refusal) };
            }
            let change = match effect_of {
                Effect::Changes(event) => {
                    let job = next_job(&record.order, record.owner, now);
                    Some((Change::of(from, record, vec![*event]), job))
                }
                _ => None,
            };
            let handled = if change.is_some() { Handled::Applied } else { Handled::NothingNew };
            let taken = self.store.take_report(id.to_owned(), report.clone(), change, now).await;
            match taken.map_err(unwritten)? {
                Reported::Taken => {
                    tracing::info!(order.id = %report.data.order_id, report = report.kind.as_str(), ?handled, "the carrier reported");
                    return Ok(handled);
                }
                Reported::Known => return Ok(Handled::Known),
                Reported::Moved => {}
            }
        }
        tracing::error!(order.id = %report.data.order_id, "a carrier event lost a hundred races");
        Err(Problem::new(ProblemCode::Overloaded).retry_after(1))
    }
}

fn effect_of(record: &mut OrderRecord, report: &CarrierReport, now: CommandContext<'_>) -> Effect {
    match &record.processing.shipment_id {
        Some(ours) if *ours == report.data.shipment_id => {}
        Some(_) => return Effect::Wrong("That parcel is not the one of this order."),
        None => return Effect::TooEarly,
    }
    let order = &mut record.order;
    match (report.kind, order.state) {
        (_, State::Received | State::Processing | State::ActionRequired) => Effect::TooEarly,
        (_, State::Cancelling | State::Cancelled) => Effect::Wrong("The order was cancelled."),
        (ShipmentUpdate::Returned, State::Delivered) => Effect::Wrong(
            "The order was delivered and has ended; a parcel that comes back later is a new matter.",
        ),
        (_, State::InReview) if was_returned(order) => Effect::NothingNew,
        (_, State::InReview) => Effect::TooEarly,
        (ShipmentUpdate::PickedUp, State::Shipped | State::Delivered)
        | (ShipmentUpdate::Delivered, State::Delivered) => Effect::NothingNew,
        (ShipmentUpdate::PickedUp, State::Confirmed) => changed(order.hand_over(now)),
        (ShipmentUpdate::Delivered, State::Confirmed | State::Shipped) => changed(order.deliver(now)),
        (ShipmentUpdate::Returned, State::Confirmed | State::Shipped) => changed(order.returned(now)),
    }
}

fn changed(decided: Result<Event, Refused>) -> Effect {
    decided.map_or(Effect::TooEarly, |event| Effect::Changes(Box::new(event)))
}

/// Whether the order is in review because its parcel was returned. Earlier stages of the parcel are not news then.
fn was_returned(order: &Order) -> bool {
    let step = order.step(StepName::ArrangeShipping);
    step.state == StepState::NeedsOperator && step.reason == Some(StepReason::Returned)
}

fn too_early(order: &Order) -> Problem {
    let state = order.state.as_str().replace('_', " ");
    let mut problem = wrong(order, &format!("The order is {state}: its parcel is not expected to move yet."));
    problem.retryable = true;
    problem.retry_after(RETRY_AFTER_SECONDS)
}

fn wrong(order: &Order, why: &str) -> Problem {
    Problem::new(ProblemCode::WrongState).detail(why).state(order.state).instance(order.links.this.clone())
}

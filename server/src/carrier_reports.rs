//! What the carrier tells about parcels: the port that takes it, whoever carried it here.
//!
//! A report is taken once, by its id, in the transaction that changes its order. Reports overtake each other, so one that
//! tells of something earlier than what is known changes nothing; and one that comes before the order is ready for it is
//! refused with a time to come back.

use std::sync::Arc;

use async_trait::async_trait;
use orders::carrier_report::{CarrierReport, CarrierReports, Heard, ParcelNews};
use orders::{
    Dossier, Event, Moment, Order, Problem, ProblemCode, Refused, State, StepName, StepReason, StepState,
};
use queue::Clock;

use crate::store::change::Change;
use crate::store::order_job::{in_order_time, next_job};
use crate::store::problems::{unreadable, unwritten};
use crate::store::sqlite::{Reported, SqliteStore};

/// An order that is being worked moves a few times in a second; one that moves under a hundred tries does not exist.
const TRIES: u32 = 100;
/// When a carrier may ask again whose report came too early, in seconds.
const COME_BACK: u32 = 5;

/// Takes the carrier's reports.
pub struct Parcels {
    /// Where orders are kept.
    pub store: Arc<SqliteStore>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The public base address, without a trailing slash.
    pub public_url: String,
}

/// What a report means for an order.
enum Meaning {
    Changes(Box<Event>),
    /// The order is as far already.
    NothingNew,
    /// It cannot be true now, but it may be later.
    TooEarly,
    /// It will never be true.
    Wrong(&'static str),
}

#[async_trait]
impl CarrierReports for Parcels {
    async fn hear(&self, id: &str, report: &CarrierReport) -> Result<Heard, Problem> {
        for _ in 0..TRIES {
            let found = self.store.dossier(report.data.order_id).await.map_err(unreadable)?;
            let Some(mut dossier) = found else {
                return Err(Problem::new(ProblemCode::NotFound).detail("There is no such order."));
            };
            let now = in_order_time(self.clock.now());
            let from = dossier.order.version;
            let meaning = meaning(&mut dossier, report, Moment { at: now, public_url: &self.public_url });
            let refusal = match &meaning {
                Meaning::TooEarly => Some(too_early(&dossier.order)),
                Meaning::Wrong(why) => Some(wrong(&dossier.order, why)),
                Meaning::Changes(_) | Meaning::NothingNew => None,
            };
            if let Some(refusal) = refusal {
                // Taken before, when it was true.
                let known = self.store.has_report(id).await.map_err(unreadable)?;
                return if known { Ok(Heard::Known) } else { Err(refusal) };
            }
            let change = match meaning {
                Meaning::Changes(event) => Some((
                    Change::of(from, &dossier, &[*event]),
                    next_job(&dossier.order, dossier.owner, now),
                )),
                _ => None,
            };
            let heard = if change.is_some() { Heard::Applied } else { Heard::NothingNew };
            let taken = self.store.take_report(id.to_owned(), report.clone(), change, now).await;
            match taken.map_err(unwritten)? {
                Reported::Taken => {
                    tracing::info!(order.id = %report.data.order_id, report = report.kind.as_str(), ?heard, "the carrier reported");
                    return Ok(heard);
                }
                Reported::Known => return Ok(Heard::Known),
                Reported::Moved => {}
            }
        }
        tracing::error!(order.id = %report.data.order_id, "an order moved on a hundred times while the carrier reported");
        Err(Problem::new(ProblemCode::Overloaded).retry_after(1))
    }
}

fn meaning(dossier: &mut Dossier, report: &CarrierReport, now: Moment<'_>) -> Meaning {
    match &dossier.dealings.shipment_id {
        Some(ours) if *ours == report.data.shipment_id => {}
        Some(_) => return Meaning::Wrong("That parcel is not the one of this order."),
        None => return Meaning::TooEarly,
    }
    let order = &mut dossier.order;
    match (report.kind, order.state) {
        (_, State::Received | State::Processing | State::ActionRequired) => Meaning::TooEarly,
        (_, State::Cancelling | State::Cancelled) => Meaning::Wrong("The order was cancelled."),
        (ParcelNews::Returned, State::Delivered) => Meaning::Wrong(
            "The order was delivered and has ended; a parcel that comes back later is a new matter.",
        ),
        (_, State::InReview) if came_back(order) => Meaning::NothingNew,
        (_, State::InReview) => Meaning::TooEarly,
        (ParcelNews::PickedUp, State::Shipped | State::Delivered)
        | (ParcelNews::Delivered, State::Delivered) => Meaning::NothingNew,
        (ParcelNews::PickedUp, State::Confirmed) => changed(order.hand_over(now)),
        (ParcelNews::Delivered, State::Confirmed | State::Shipped) => changed(order.deliver(now)),
        (ParcelNews::Returned, State::Confirmed | State::Shipped) => changed(order.returned(now)),
    }
}

fn changed(decided: Result<Event, Refused>) -> Meaning {
    decided.map_or(Meaning::TooEarly, |event| Meaning::Changes(Box::new(event)))
}

/// Whether the order is in review because its parcel came back; what was reported of the parcel before is no news then.
fn came_back(order: &Order) -> bool {
    let step = order.step(StepName::ArrangeShipping);
    step.state == StepState::NeedsOperator && step.reason == Some(StepReason::Returned)
}

fn too_early(order: &Order) -> Problem {
    let state = order.state.as_str().replace('_', " ");
    let mut problem = wrong(order, &format!("The order is {state}: its parcel is not expected to move yet."));
    problem.retryable = true;
    problem.retry_after(COME_BACK)
}

fn wrong(order: &Order, why: &str) -> Problem {
    Problem::new(ProblemCode::WrongState).detail(why).state(order.state).instance(order.links.this.clone())
}

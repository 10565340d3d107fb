//! Books the shipment with the carrier.

use orders::{OrderRecord, Service, StepName, StepOutcome};

use super::context::{EffectLookup, possible_effect, undo_key};
use crate::external::gateways::carrier::{Booking, Cancellation};
use crate::external::gateways::{CarrierGateway, Failure, Lookup};
use crate::platform::failpoint::{self, Point};

const STEP: StepName = StepName::ArrangeShipping;

pub(super) async fn run(
    record: &OrderRecord,
    carrier: &CarrierGateway,
    known: EffectLookup,
) -> Result<StepOutcome, Failure> {
    let order = &record.order;
    if let Some(effect) = possible_effect(record, STEP) {
        match carrier.find(&order.id).await? {
            Lookup::Found(booking) => return Ok(booked(booking)),
            Lookup::NotOffered if !known.can_repeat(effect) => {
                let detail = "it offers no look-up, and may have forgotten the key of the call";
                return Err(Failure::Unresolved { service: Service::Shipping, detail });
            }
            Lookup::NotFound | Lookup::NotOffered => {}
        }
    }
    failpoint::reach(Point::BeforeShip).await;
    let booking = carrier.book(&order.id, &record.effect_key(STEP), &order.ship_to).await?;
    failpoint::reach(Point::AfterShip).await;
    Ok(booked(booking))
}

pub(super) async fn undo(
    record: &OrderRecord,
    carrier: &CarrierGateway,
    known: EffectLookup,
) -> Result<StepOutcome, Failure> {
    let order = record.order.id;
    let booking = match &record.processing.shipment_id {
        Some(id) => Some(id.clone()),
        None => left_behind(record, carrier, known).await?,
    };
    let Some(booking) = booking else { return Ok(StepOutcome::default()) };
    failpoint::reach(Point::BeforeUnship).await;
    let cancelled = carrier.cancel(&booking, &undo_key(record, STEP)).await?;
    failpoint::reach(Point::AfterUnship).await;
    if cancelled == Cancellation::AlreadyPickedUp {
        // The customer is refunded all the same; the parcel comes back by the shop's return rules.
        tracing::warn!(order.id = %order, "the shipment of a cancelled order is already with the carrier");
    }
    Ok(StepOutcome::default())
}

/// Finds the booking that unanswered attempts left; none when every attempt had a definite answer. As with a payment,
/// `NotFound` is only a hint while the call may still be running: repeated under the same key, the call returns the
/// booking.
async fn left_behind(
    record: &OrderRecord,
    carrier: &CarrierGateway,
    known: EffectLookup,
) -> Result<Option<String>, Failure> {
    let order = &record.order;
    let Some(effect) = record.processing.unresolved else { return Ok(None) };
    match carrier.find(&order.id).await? {
        Lookup::Found(booking) => return Ok(Some(booking.id)),
        Lookup::NotFound if !known.may_still_come(effect) => return Ok(None),
        Lookup::NotOffered if !known.can_repeat(effect) => {
            tracing::warn!(
                order.id = %order.id,
                "it cannot be determined whether a shipment is booked for a cancelled order; ask the carrier"
            );
            return Ok(None);
        }
        Lookup::NotFound | Lookup::NotOffered => {}
    }
    match carrier.book(&order.id, &record.effect_key(STEP), &order.ship_to).await {
        Ok(booking) => Ok(Some(booking.id)),
        Err(Failure::CustomerCanFix { .. } | Failure::Permanent { .. }) => Ok(None),
        Err(failure) => Err(failure),
    }
}

fn booked(booking: Booking) -> StepOutcome {
    StepOutcome { shipment: Some(booking.shipment), shipment_id: Some(booking.id), ..StepOutcome::default() }
}

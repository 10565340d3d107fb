//! Books the parcel with the carrier.

use orders::{Dossier, StepName, StepOutcome};

use super::{is_repeated, undo_key};
use crate::failpoint::{self, Point};
use crate::gateways::carrier::{Booking, Cancellation};
use crate::gateways::{CarrierGateway, Failure};

const STEP: StepName = StepName::ArrangeShipping;

pub(super) async fn run(dossier: &Dossier, carrier: &CarrierGateway) -> Result<StepOutcome, Failure> {
    let order = &dossier.order;
    if is_repeated(dossier, STEP)
        && let Some(booking) = carrier.find(&order.id).await?
    {
        return Ok(booked(booking));
    }
    failpoint::reach(Point::BeforeShip).await;
    let booking = carrier.book(&order.id, &dossier.effect_key(STEP), &order.ship_to).await?;
    failpoint::reach(Point::AfterShip).await;
    Ok(booked(booking))
}

pub(super) async fn undo(
    dossier: &Dossier,
    carrier: &CarrierGateway,
    in_doubt: bool,
) -> Result<StepOutcome, Failure> {
    let order = dossier.order.id;
    let booking = match &dossier.dealings.shipment_id {
        Some(id) => Some(id.clone()),
        None => left_behind(dossier, carrier, in_doubt).await?,
    };
    let Some(booking) = booking else { return Ok(StepOutcome::default()) };
    failpoint::reach(Point::BeforeUnship).await;
    let cancelled = carrier.cancel(&booking, &undo_key(dossier, STEP)).await?;
    failpoint::reach(Point::AfterUnship).await;
    if cancelled == Cancellation::AlreadyPickedUp {
        // The customer gets the money back all the same; the parcel comes back by the shop's return rules.
        tracing::warn!(order.id = %order, "a cancelled order's parcel is with the carrier already");
    }
    Ok(StepOutcome::default())
}

/// The booking that attempts without an answer left. As with a payment, that none is found is only a hint while the call
/// may still be under way; asked again under the same key, the carrier says what became of it.
async fn left_behind(
    dossier: &Dossier,
    carrier: &CarrierGateway,
    in_doubt: bool,
) -> Result<Option<String>, Failure> {
    let order = &dossier.order;
    if let Some(booking) = carrier.find(&order.id).await? {
        return Ok(Some(booking.id));
    }
    if !in_doubt {
        return Ok(None);
    }
    match carrier.book(&order.id, &dossier.effect_key(STEP), &order.ship_to).await {
        Ok(booking) => Ok(Some(booking.id)),
        Err(Failure::CustomerCanFix { .. } | Failure::Permanent { .. }) => Ok(None),
        Err(failure) => Err(failure),
    }
}

fn booked(booking: Booking) -> StepOutcome {
    StepOutcome { shipment: Some(booking.shipment), shipment_id: Some(booking.id), ..StepOutcome::default() }
}

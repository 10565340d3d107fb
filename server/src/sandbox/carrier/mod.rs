//! The carrier: books and cancels shipments, and moves them by itself.
//!
//! `POST /shipments` with an Idempotency-Key and `{"reference":"ord_…","ship_to":{"name","street","country"}}`
//! answers 201 with the shipment; `ship_to` also has `company`, `line2`, `city`, `region` and `postcode`, as far as
//! the address has them. An unknown postcode is 422 `address_undeliverable`, a place without delivery 422
//! `undeliverable`. `GET /shipments?reference=` lists the shipments of a reference, newest first. `POST
//! /shipments/{id}/cancel` answers 200, repeatedly, or 409 `already_picked_up`.

mod booking;
mod routes;
mod tracking;

pub use booking::{advance, later};
pub use routes::routes;
pub use tracking::tracking_routes;

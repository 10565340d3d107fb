//! The payment service: the part of Stripe's PaymentIntents API that a hold, a charge and a refund need.
//!
//! Shapes are those of <https://docs.stripe.com/api/payment_intents>.

mod amount;
mod card;
mod form;
mod intent;
mod refusal;
mod routes;
mod search;
mod stripe_json;

pub use routes::routes;

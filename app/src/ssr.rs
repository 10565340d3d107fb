//! Everything that only the server needs: what it gives to each page, and the pages as routes.
//!
//! The server puts a [`PageContext`] into the extensions of every request and mounts [`routes`]. Nothing else is needed.

mod cart;
mod cart_actions;
mod cookies;
mod country;
mod error_response;
mod forms;
pub mod input;
mod ordering;
mod recent_carts;
mod routes;

use std::sync::Arc;

use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use orders::address::Country;
use orders::{Caller, OrderService, Problem, ProblemCode, Timestamp};
use tokio::sync::OwnedMutexGuard;

use crate::cart::CartItem;
use crate::outcome::Rejected;
use crate::page_error::PageError;

pub use cart::Cart;
pub use cart_actions::{add_to_cart, change_cart, left_out, order_again, priced};
pub use country::country;
pub use forms::post_page;
pub use ordering::{
    last_order, link_to, open, open_page, order_outcome, payment, refused, request, send_order,
};
pub use recent_carts::RecentCarts;
pub use routes::routes;

/// What a page needs to know about the request it answers.
#[derive(Clone)]
pub struct PageContext {
    /// The shopper's side of the business.
    pub service: Arc<dyn OrderService>,
    /// Who looks.
    pub caller: Caller,
    /// When the request came.
    pub now: Timestamp,
    /// What was done to carts a moment ago.
    pub carts: Arc<RecentCarts>,
    /// Sixteen bytes nobody can guess; each new cart's idempotency key is made of them.
    pub random: fn() -> [u8; 16],
    /// Under which address people know the shop, without a slash at the end.
    pub public_url: String,
    /// The site is reached over https, so cookies are for https only.
    pub secure: bool,
    /// Payment and carrier are played by the sandbox: cards are test cards and no money moves.
    pub sandbox: bool,
    /// Where parcels go when a browser does not say where it is.
    pub country: Country,
}

impl PageContext {
    /// The cart that came with the request.
    pub fn cart(&self) -> Option<Cart> {
        cookies::read_cart()
    }

    /// The cart of the request, for a change: no other request of this session changes it meanwhile.
    pub async fn edit_cart(&self) -> CartEdit<'_> {
        let cookie = self.cart().map(|cart| cart.write()).unwrap_or_default();
        let session = self.caller.owner.unwrap_or(orders::Owner([0; 16]));
        let mut changes = self.carts.of(session, self.now).await;
        let cart = Cart::read(&changes.current(&cookie, self.now));
        CartEdit { page: self, changes, cart }
    }

    fn new_key(&self) -> String {
        (self.random)().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The cart of a request that changes it.
pub struct CartEdit<'p> {
    page: &'p PageContext,
    changes: OwnedMutexGuard<recent_carts::Changes>,
    /// What it is now, which may be more than the browser knew when it sent the request.
    pub cart: Option<Cart>,
}

impl CartEdit<'_> {
    /// The cart, or one that begins now.
    pub fn cart_or_new(&self) -> Cart {
        self.cart.clone().unwrap_or_else(|| Cart::begin(self.page.new_key()))
    }

    /// Lets the browser keep this cart.
    pub fn keep(mut self, cart: &Cart) -> Vec<CartItem> {
        self.record(&cart.write());
        cookies::write_cart(cart, self.page.secure);
        cart.items.clone()
    }

    /// Lets the browser forget its cart.
    pub fn forget(mut self) {
        self.record("");
        cookies::forget_cart();
    }

    fn record(&mut self, to: &str) {
        let from = self.cart.as_ref().map(Cart::write).unwrap_or_default();
        self.changes.record(&from, to, self.page.now);
    }
}

/// What the running request brought along.
///
/// # Errors
/// When the server mounted the pages without their context.
pub fn page() -> Result<PageContext, PageError> {
    use_context::<PageContext>().ok_or_else(|| Problem::new(ProblemCode::Internal).into())
}

/// When the running request came.
pub fn now() -> Timestamp {
    // A page without its context says so itself.
    page().map_or(Timestamp::from_millis(0), |page| page.now)
}

/// The form that was sent, while its page is shown again.
pub fn rejected() -> Option<Rejected> {
    use_context::<Rejected>()
}

/// There is no such page, and the answer says so.
pub fn not_found() -> PageError {
    refuse(Problem::new(ProblemCode::NotFound))
}

/// A problem as the page says it; the answer carries its status.
pub fn refuse(problem: Problem) -> PageError {
    answer_status(problem.status);
    if let (Some(answer), Some(seconds)) = (use_context::<ResponseOptions>(), problem.retry_after) {
        answer.insert_header(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    problem.into()
}

/// Sets the status of the answer.
pub fn answer_status(status: u16) {
    if let (Some(answer), Ok(status)) = (use_context::<ResponseOptions>(), StatusCode::from_u16(status)) {
        answer.set_status(status);
    }
}

/// Hands the request's context to the page, and lets the browser run nothing but our own scripts.
fn provide_page_context() {
    let page = use_context::<Parts>().and_then(|parts| parts.extensions.get::<PageContext>().cloned());
    if let Some(page) = page {
        provide_context(page);
    }
    if let (Some(answer), Some(nonce)) = (use_context::<ResponseOptions>(), use_nonce()) {
        let policy = format!(
            "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; object-src 'none'; \
             base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        );
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            answer.insert_header(header::CONTENT_SECURITY_POLICY, policy);
        }
    }
}

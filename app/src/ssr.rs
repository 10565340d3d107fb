//! The server side of the pages: the context of a request, forms without JavaScript, and the routes.
//!
//! The server puts a [`PageContext`] into the extensions of every request and mounts [`routes()`].

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
use crate::outcome::SubmittedForm;
use crate::page_error::PageError;

pub use cart::Cart;
pub use cart_actions::{add_to_cart, change_cart, left_out, order_again, priced};
pub use country::country;
pub use forms::post_page;
pub use ordering::{
    checkout_refusal, last_order, order_outcome, payment, private_link_of, request, resolve_order,
    resolve_page, send_order,
};
pub use recent_carts::RecentCarts;
pub use routes::routes;

/// A check that refuses a request with a problem.
pub type Check = Arc<dyn Fn() -> Result<(), Problem> + Send + Sync>;

/// The context of a page request.
#[derive(Clone)]
pub struct PageContext {
    /// The shoppers' port.
    pub service: Arc<dyn OrderService>,
    /// Refuses new orders while the server is overloaded.
    pub admission: Check,
    /// Counts a submission, and refuses it above the caller's rate limit.
    pub rate_limit: Check,
    /// Counts a refused submission.
    pub refused: Arc<dyn Fn(&Problem) + Send + Sync>,
    /// The caller.
    pub caller: Caller,
    /// The time of the request.
    pub now: Timestamp,
    /// Recent changes of carts.
    pub carts: Arc<RecentCarts>,
    /// Returns sixteen random bytes, for the idempotency key of a new cart.
    pub random: fn() -> [u8; 16],
    /// The public base address, without a trailing slash.
    pub public_url: String,
    /// Whether the site uses https, so that cookies are `Secure`.
    pub secure: bool,
    /// Whether the sandbox simulates payment or carrier.
    pub sandbox: bool,
    /// The default country.
    pub country: Country,
}

impl PageContext {
    pub fn cart(&self) -> Option<Cart> {
        cookies::read_cart()
    }

    /// Returns the cart of the request for a change; no other request of this session changes it meanwhile.
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
    /// The current cart, which may be newer than the browser's.
    pub cart: Option<Cart>,
}

impl CartEdit<'_> {
    /// Returns the cart, or a new one.
    pub fn cart_or_new(&self) -> Cart {
        self.cart.clone().unwrap_or_else(|| Cart::begin(self.page.new_key()))
    }

    /// Sets the cart's cookie.
    pub fn save(mut self, cart: &Cart) -> Vec<CartItem> {
        self.record(&cart.write());
        cookies::write_cart(cart, self.page.secure);
        cart.items.clone()
    }

    /// Deletes the cart's cookie.
    pub fn delete(mut self) {
        self.record("");
        cookies::delete_cart();
    }

    fn record(&mut self, to: &str) {
        let from = self.cart.as_ref().map(Cart::write).unwrap_or_default();
        self.changes.record(&from, to, self.page.now);
    }
}

/// Returns the context of the request.
///
/// # Errors
/// When the server mounted the pages without it.
pub fn page() -> Result<PageContext, PageError> {
    use_context::<PageContext>().ok_or_else(|| Problem::new(ProblemCode::Internal).into())
}

pub fn now() -> Timestamp {
    // A page without a context reports that itself.
    page().map_or(Timestamp::from_millis(0), |page| page.now)
}

/// Returns the submitted form, while its page is shown again.
pub fn submitted() -> Option<SubmittedForm> {
    use_context::<SubmittedForm>()
}

/// Returns a 404 error and sets the status.
pub fn not_found() -> PageError {
    refuse(Problem::new(ProblemCode::NotFound))
}

/// Converts a problem to a page error and sets the status.
pub fn refuse(problem: Problem) -> PageError {
    answer_status(problem.status);
    if let (Some(answer), Some(seconds)) = (use_context::<ResponseOptions>(), problem.retry_after) {
        answer.insert_header(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    problem.into()
}

pub fn answer_status(status: u16) {
    if let (Some(answer), Ok(status)) = (use_context::<ResponseOptions>(), StatusCode::from_u16(status)) {
        answer.set_status(status);
    }
}

/// Provides the request's context to the page, and sets the content security policy.
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

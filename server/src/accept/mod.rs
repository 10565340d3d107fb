//! The shopper's port: everything that pages and API do for a shopper passes here.
//!
//! [`submit`] is the one that has to be quick: it validates, prepares every byte that will be written, and makes one call
//! to the store.

mod commands;
mod prices;
mod submit;

use std::sync::Arc;

use async_trait::async_trait;
use orders::{
    Accepted, AddressRequest, Caller, CommandContext, EmailRequest, GroupPage, GroupQuery, IdempotencyKey,
    Order, OrderId, OrderPage, OrderQuery, OrderRecord, OrderRequest, OrderService, Owner, PaymentRequest,
    PrivateLink, Problem, ProblemCode, Product, ProductPage, ProductQuery, Scope, Timestamp, TrackingToken,
    wording::{self, Past},
};
use queue::Clock;

use self::prices::Prices;
use crate::identity::tracking::TrackingKey;
use crate::pipeline::eta::EtaEstimator;
use crate::platform::entropy::Entropy;
use crate::store::order_job::in_order_time;
use crate::store::problems::unreadable;
use crate::store::sqlite::{OrderFilter, SqliteStore};
use crate::store::{EventLog as _, ReadError, StoredEvent, Topic};

/// The longest page of a list.
const LONGEST_PAGE: u32 = 100;
/// An order that has more events than this shows the first of them.
const MOST_EVENTS: u32 = 1_000;
/// The page of a list without a word.
const USUAL_PAGE: u32 = 50;

/// What the shopper's side needs.
pub struct Shop {
    store: Arc<SqliteStore>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    tracking: TrackingKey,
    eta: Arc<EtaEstimator>,
    public_url: String,
    prices: Prices,
}

impl Shop {
    /// A shop over a store. `public_url` is the public base address, without a trailing slash.
    pub fn new(
        store: Arc<SqliteStore>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        tracking: TrackingKey,
        eta: Arc<EtaEstimator>,
        public_url: String,
    ) -> Self {
        Self { store, clock, entropy, tracking, eta, public_url, prices: Prices::default() }
    }

    fn now(&self) -> Timestamp {
        in_order_time(self.clock.now())
    }

    fn moment(&self) -> CommandContext<'_> {
        CommandContext { at: self.now(), public_url: &self.public_url }
    }

    /// The record of an order that the caller may see; one of somebody else is as if it were not there.
    async fn visible_record(&self, caller: &Caller, id: OrderId) -> Result<OrderRecord, Problem> {
        let found = self.store.order_record(id).await.map_err(unreadable)?;
        found
            .filter(|record| caller.may_see(id, record.access()))
            .ok_or_else(|| Problem::new(ProblemCode::NotFound).detail("There is no such order."))
    }
}

#[async_trait]
impl OrderService for Shop {
    async fn products(&self, query: &ProductQuery) -> Result<ProductPage, Problem> {
        let all = self.store.products().await.map_err(unreadable)?;
        prices::page(all, query)
    }

    async fn product(&self, sku: &str) -> Result<Product, Problem> {
        let all = self.store.products().await.map_err(unreadable)?;
        let found = all.into_iter().find(|product| product.sku == sku);
        found.ok_or_else(|| Problem::new(ProblemCode::NotFound).detail("There is no such product."))
    }

    async fn submit(
        &self,
        caller: &Caller,
        key: &IdempotencyKey,
        request: OrderRequest,
    ) -> Result<Accepted, Problem> {
        submit::submit(self, caller, key, request).await
    }

    async fn order(&self, caller: &Caller, id: OrderId) -> Result<Order, Problem> {
        Ok(self.visible_record(caller, id).await?.order)
    }

    async fn history(&self, caller: &Caller, id: OrderId) -> Result<Vec<Past>, Problem> {
        self.visible_record(caller, id).await?;
        let events = self.store.events_after(Topic::Order(id), 0, MOST_EVENTS).await.map_err(unreadable)?;
        let read = |event: StoredEvent| {
            let data = serde_json::from_str(&event.data)
                .map_err(|error| unreadable(ReadError(error.to_string())))?;
            Ok((event.kind, event.at, data))
        };
        Ok(wording::history(events.into_iter().map(read).collect::<Result<Vec<_>, Problem>>()?))
    }

    fn tracked(&self, token: &TrackingToken) -> Result<PrivateLink, Problem> {
        let link = self.tracking.open(token);
        link.ok_or_else(|| Problem::new(ProblemCode::NotFound).detail("This link opens no order."))
    }

    fn tracking_token(&self, link: PrivateLink) -> TrackingToken {
        self.tracking.mint(link)
    }

    async fn replace_link(&self, caller: &Caller, id: OrderId) -> Result<Order, Problem> {
        commands::replace_link(self, caller, id).await
    }

    async fn orders(&self, caller: &Caller, query: &OrderQuery) -> Result<OrderPage, Problem> {
        let limit = query.page_size.unwrap_or(USUAL_PAGE).clamp(1, LONGEST_PAGE);
        let before = query.page_token.as_deref().map(str::parse::<u64>).transpose().map_err(|_| {
            Problem::new(ProblemCode::MalformedQuery).detail("page_token is not one that a page ended with.")
        })?;
        let filter = OrderFilter {
            owner: match (caller.scope, caller.owner) {
                (Scope::Desk, _) => None,
                (_, Some(owner)) => Some(owner),
                (_, None) => return Err(Problem::new(ProblemCode::Unauthorized)),
            },
            state: query.state,
            updated_after: query.updated_after,
            before,
            // One more tells whether there is a next page.
            limit: limit + 1,
        };
        let mut found = self.store.list_orders(filter).await.map_err(unreadable)?;
        let more = found.len() > limit as usize;
        found.truncate(limit as usize);
        let next_page_token = found.last().filter(|_| more).map(|(count, _)| count.to_string());
        Ok(OrderPage { orders: found.into_iter().map(|(_, order)| order).collect(), next_page_token })
    }

    async fn group(&self, caller: &Caller, query: &GroupQuery) -> Result<GroupPage, Problem> {
        let owner = caller.owner.ok_or_else(|| Problem::new(ProblemCode::Unauthorized))?;
        self.store.orders_in_group(owner, query).await.map_err(unreadable)
    }

    async fn told(&self) -> Result<String, Problem> {
        let head = self.store.head().await.map_err(unreadable)?;
        Ok(format!("{head:020}"))
    }

    async fn cancel(&self, caller: &Caller, id: OrderId) -> Result<Order, Problem> {
        commands::cancel(self, caller, id).await
    }

    async fn provide_payment(
        &self,
        caller: &Caller,
        id: OrderId,
        payment: PaymentRequest,
    ) -> Result<Order, Problem> {
        commands::provide_payment(self, caller, id, &payment).await
    }

    async fn correct_address(
        &self,
        caller: &Caller,
        id: OrderId,
        ship_to: AddressRequest,
    ) -> Result<Order, Problem> {
        commands::correct_address(self, caller, id, &ship_to).await
    }

    async fn correct_email(
        &self,
        caller: &Caller,
        id: OrderId,
        email: EmailRequest,
    ) -> Result<Order, Problem> {
        commands::correct_email(self, caller, id, &email).await
    }

    async fn may_correct_email(&self, caller: &Caller, id: OrderId) -> Result<bool, Problem> {
        commands::may_correct_email(self, caller, id).await
    }
}

/// The first sixteen bytes of a SHA-256 over parts that cannot run into each other.
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

/// Whose keys are whose: callers without session and key share one scope.
fn scope_of(owner: Option<Owner>) -> [u8; 16] {
    owner.map_or([0; 16], |owner| owner.0)
}

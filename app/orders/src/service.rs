//! The port of the shopper's side: the pages and the HTTP API call these and nothing else.

use async_trait::async_trait;

use serde::{Deserialize, Serialize};

use crate::wording::Past;
use crate::{
    AddressRequest, Caller, EmailRequest, GroupPage, GroupQuery, IdempotencyKey, Order, OrderId,
    OrderRequest, PaymentRequest, PrivateLink, Problem, Product, ProductPage, ProductQuery, State, Timestamp,
    TrackingToken,
};

/// An accepted order.
#[derive(Debug, Clone, PartialEq)]
pub struct Accepted {
    /// The order as it is now, with its tracking token.
    pub order: Order,
    /// It had been accepted before, under the same key.
    pub replayed: bool,
}

/// Which orders to list, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderQuery {
    /// Only orders in this state.
    pub state: Option<State>,
    /// Only orders that changed after this time.
    pub updated_after: Option<Timestamp>,
    /// How many at once; 50 without a word, at most 100.
    pub page_size: Option<u32>,
    /// Where the page before ended.
    pub page_token: Option<String>,
}

/// Some orders.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderPage {
    /// The orders.
    pub orders: Vec<Order>,
    /// How to get the next page; none on the last.
    pub next_page_token: Option<String>,
}

/// What a shopper, or a program in their place, can do.
///
/// Every method answers only about orders that the caller may see; an order of somebody else is `not-found`.
#[async_trait]
pub trait OrderService: Send + Sync + 'static {
    /// Lists the catalogue.
    async fn products(&self, query: &ProductQuery) -> Result<ProductPage, Problem>;

    /// One product, or `not-found`.
    async fn product(&self, sku: &str) -> Result<Product, Problem>;

    /// Stores an order durably and answers; the work begins afterwards. The same key and body again answers with the
    /// order as it is now.
    async fn submit(
        &self,
        caller: &Caller,
        key: &IdempotencyKey,
        request: OrderRequest,
    ) -> Result<Accepted, Problem>;

    /// One order.
    async fn order(&self, caller: &Caller, id: OrderId) -> Result<Order, Problem>;

    /// What happened to an order so far, the oldest first.
    async fn history(&self, caller: &Caller, id: OrderId) -> Result<Vec<Past>, Problem>;

    /// The link that a tracking token was made for, or `not-found` for a token that nobody here made. Whether it still is
    /// the link of its order is judged where the order is read: see [`Caller::may_see`].
    fn tracked(&self, token: &TrackingToken) -> Result<PrivateLink, Problem>;

    /// The token of a link.
    fn tracking_token(&self, link: PrivateLink) -> TrackingToken;

    /// Gives an order another private link, each time it is called; the one before is dead at once. For its owner and the
    /// desk; `not-found` for everybody else, the holder of its link included.
    async fn replace_link(&self, caller: &Caller, id: OrderId) -> Result<Order, Problem>;

    /// The caller's orders, newest first.
    async fn orders(&self, caller: &Caller, query: &OrderQuery) -> Result<OrderPage, Problem>;

    /// The caller's own orders of one group of the report, newest first.
    async fn group(&self, caller: &Caller, query: &GroupQuery) -> Result<GroupPage, Problem>;

    /// Up to where everything has been told: who reads first this and then orders misses nothing that happens after it.
    async fn told(&self) -> Result<String, Problem>;

    /// Ends an order; `order-not-cancellable` once the carrier has it.
    async fn cancel(&self, caller: &Caller, id: OrderId) -> Result<Order, Problem>;

    /// Gives another way to pay; `wrong-state` when none was asked for.
    async fn provide_payment(
        &self,
        caller: &Caller,
        id: OrderId,
        payment: PaymentRequest,
    ) -> Result<Order, Problem>;

    /// Corrects the address; `wrong-state` when that was not asked for.
    async fn correct_address(
        &self,
        caller: &Caller,
        id: OrderId,
        ship_to: AddressRequest,
    ) -> Result<Order, Problem>;

    /// Gives another e-mail address; `wrong-state` when no mail was refused, `forbidden` for whoever only has the private link
    /// of an order that has an owner.
    async fn correct_email(
        &self,
        caller: &Caller,
        id: OrderId,
        email: EmailRequest,
    ) -> Result<Order, Problem>;

    /// Whether the caller may give another e-mail address.
    async fn may_correct_email(&self, caller: &Caller, id: OrderId) -> Result<bool, Problem>;
}

//! The shoppers' port: the pages and the HTTP API call this and nothing else.

use async_trait::async_trait;

use serde::{Deserialize, Serialize};

use crate::wording::HistoryEntry;
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
    /// Whether it was accepted before, under the same key.
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
    /// The page size: 50 by default, at most 100.
    pub page_size: Option<u32>,
    /// The `next_page_token` of the previous page.
    pub page_token: Option<String>,
}

/// A page of orders.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderPage {
    /// The orders.
    pub orders: Vec<Order>,
    /// The token of the next page; none on the last.
    pub next_page_token: Option<String>,
}

/// What a shopper, or a program on their behalf, can do.
///
/// Every method answers only about orders that the caller may see; somebody else's order is `not-found`.
#[async_trait]
pub trait OrderService: Send + Sync + 'static {
    /// Lists the catalogue.
    async fn products(&self, query: &ProductQuery) -> Result<ProductPage, Problem>;

    /// Returns one product, or `not-found`.
    async fn product(&self, sku: &str) -> Result<Product, Problem>;

    /// Stores an order durably and answers; the work begins afterwards. The same key and body again returns the order
    /// as it is now.
    async fn submit(
        &self,
        caller: &Caller,
        key: &IdempotencyKey,
        request: OrderRequest,
    ) -> Result<Accepted, Problem>;

    /// Returns one order.
    async fn order(&self, caller: &Caller, id: OrderId) -> Result<Order, Problem>;

    /// Returns the history of an order, oldest first.
    async fn history(&self, caller: &Caller, id: OrderId) -> Result<Vec<HistoryEntry>, Problem>;

    /// Returns the link that a tracking token was made for; `not-found` for a token of another installation. Whether
    /// it still is the order's link is checked where the order is read: see [`Caller::may_see`].
    fn tracked(&self, token: &TrackingToken) -> Result<PrivateLink, Problem>;

    /// Returns the token of a link.
    fn tracking_token(&self, link: PrivateLink) -> TrackingToken;

    /// Replaces the private link of an order, each time it is called; the previous link stops working at once. For
    /// its owner and the desk; `not-found` for everybody else, including the holder of the link.
    async fn replace_link(&self, caller: &Caller, id: OrderId) -> Result<Order, Problem>;

    /// Lists the caller's orders, newest first.
    async fn orders(&self, caller: &Caller, query: &OrderQuery) -> Result<OrderPage, Problem>;

    /// Lists the caller's own orders of one group of the report, newest first.
    async fn group(&self, caller: &Caller, query: &GroupQuery) -> Result<GroupPage, Problem>;

    /// Returns the position of the last published event. A caller that reads this first and then orders misses
    /// nothing that happens later.
    async fn cursor(&self) -> Result<String, Problem>;

    /// Cancels an order; `order-not-cancellable` once the carrier has it.
    async fn cancel(&self, caller: &Caller, id: OrderId) -> Result<Order, Problem>;

    /// Gives another payment; `wrong-state` when none was asked for.
    async fn provide_payment(
        &self,
        caller: &Caller,
        id: OrderId,
        payment: PaymentRequest,
    ) -> Result<Order, Problem>;

    /// Corrects the address; `wrong-state` when no correction was asked for.
    async fn correct_address(
        &self,
        caller: &Caller,
        id: OrderId,
        ship_to: AddressRequest,
    ) -> Result<Order, Problem>;

    /// Corrects the e-mail address; `wrong-state` when no mail was refused, `forbidden` for a caller that has only
    /// the private link of an order with an owner.
    async fn correct_email(
        &self,
        caller: &Caller,
        id: OrderId,
        email: EmailRequest,
    ) -> Result<Order, Problem>;

    /// Whether the caller may correct the e-mail address.
    async fn may_correct_email(&self, caller: &Caller, id: OrderId) -> Result<bool, Problem>;
}

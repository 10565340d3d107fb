//! Searching orders.

use async_trait::async_trait;
use orders::{GroupPage, GroupQuery, Order, OrderId, OrderNumber, Owner, Service, State};

use crate::store::ReadError;

/// What to search for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// All orders.
    All,
    /// The order with this id.
    Id(OrderId),
    /// The order with this number.
    Number(OrderNumber),
    /// Orders with this e-mail search key.
    Email(String),
    /// Orders whose customer's name contains this.
    Name(String),
    /// Orders that wait because this service refuses our calls.
    RefusedBy(Service),
    /// Open orders whose customer does not receive our mails.
    MailRefused,
}

/// A page of orders, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The orders.
    pub orders: Vec<Order>,
    /// The serial number before which to continue; none at the end.
    pub next: Option<u64>,
}

/// The searches of the desk. Each method fails when the store cannot be read.
#[async_trait]
pub trait OrderSearch: Send + Sync + 'static {
    /// Returns orders, newest first, before a serial number, at most `limit`.
    async fn search_orders(
        &self,
        wanted: &Wanted,
        state: Option<State>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Found, ReadError>;

    /// Returns the numbers of orders.
    async fn numbers_of(&self, ids: &[OrderId]) -> Result<Vec<(OrderId, OrderNumber)>, ReadError>;
}

/// The report of a shopper. The method fails when the store cannot be read.
#[async_trait]
pub trait OrderReport: Send + Sync + 'static {
    /// Returns the orders of one owner in a group, newest first.
    async fn orders_in_group(&self, owner: Owner, query: &GroupQuery) -> Result<GroupPage, ReadError>;
}

//! [`OrderService`] for [`Shop`]: which file answers which call.

use std::sync::Arc;

use async_trait::async_trait;
use orders::{
    Accepted, AddressRequest, Caller, EmailRequest, GroupPage, GroupQuery, IdempotencyKey, Order, OrderId,
    OrderPage, OrderQuery, OrderRequest, OrderService, PaymentRequest, PrivateLink, Problem, ProblemCode,
    Product, ProductPage, ProductQuery, Scope, TrackingToken,
    wording::{self, HistoryEntry},
};

use super::prices::{DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE};
use super::{Shop, commands, prices, submit};
use crate::store::OrderFilter;
use crate::store::Topic;
use crate::store::problems::unreadable;

/// The history of an order shows at most this many events, the oldest ones.
const MAX_EVENTS: u32 = 1_000;

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

    async fn history(&self, caller: &Caller, id: OrderId) -> Result<Vec<HistoryEntry>, Problem> {
        self.visible_record(caller, id).await?;
        let events = self.store.events_after(Topic::Order(id), 0, MAX_EVENTS).await.map_err(unreadable)?;
        let events = events.into_iter().map(|event| (event.kind, event.at, Arc::unwrap_or_clone(event.data)));
        Ok(wording::history(events))
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
        let limit = query.page_size.unwrap_or(DEFAULT_PAGE_SIZE).clamp(1, MAX_PAGE_SIZE);
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
            // One more order tells whether there is a next page.
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

    async fn cursor(&self) -> Result<String, Problem> {
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

//! What the top of every page shows.

use orders::Order;
use serde::{Deserialize, Serialize};

use crate::cart::CartItem;
use crate::error::Trouble;

/// The cart and the orders of whoever looks.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Header {
    /// What is in the cart.
    pub cart: Vec<CartItem>,
    /// Their orders that are not done yet, newest first.
    pub orders: Vec<Order>,
    /// No money moves here.
    pub sandbox: bool,
}

/// The cart and the orders of whoever looks.
pub async fn load_header() -> Result<Header, Trouble> {
    use crate::live::report::Group;
    use orders::OrderQuery;

    let page = crate::ssr::page()?;
    let newest = page.service.orders(&page.caller, &OrderQuery::default()).await;
    // A page without the tray is better than no page: whatever is wrong with the store, the page itself says.
    let orders = newest.map(|list| list.orders).unwrap_or_default();
    let open = orders.into_iter().filter(|order| Group::of(order) != Group::Done);
    let cart = page.cart().map(|cart| cart.items).unwrap_or_default();
    Ok(Header { cart, orders: open.take(20).collect(), sandbox: page.sandbox })
}

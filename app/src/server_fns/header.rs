//! What the top of every page shows.

use orders::{Group, GroupQuery, Order, OrderId, Problem, Words};
use serde::{Deserialize, Serialize};

use crate::cart::CartItem;
use crate::page_error::PageError;
use crate::ssr::PageContext;

/// The cart and the orders of whoever looks.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Header {
    /// What is in the cart.
    pub cart: Vec<CartItem>,
    /// Their orders that are not done yet.
    pub open: Open,
    /// No money moves here.
    pub sandbox: bool,
}

/// Orders that are not done yet.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Open {
    /// The first: those that need somebody, then the newest.
    pub orders: Vec<Order>,
    /// The others.
    pub others: Vec<OrderId>,
    /// How many there are besides.
    pub more: u32,
    /// Up to where everything has been told that these show.
    pub cursor: String,
}

/// So many orders of each group are known by name.
const KNOWN: u32 = 100;
/// So many of all are carried by every page as a whole: the short list, and who moves up.
const CARRIED: usize = 10;

/// The cart and the orders of whoever looks.
pub async fn load_header() -> Result<Header, PageError> {
    let page = crate::ssr::page()?;
    // A page without the tray is better than no page: whatever is wrong with the store, the page itself says.
    let open = open(&page).await.unwrap_or_default();
    let cart = page.cart().map(|cart| cart.items).unwrap_or_default();
    Ok(Header { cart, open, sandbox: page.sandbox })
}

async fn open(page: &PageContext) -> Result<Open, Problem> {
    let group = |group| GroupQuery { group, words: Words::default(), before: None, limit: KNOWN };
    let cursor = page.service.cursor().await?;
    // What begins to need somebody in between is seen twice and not missed.
    let in_progress = page.service.group(&page.caller, &group(Group::InProgress)).await?;
    let needs_you = page.service.group(&page.caller, &group(Group::NeedsYou)).await?;
    let more = needs_you.older + in_progress.older;
    let mut orders = needs_you.orders;
    for order in in_progress.orders {
        if orders.iter().all(|known| known.id != order.id) {
            orders.push(order);
        }
    }
    let others = orders.split_off(CARRIED.min(orders.len())).iter().map(|order| order.id).collect();
    Ok(Open { orders, others, more, cursor })
}

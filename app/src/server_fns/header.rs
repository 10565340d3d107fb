//! The data of the header.

use orders::{Group, GroupQuery, Problem, Words};
use serde::{Deserialize, Serialize};

use crate::cart::CartItem;
use crate::islands::OrdersMenu;
use crate::page_error::PageError;
use crate::ssr::PageContext;

/// The viewer's cart and orders.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Header {
    pub cart: Vec<CartItem>,
    pub open: OrdersMenu,
    pub sandbox: bool,
}

/// How many orders of each group are listed by id.
const LISTED_PER_GROUP: u32 = 100;
/// How many orders every page contains completely: the short list, and those that move up.
const EMBEDDED: usize = 10;

pub async fn load_header() -> Result<Header, PageError> {
    let page = crate::ssr::page()?;
    // A failing store is reported by the page itself, not by its header.
    let open = open(&page).await.unwrap_or_default();
    let cart = page.cart().map(|cart| cart.items).unwrap_or_default();
    Ok(Header { cart, open, sandbox: page.sandbox })
}

async fn open(page: &PageContext) -> Result<OrdersMenu, Problem> {
    let group = |group| GroupQuery { group, words: Words::default(), before: None, limit: LISTED_PER_GROUP };
    let cursor = page.service.cursor().await?;
    // An order that changes groups in between is read twice and not missed.
    let in_progress = page.service.group(&page.caller, &group(Group::InProgress)).await?;
    let needs_you = page.service.group(&page.caller, &group(Group::NeedsYou)).await?;
    let more = needs_you.older + in_progress.older;
    let mut orders = needs_you.orders;
    for order in in_progress.orders {
        if orders.iter().all(|known| known.id != order.id) {
            orders.push(order);
        }
    }
    let others = orders.split_off(EMBEDDED.min(orders.len())).iter().map(|order| order.id).collect();
    Ok(OrdersMenu { orders, others, more, cursor })
}

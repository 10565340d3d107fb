//! All orders of whoever looks.

use orders::OrderPage;
use serde::{Deserialize, Serialize};

use crate::error::Trouble;

/// Which orders to show; also the query part of the report's address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportQuery {
    /// A number, or a word of a product's name.
    pub query: String,
    /// `needs-you`, `in-progress`, `done`; empty is all.
    pub group: String,
    /// Where the page before ended; empty is the newest.
    pub after: String,
}

/// The orders of whoever looks, newest first.
pub async fn load_report(query: ReportQuery) -> Result<OrderPage, Trouble> {
    use crate::live::report::{Group, matches};
    use orders::OrderQuery;

    let page = crate::ssr::page()?;
    let after = Some(query.after).filter(|after| !after.is_empty());
    let wanted = OrderQuery { page_size: Some(100), page_token: after, ..OrderQuery::default() };
    let mut list = page.service.orders(&page.caller, &wanted).await.map_err(crate::ssr::refuse)?;
    let group = Group::from_word(&query.group);
    list.orders
        .retain(|order| group.is_none_or(|group| Group::of(order) == group) && matches(order, &query.query));
    Ok(list)
}

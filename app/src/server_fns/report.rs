//! All orders of whoever looks.

use orders::{Group, GroupPage};
use serde::{Deserialize, Serialize};

use crate::page_error::PageError;

/// Which orders to show; also the query part of the report's address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportQuery {
    /// Words: parts of a number or of a product's name.
    pub query: String,
    /// `needs-you`, `in-progress`, `done`; empty is all.
    pub group: String,
    /// The number of the order that the page before ended with; empty is the newest.
    pub after: String,
}

/// The orders of whoever looks.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    /// In their groups, each the newest first.
    pub groups: [GroupPage; 3],
    /// Up to where everything has been told that these show.
    pub cursor: String,
}

/// The groups from the one that something leaves to the one that it comes to: what changes meanwhile is seen twice and
/// not missed.
const AS_ORDERS_GO: [Group; 3] = [Group::InProgress, Group::NeedsYou, Group::Done];

/// What is not done is shown at once; a page that is longer than this is no help to anybody.
const OPEN_AT_ONCE: u32 = 100;
const DONE_AT_ONCE: u32 = 50;

/// The orders of whoever looks, in their groups.
pub async fn load_report(asked: ReportQuery) -> Result<Report, PageError> {
    use orders::{GroupQuery, Words};

    let page = crate::ssr::page()?;
    let only = Group::from_word(&asked.group);
    let cursor = page.service.cursor().await.map_err(crate::ssr::refuse)?;
    let mut groups = <[GroupPage; 3]>::default();
    for group in AS_ORDERS_GO.into_iter().filter(|group| only.is_none_or(|only| only == *group)) {
        let limit = if group == Group::Done { DONE_AT_ONCE } else { OPEN_AT_ONCE };
        let words = Words::of(&asked.query);
        let wanted = GroupQuery { group, words, before: asked.after.parse().ok(), limit };
        groups[group as usize] =
            page.service.group(&page.caller, &wanted).await.map_err(crate::ssr::refuse)?;
    }
    Ok(Report { groups, cursor })
}

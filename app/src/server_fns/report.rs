//! The viewer's orders.

use orders::{Group, GroupPage};
use serde::{Deserialize, Serialize};

use crate::page_error::PageError;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportQuery {
    /// Words: parts of a number or of a product's name.
    pub query: String,
    /// `needs-you`, `in-progress`, `done`; empty is all.
    pub group: String,
    /// The number of the last order of the previous page; empty for the newest.
    pub after: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    /// In groups, each newest first.
    pub groups: [GroupPage; 3],
    /// The position in the event log that these were read at.
    pub cursor: String,
}

/// The groups in the order in which orders pass them, so that an order that changes groups in between is read twice
/// and not missed.
const GROUPS_IN_ORDER: [Group; 3] = [Group::InProgress, Group::NeedsYou, Group::Done];

/// The largest page of open orders.
const MAX_OPEN: u32 = 100;
const DONE_AT_ONCE: u32 = 50;

pub async fn load_report(asked: ReportQuery) -> Result<Report, PageError> {
    use orders::{GroupQuery, Words};

    let page = crate::ssr::page()?;
    let only = Group::from_word(&asked.group);
    let cursor = page.service.cursor().await.map_err(crate::ssr::refuse)?;
    let mut groups = <[GroupPage; 3]>::default();
    for group in GROUPS_IN_ORDER.into_iter().filter(|group| only.is_none_or(|only| only == *group)) {
        let limit = if group == Group::Done { DONE_AT_ONCE } else { MAX_OPEN };
        let words = Words::of(&asked.query);
        let wanted = GroupQuery { group, words, before: asked.after.parse().ok(), limit };
        groups[group as usize] =
            page.service.group(&page.caller, &wanted).await.map_err(crate::ssr::refuse)?;
    }
    Ok(Report { groups, cursor })
}

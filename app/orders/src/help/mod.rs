//! The help pages: short texts that say what happens, whether money moved, and what to do next.
//!
//! They promise only what Docket itself does. What a shop does outside Docket (bills, returns, a telephone number) is
//! the shop's business, and the texts say so.

mod delivery;
mod following;
mod needs_you;
mod ordering;
mod paying;
mod topic;

pub use self::topic::{Chapter, Topic};

use crate::ProblemCode;

/// The page at an address below `/help`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// A page for people who order.
    Topic(&'static Topic),
    /// The texts of a problem that hardly anybody meets but the author of a program.
    Problem(ProblemCode),
}

/// The chapters, in the order in which they are listed.
pub const CHAPTERS: &[Chapter] = &[
    Chapter { title: "When something needs you", topics: needs_you::TOPICS },
    Chapter { title: "Ordering", topics: ordering::TOPICS },
    Chapter { title: "Paying", topics: paying::TOPICS },
    Chapter { title: "Delivery", topics: delivery::TOPICS },
    Chapter { title: "Finding your orders, and your privacy", topics: following::TOPICS },
];

/// Returns the page for shoppers at `/help/{slug}`.
pub fn topic(slug: &str) -> Option<&'static Topic> {
    CHAPTERS.iter().flat_map(|chapter| chapter.topics).find(|topic| topic.slug == slug)
}

/// Returns the page at `/help/{slug}`.
pub fn page(slug: &str) -> Option<Page> {
    topic(slug).map(Page::Topic).or_else(|| ProblemCode::from_word(slug).map(Page::Problem))
}

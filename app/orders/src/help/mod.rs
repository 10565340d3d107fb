//! The help pages: short texts that say what happens, whether money moved, and what to do next.
//!
//! They promise only what Docket does by itself. Whatever a shop does beside it (bills, returns, a telephone) is the
//! shop's own, and they say so.

mod delivery;
mod following;
mod needs_you;
mod ordering;
mod paying;
mod topic;

pub use self::topic::{Chapter, Topic};

use crate::ProblemCode;

/// What is to be read at an address below `/help`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// A page for people who order.
    Topic(&'static Topic),
    /// The general words of a problem that hardly anybody meets who does not write a program.
    Problem(ProblemCode),
}

/// The help, in the order in which it is listed.
pub const CHAPTERS: &[Chapter] = &[
    Chapter { title: "When something needs you", topics: needs_you::TOPICS },
    Chapter { title: "Ordering", topics: ordering::TOPICS },
    Chapter { title: "Paying", topics: paying::TOPICS },
    Chapter { title: "Delivery", topics: delivery::TOPICS },
    Chapter { title: "Finding your orders, and your privacy", topics: following::TOPICS },
];

/// The page for people who order at `/help/{slug}`, if there is one.
pub fn topic(slug: &str) -> Option<&'static Topic> {
    CHAPTERS.iter().flat_map(|chapter| chapter.topics).find(|topic| topic.slug == slug)
}

/// The page at `/help/{slug}`, if there is one.
pub fn page(slug: &str) -> Option<Page> {
    topic(slug).map(Page::Topic).or_else(|| ProblemCode::from_word(slug).map(Page::Problem))
}

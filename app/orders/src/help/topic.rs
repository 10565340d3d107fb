//! The chapters and pages of the help.

/// A chapter of the help.
#[derive(Debug, PartialEq, Eq)]
pub struct Chapter {
    /// Its title.
    pub title: &'static str,
    /// Its pages.
    pub topics: &'static [Topic],
}

/// One page for shoppers.
#[derive(Debug, PartialEq, Eq)]
pub struct Topic {
    /// The last part of its address. A page about a problem has the code of the problem.
    pub slug: &'static str,
    /// Its title.
    pub title: &'static str,
    /// What happens, in paragraphs.
    pub happens: &'static [&'static str],
    /// Whether money moved, where a reader may wonder.
    pub money: Option<&'static str>,
    /// What to do next.
    pub next: &'static str,
    /// Related pages.
    pub also: &'static [&'static str],
}

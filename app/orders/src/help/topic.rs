//! What the help is made of.

/// A part of the help.
#[derive(Debug, PartialEq, Eq)]
pub struct Chapter {
    /// Its title.
    pub title: &'static str,
    /// Its pages.
    pub topics: &'static [Topic],
}

/// One page for people who order.
#[derive(Debug, PartialEq, Eq)]
pub struct Topic {
    /// The last part of its address. A page about a problem that people meet goes by the problem's code.
    pub slug: &'static str,
    /// Its title.
    pub title: &'static str,
    /// What happens, in paragraphs.
    pub happens: &'static [&'static str],
    /// Whether money moved, wherever somebody could wonder.
    pub money: Option<&'static str>,
    /// What to do next.
    pub next: &'static str,
    /// Pages that help further.
    pub also: &'static [&'static str],
}

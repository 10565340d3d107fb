//! What the plain and the HTML part of a mail show.

use orders::Order;

/// What both parts of a mail show.
pub(super) struct Content<'a> {
    pub(super) order: &'a Order,
    /// The words of the link to the order.
    pub(super) link_text: &'static str,
    /// The link to the order.
    pub(super) link: String,
    /// The page that explains what happened.
    pub(super) help: String,
}

//! The metrics of mails to customers.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use super::labels::Labels;

/// Attempts at sending a mail.
#[derive(Debug)]
pub struct MailMetrics {
    /// Accepted by the mail server, or written to the mail folder.
    pub sent: Counter,
    /// Refused for good: the address is unusable, or the mail server refuses it.
    pub refused: Counter,
    /// Failed and retried.
    pub failed: Counter,
}

impl MailMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let mails = Family::<Labels<1>, Counter>::default();
        let [sent, refused, failed] =
            ["sent", "refused", "failed"].map(|outcome| mails.get_or_create_owned(&[("outcome", outcome)]));
        registry.register("mails", "Attempts at sending a mail", mails);
        Self { sent, refused, failed }
    }
}

use std::path::PathBuf;

use lettre::message::Mailbox;
use reqwest::Url;

use super::{InvalidSetting, Setting, Sources, StoreConfig};

/// How mails are sent.
#[derive(Clone, PartialEq, Eq)]
pub struct MailConfig {
    /// The sender: `DOCKET_MAIL_FROM`, `Docket <docket@localhost>`.
    pub from: String,
    /// The transport.
    pub transport: MailTransport,
}

/// The transport of mails.
#[derive(Clone, PartialEq, Eq)]
pub enum MailTransport {
    /// This SMTP server: `DOCKET_SMTP_URL`.
    Server(String),
    /// Without one, files in the folder `mail` beside the database.
    Folder(PathBuf),
}

const SMTP_URL: Setting = Setting {
    name: "smtp_url",
    value: "URL",
    default: None,
    meaning: "The mail server, such as smtps://user:password@host; mails are written to files when it is not set",
    secret: true,
};
const MAIL_FROM: Setting = Setting {
    name: "mail_from",
    value: "SENDER",
    default: Some("Docket <docket@localhost>"),
    meaning: "The sender of the mails",
    secret: false,
};

impl MailConfig {
    pub(super) const SETTINGS: &[&Setting] = &[&SMTP_URL, &MAIL_FROM];

    pub(super) fn read(sources: &Sources, store: &StoreConfig) -> Result<Self, InvalidSetting> {
        let server =
            sources.optional(&SMTP_URL, "an address that begins with smtp:// or smtps://", |text| {
                let url = Url::parse(text).ok()?;
                (matches!(url.scheme(), "smtp" | "smtps") && url.has_host()).then(|| text.to_owned())
            })?;
        let from = sources.required(&MAIL_FROM, "a sender such as Docket <orders@example.org>", |text| {
            text.parse::<Mailbox>().ok().map(|_| text.to_owned())
        })?;
        let transport =
            server.map_or_else(|| MailTransport::Folder(store.beside("mail")), MailTransport::Server);
        Ok(Self { from, transport })
    }
}

impl std::fmt::Debug for MailConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let transport = match &self.transport {
            // The address contains a password.
            MailTransport::Server(_) => "a mail server".to_owned(),
            MailTransport::Folder(folder) => folder.display().to_string(),
        };
        f.debug_struct("MailConfig").field("from", &self.from).field("way", &transport).finish()
    }
}

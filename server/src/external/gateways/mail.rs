use std::{
    error::Error as _,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{
        Body, Mailbox, MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType},
    },
    transport::smtp,
};
use orders::email::EmailAddress;
use orders::{Service, StepReason, Timestamp};

use super::mail_folder::MailFolder;
use super::{Failure, MailRefusal, answer::transient, smtp_reply};
use crate::metrics::Metrics;

/// Sends mails, or writes them to a folder when no mail server is configured.
#[derive(Clone, Debug)]
pub struct Mailer {
    from: Mailbox,
    transport: Transport,
    metrics: Arc<Metrics>,
}

/// One mail with a plain-text and an HTML part.
#[derive(Clone, Debug)]
pub struct Mail {
    pub to_name: String,
    pub to_email: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    pub at: Timestamp,
}

/// The outcome of sending a mail.
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    Sent,
    /// It will never be accepted: the address is unusable, or the mail server refuses it for good.
    Refused(MailRefusal),
}

#[derive(Debug, thiserror::Error)]
pub enum MailerError {
    #[error("{0} is not a sender such as Docket <orders@example.org>")]
    Sender(String),
    #[error("the mail server's address cannot be used: {0}")]
    Server(#[from] smtp::Error),
    #[error("the mail folder {} cannot be created: {error}", .folder.display())]
    Folder { folder: PathBuf, error: io::Error },
}

/// In octets, without the line break (RFC 5322, 2.1.1).
const MAX_LINE_OCTETS: usize = 998;

#[derive(Clone, Debug)]
enum Transport {
    Folder(MailFolder),
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
}

impl Mailer {
    /// Writes each mail as an `.eml` file into the folder, which is created if missing.
    pub fn to_folder(folder: &Path, from: &str) -> Result<Mailer, MailerError> {
        let opened = MailFolder::open(folder)
            .map_err(|error| MailerError::Folder { folder: folder.to_owned(), error })?;
        Ok(Mailer::new(sender(from)?, Transport::Folder(opened)))
    }

    /// Sends by SMTP; `url` is `smtps://user:password@host` or another form of [`AsyncSmtpTransport::from_url`].
    /// `timeout` limits one SMTP command.
    pub fn to_server(url: &str, from: &str, timeout: Duration) -> Result<Mailer, MailerError> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)?.timeout(Some(timeout)).build();
        Ok(Mailer::new(sender(from)?, Transport::Smtp(transport)))
    }

    fn new(from: Mailbox, transport: Transport) -> Mailer {
        Mailer { from, transport, metrics: Arc::default() }
    }

    /// Counts what is sent in these metrics.
    #[must_use]
    pub fn with_metrics(self, metrics: Arc<Metrics>) -> Mailer {
        Mailer { metrics, ..self }
    }

    /// Sends the mail. With the same key it is the same mail: the file is replaced, and mail readers recognise its
    /// Message-ID.
    pub async fn send(&self, mail: &Mail, key: &str) -> Result<SendOutcome, Failure> {
        let outcome = self.deliver(mail, key).await;
        let mails = &self.metrics.mails;
        let counter = match &outcome {
            Ok(SendOutcome::Sent) => &mails.sent,
            Ok(SendOutcome::Refused(_)) => &mails.refused,
            Err(_) => &mails.failed,
        };
        counter.inc();
        outcome
    }

    async fn deliver(&self, mail: &Mail, key: &str) -> Result<SendOutcome, Failure> {
        let message = match self.message(mail, key) {
            Ok(message) => message,
            Err(why) => return Ok(SendOutcome::Refused(MailRefusal { status: None, why })),
        };
        match &self.transport {
            Transport::Folder(folder) => {
                folder.write(name_of(key), message.formatted()).await.map(|()| SendOutcome::Sent).map_err(
                    |error| {
                        transient(
                            Service::Mail,
                            StepReason::ServiceDown,
                            None,
                            format!("the file cannot be written: {error}"),
                        )
                    },
                )
            }
            Transport::Smtp(transport) => match transport.send(message).await {
                Ok(_) => Ok(SendOutcome::Sent),
                Err(error) => match smtp_reply::refusal(&error) {
                    Some(refusal) => Err(Failure::Refused { service: Service::Mail, refusal }),
                    None => Self::outcome_of_refusal(&error),
                },
            },
        }
    }

    /// Returns the outcome of a mail that the mail server did not accept.
    fn outcome_of_refusal(error: &smtp::Error) -> Result<SendOutcome, Failure> {
        match error {
            error if error.is_permanent() => Ok(SendOutcome::Refused(MailRefusal {
                status: error.status().map(u16::from),
                why: format!("the mail server answered {}", status(error)),
            })),
            error if needs_smtputf8(error) => Ok(SendOutcome::Refused(MailRefusal {
                status: None,
                why: "the mail server takes no address with letters other than ASCII before the @ (SMTPUTF8)"
                    .to_owned(),
            })),
            // It may have been accepted: the same Message-ID makes a second copy harmless.
            error => Err(transient(
                Service::Mail,
                service_fault(error),
                None,
                format!("the mail was not taken ({})", status(error)),
            )),
        }
    }

    fn message(&self, mail: &Mail, key: &str) -> Result<Message, String> {
        let to = recipient(&mail.to_email).ok_or_else(|| "the address cannot be written to".to_owned())?;
        let millis = u64::try_from(mail.at.as_millis()).unwrap_or(0);
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(Some(mail.to_name.clone()), to))
            .subject(&mail.subject)
            .date(SystemTime::UNIX_EPOCH + Duration::from_millis(millis))
            .message_id(Some(format!("<{}@{}>", name_of(key), self.from.email.domain())))
            .multipart(
                // Mail readers prefer the last part (RFC 2046, 5.1.4).
                MultiPart::alternative()
                    .singlepart(self.part(ContentType::TEXT_PLAIN, &mail.text))
                    .singlepart(self.part(ContentType::TEXT_HTML, &mail.html)),
            )
            .map_err(|error| error.to_string())
    }

    fn part(&self, kind: ContentType, text: &str) -> SinglePart {
        SinglePart::builder().header(kind).body(self.body(text))
    }

    /// In a file the text stays readable, as RFC 6532 allows; on the wire it is encoded as needed.
    fn body(&self, text: &str) -> Body {
        let lines: Vec<&str> = text.lines().collect();
        match self.transport {
            Transport::Folder(_) if lines.iter().all(|line| line.len() <= MAX_LINE_OCTETS) => {
                let text = lines.join("\r\n") + "\r\n";
                Body::dangerous_pre_encoded(text.into_bytes(), ContentTransferEncoding::EightBit)
            }
            Transport::Folder(_) | Transport::Smtp(_) => Body::new(text.to_owned()),
        }
    }
}

/// Returns the address with its domain in ASCII, so that only the part before the `@` can need SMTPUTF8.
fn recipient(email: &str) -> Option<Address> {
    let email = EmailAddress::parse(email)?;
    Address::new(email.local(), email.domain()).ok()
}

fn sender(from: &str) -> Result<Mailbox, MailerError> {
    let mut sender: Mailbox = from.parse().map_err(|_| MailerError::Sender(from.to_owned()))?;
    // A sender may be at `localhost`, which no customer's address is.
    sender.email = recipient(sender.email.as_ref()).unwrap_or(sender.email);
    Ok(sender)
}

/// Whether the address needs SMTPUTF8 and the mail server does not offer it. The transport says so only in words.
fn needs_smtputf8(error: &smtp::Error) -> bool {
    error.is_client() && error.source().is_some_and(|source| source.to_string().contains("SMTPUTF8"))
}

/// Returns the effect key in characters that are allowed in file names and Message-IDs.
fn name_of(key: &str) -> String {
    key.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect()
}

fn status(error: &smtp::Error) -> String {
    error.status().map_or_else(|| "no answer".to_owned(), |code| code.to_string())
}

/// Returns whether a temporary failure concerns this mail or the mail server.
fn service_fault(error: &smtp::Error) -> StepReason {
    const SHUTTING_DOWN: u16 = 421;
    match error.status().map(u16::from) {
        Some(SHUTTING_DOWN) => StepReason::ServiceBusy,
        Some(_) => StepReason::NotTaken,
        None => StepReason::ServiceDown,
    }
}

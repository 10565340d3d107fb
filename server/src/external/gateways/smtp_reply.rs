//! The meaning of a mail server's refusals: our settings are wrong, or this mail is refused.

use std::error::Error as _;
use std::io;

use lettre::transport::smtp;

use super::{Refusal, RefusalScope};

/// Returns how the mail server refuses us, if it does. A refusal of the recipient is none.
///
/// Replies to AUTH are recognised by their codes (RFC 4954, 6); the meaning of a permanent refusal by its enhanced
/// status code, if there is one (RFC 3463): 5.1.7 and 5.1.8 concern the sender, 5.7.x means that we are not allowed.
pub fn refusal(error: &smtp::Error) -> Option<Refusal> {
    const WITH_SMTP_URL: &str = "DOCKET_SMTP_URL";
    let refusal = |scope, detail: String, settings| {
        let status = error.status().map(u16::from);
        Some(Refusal { status, scope, detail, settings })
    };
    if error.is_tls() || is_tls(error) {
        let detail = "the TLS handshake does not work or its certificate is not trusted".to_owned();
        return refusal(RefusalScope::AllCalls, detail, WITH_SMTP_URL);
    }
    let words = error.source().map(ToString::to_string).unwrap_or_default();
    if error.is_client() {
        let wants = if words.contains("STARTTLS") {
            "it does not offer STARTTLS"
        } else if words.contains("authentication mechanism") {
            "it does not offer to authenticate in a way that we know"
        } else {
            return None;
        };
        return refusal(RefusalScope::AllCalls, wants.to_owned(), WITH_SMTP_URL);
    }
    if !error.is_permanent() {
        return None;
    }
    let status = u16::from(error.status()?);
    let enhanced = enhanced_code(&words);
    let detail = match enhanced {
        Some((subject, detail)) => format!("it answered {status} 5.{subject}.{detail}"),
        None => format!("it answered {status}"),
    };
    match (status, enhanced) {
        // No authentication, a mechanism that is too weak, wrong credentials, no encryption.
        (530 | 534 | 535 | 538, _) => refusal(RefusalScope::AllCalls, detail, WITH_SMTP_URL),
        (_, Some((1, 7 | 8))) => refusal(RefusalScope::AllCalls, detail, "DOCKET_MAIL_FROM"),
        // Not a mail server, or not for submission: an unknown command, or one out of sequence.
        (502..=504, _) => refusal(RefusalScope::ThisCall, detail, WITH_SMTP_URL),
        // No relaying for us, or a policy against this mail or its recipient.
        (_, Some((7, _))) => refusal(RefusalScope::ThisCall, detail, "DOCKET_SMTP_URL and DOCKET_MAIL_FROM"),
        _ => None,
    }
}

/// Whether the TLS connection failed.
fn is_tls(error: &smtp::Error) -> bool {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(io) = cause.downcast_ref::<io::Error>()
            && io.get_ref().is_some_and(|inner| inner.is::<rustls::Error>())
        {
            return true;
        }
        source = cause.source();
    }
    false
}

/// Returns subject and detail of the enhanced status code at the start of a permanent reply.
fn enhanced_code(words: &str) -> Option<(u16, u16)> {
    let code = words.split_ascii_whitespace().next()?.strip_prefix("5.")?;
    let (subject, detail) = code.split_once('.')?;
    Some((subject.parse().ok()?, detail.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_enhanced_code_is_parsed_from_the_start_of_a_reply() {
        assert_eq!(enhanced_code("5.7.1 <x@y>: Relay access denied"), Some((7, 1)));
        assert_eq!(enhanced_code("5.1.10 No such recipient"), Some((1, 10)));
        for none in ["", "no such user", "4.7.1 later", "5.7", "5.x.y nobody"] {
            assert_eq!(enhanced_code(none), None, "{none}");
        }
    }
}

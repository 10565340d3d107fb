//! Refusals: the service answers and does not do what we ask, and the customer cannot correct it.

use std::fmt;

use orders::Service;
use reqwest::StatusCode;

/// How a service refuses us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status or SMTP reply code; none when there was no answer.
    pub status: Option<u16>,
    /// What it concerns.
    pub scope: RefusalScope,
    /// The answer, for the log, without personal data and secrets.
    pub detail: String,
    /// The settings to check.
    pub settings: &'static str,
}

/// What a refusal concerns, as far as the answer tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalScope {
    /// Every call of ours: the key is wrong.
    AllCalls,
    /// This call: either only this one, or all of them because the base address is wrong.
    ThisCall,
}

/// Why a mail will never be accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct MailRefusal {
    /// The reply code of the mail server, such as 550; none when no server was asked.
    pub status: Option<u16>,
    /// For the log, without the address.
    pub why: String,
}

impl Refusal {
    /// Returns the refusal that an answer is, if it is one. Answers that say "not now" or "not twice" are none.
    pub(super) fn of(service: Service, status: StatusCode, code: &str) -> Option<Self> {
        let says_no = status.is_redirection()
            || (status.is_client_error() && status != StatusCode::CONFLICT)
            || status == StatusCode::NOT_IMPLEMENTED;
        says_no.then(|| {
            let wants_another_key = matches!(
                status,
                StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::PROXY_AUTHENTICATION_REQUIRED
            );
            Self {
                status: Some(status.as_u16()),
                scope: if wants_another_key { RefusalScope::AllCalls } else { RefusalScope::ThisCall },
                detail: format!("it answered {} {code}", status.as_u16()).trim_end().to_owned(),
                settings: settings(service, wants_another_key),
            }
        })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

const fn settings(service: Service, key: bool) -> &'static str {
    match (service, key) {
        (Service::Payment, true) => "DOCKET_PAYMENT_KEY",
        (Service::Payment, false) => "DOCKET_PAYMENT_URL and DOCKET_PAYMENT_KEY",
        (Service::Shipping, true) => "DOCKET_SHIPPING_KEY",
        (Service::Shipping, false) => "DOCKET_SHIPPING_URL and DOCKET_SHIPPING_KEY",
        (Service::Mail, _) => "DOCKET_SMTP_URL",
        (Service::Stock, _) => "",
    }
}

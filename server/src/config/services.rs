use std::num::NonZeroU32;

use super::{InvalidSetting, Setting, Sources};

/// The external services; the sandbox simulates those that are not configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Services {
    /// A Stripe-compatible payment service: `DOCKET_PAYMENT_URL`, `DOCKET_PAYMENT_KEY`.
    pub payment: Option<ExternalService>,
    /// The carrier: `DOCKET_SHIPPING_URL`, `DOCKET_SHIPPING_KEY`.
    pub shipping: Option<ExternalService>,
    /// The limits for the payment service: `DOCKET_PAYMENT_CONCURRENCY`, 32, `DOCKET_PAYMENT_RATE`.
    pub payment_load: Load,
    /// The limits for the carrier: `DOCKET_SHIPPING_CONCURRENCY`, 32, `DOCKET_SHIPPING_RATE`.
    pub shipping_load: Load,
    /// The limits for the mail server: `DOCKET_MAIL_CONCURRENCY`, 32, `DOCKET_MAIL_RATE`.
    pub mail_load: Load,
}

/// How much work a service gets at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// How many orders at the same time.
    pub concurrency: usize,
    /// How many orders a second; none is unlimited.
    pub rate: Option<NonZeroU32>,
}

/// The address of a service, and our key.
#[derive(Clone, PartialEq, Eq)]
pub struct ExternalService {
    /// Its base address, without a trailing slash.
    pub url: String,
    /// Our key.
    pub key: String,
}

/// The key that is sent to a service without one.
const ANY_KEY: &str = "sandbox";

const PAYMENT_URL: Setting = Setting {
    name: "payment_url",
    value: "URL",
    default: None,
    meaning: "The payment service, which speaks Stripe's PaymentIntents API, without /v1; the sandbox when it is not set",
    secret: false,
};
const PAYMENT_KEY: Setting = Setting {
    name: "payment_key",
    value: "KEY",
    default: None,
    meaning: "The secret key at the payment service",
    secret: true,
};
const SHIPPING_URL: Setting = Setting {
    name: "shipping_url",
    value: "URL",
    default: None,
    meaning: "The carrier; the sandbox when it is not set",
    secret: false,
};
const SHIPPING_KEY: Setting = Setting {
    name: "shipping_key",
    value: "KEY",
    default: None,
    meaning: "The secret key at the carrier",
    secret: true,
};

const PAYMENT_CONCURRENCY: Setting = Setting {
    name: "payment_concurrency",
    value: "NUMBER",
    default: Some("32"),
    meaning: "How many payment calls run at the same time",
    secret: false,
};
const PAYMENT_RATE: Setting = Setting {
    name: "payment_rate",
    value: "NUMBER",
    default: None,
    meaning: "How many orders the payment service gets per second; unlimited when it is not set",
    secret: false,
};
const SHIPPING_CONCURRENCY: Setting = Setting {
    name: "shipping_concurrency",
    value: "NUMBER",
    default: Some("32"),
    meaning: "How many carrier calls run at the same time",
    secret: false,
};
const SHIPPING_RATE: Setting = Setting {
    name: "shipping_rate",
    value: "NUMBER",
    default: None,
    meaning: "How many orders the carrier gets per second; unlimited when it is not set",
    secret: false,
};
const MAIL_CONCURRENCY: Setting = Setting {
    name: "mail_concurrency",
    value: "NUMBER",
    default: Some("32"),
    meaning: "How many mails are sent at the same time",
    secret: false,
};
const MAIL_RATE: Setting = Setting {
    name: "mail_rate",
    value: "NUMBER",
    default: None,
    meaning: "How many mails are sent per second; unlimited when it is not set",
    secret: false,
};

/// The largest concurrency.
const MAX_CONCURRENCY: u64 = 1_000;

impl Services {
    pub(super) const SETTINGS: &[&Setting] = &[
        &PAYMENT_URL,
        &PAYMENT_KEY,
        &PAYMENT_CONCURRENCY,
        &PAYMENT_RATE,
        &SHIPPING_URL,
        &SHIPPING_KEY,
        &SHIPPING_CONCURRENCY,
        &SHIPPING_RATE,
        &MAIL_CONCURRENCY,
        &MAIL_RATE,
    ];

    pub(super) fn read(sources: &Sources) -> Result<Self, InvalidSetting> {
        Ok(Self {
            payment: ExternalService::read(sources, &PAYMENT_URL, &PAYMENT_KEY)?,
            shipping: ExternalService::read(sources, &SHIPPING_URL, &SHIPPING_KEY)?,
            payment_load: Load::read(sources, &PAYMENT_CONCURRENCY, &PAYMENT_RATE)?,
            shipping_load: Load::read(sources, &SHIPPING_CONCURRENCY, &SHIPPING_RATE)?,
            mail_load: Load::read(sources, &MAIL_CONCURRENCY, &MAIL_RATE)?,
        })
    }
}

impl Load {
    fn read(
        sources: &Sources,
        concurrency: &'static Setting,
        rate: &'static Setting,
    ) -> Result<Self, InvalidSetting> {
        let at_a_time = sources.whole(concurrency, 1..=MAX_CONCURRENCY)?;
        let expected = format!("a whole number from 1 to {}", u32::MAX);
        Ok(Self {
            // It fits: the range is checked.
            concurrency: usize::try_from(at_a_time).unwrap_or(1),
            rate: sources.optional(rate, &expected, |text| text.parse().ok())?,
        })
    }
}

impl ExternalService {
    /// Returns a service that the sandbox simulates at this address. It accepts any key.
    pub fn sandbox(url: String) -> Self {
        Self { url, key: ANY_KEY.to_owned() }
    }

    fn read(
        sources: &Sources,
        url: &'static Setting,
        key: &'static Setting,
    ) -> Result<Option<Self>, InvalidSetting> {
        let address = sources.web_address(url)?;
        let key_given = sources.optional(key, "one line of printable characters", |text| {
            text.bytes().all(|b| b.is_ascii_graphic()).then(|| text.to_owned())
        })?;
        match (address, key_given) {
            (None, None) => Ok(None),
            (Some(url), Some(key)) => Ok(Some(Self { url, key })),
            // No real service is called without TLS, so this is a sandbox, which accepts any key.
            (Some(url), None) if url.starts_with("http://") => Ok(Some(Self::sandbox(url))),
            (Some(_), None) => Err(missing(url, key)),
            // A key without an address would silently use the sandbox.
            (None, Some(_)) => Err(missing(key, url)),
        }
    }
}

fn missing(given: &Setting, other: &Setting) -> InvalidSetting {
    InvalidSetting(format!("{} is set and needs {} beside it.", given.variable(), other.variable()))
}

impl std::fmt::Debug for ExternalService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OutsideService").field("url", &self.url).finish_non_exhaustive()
    }
}

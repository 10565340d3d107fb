use super::{Setting, Sources, Wrong};

/// The outside services; the sandbox plays those that are not set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Services {
    /// A Stripe-compatible payment service: `DOCKET_PAYMENT_URL`, `DOCKET_PAYMENT_KEY`.
    pub payment: Option<OutsideService>,
    /// The carrier: `DOCKET_SHIPPING_URL`, `DOCKET_SHIPPING_KEY`.
    pub shipping: Option<OutsideService>,
}

/// Where a service is and who we are there.
#[derive(Clone, PartialEq, Eq)]
pub struct OutsideService {
    /// Its base address, without a slash at the end.
    pub url: String,
    /// Our secret there.
    pub key: String,
}

/// What is sent as a key to a service that does not ask for one.
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

impl Services {
    pub(super) const SETTINGS: &[&Setting] = &[&PAYMENT_URL, &PAYMENT_KEY, &SHIPPING_URL, &SHIPPING_KEY];

    pub(super) fn read(sources: &Sources) -> Result<Self, Wrong> {
        Ok(Self {
            payment: OutsideService::read(sources, &PAYMENT_URL, &PAYMENT_KEY)?,
            shipping: OutsideService::read(sources, &SHIPPING_URL, &SHIPPING_KEY)?,
        })
    }
}

impl OutsideService {
    /// The service played at this address by the sandbox, which takes any key.
    pub fn sandbox(url: String) -> Self {
        Self { url, key: ANY_KEY.to_owned() }
    }

    fn read(sources: &Sources, url: &'static Setting, key: &'static Setting) -> Result<Option<Self>, Wrong> {
        let address = sources.web_address(url)?;
        let key_given = sources.optional(key, "one line of printable characters", |text| {
            text.bytes().all(|b| b.is_ascii_graphic()).then(|| text.to_owned())
        })?;
        match (address, key_given) {
            (None, None) => Ok(None),
            (Some(url), Some(key)) => Ok(Some(Self { url, key })),
            // No real service is spoken to in the clear, so this is a sandbox, and that takes any key.
            (Some(url), None) if url.starts_with("http://") => Ok(Some(Self::sandbox(url))),
            (Some(_), None) => Err(missing(url, key)),
            // Without its address the sandbox would be used, and somebody would think it were the real one.
            (None, Some(_)) => Err(missing(key, url)),
        }
    }
}

fn missing(given: &Setting, other: &Setting) -> Wrong {
    Wrong(format!("{} is set and needs {} beside it.", given.variable(), other.variable()))
}

impl std::fmt::Debug for OutsideService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OutsideService").field("url", &self.url).finish_non_exhaustive()
    }
}

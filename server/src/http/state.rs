//! The state of all handlers.

use std::ops::Deref;
use std::sync::Arc;

use orders::address::Country;
use orders::carrier_event::CarrierEvents;
use orders::desk::DeskService;
use orders::{OrderService, Timestamp};

use super::rate_limit::SubmissionLimiter;
use super::streams::OpenStreams;
use crate::config::TrustedProxies;
use crate::identity::keys::KeyRing;
use crate::identity::session::{CookieName, SessionKey};
use crate::identity::webhook_signature::SigningKey;
use crate::load::admission::Admission;
use crate::metrics::Metrics;
use crate::platform::entropy::{Entropy, random_bytes};
use crate::push::{EventLog, Hub};

/// Settings of the HTTP side.
#[derive(Debug, Clone)]
pub struct HttpConfig {
    /// `DOCKET_PUBLIC_URL`: the public base address, without a trailing slash.
    pub public_url: String,
    /// `DOCKET_RATE_LIMIT_ORDERS`: how many orders a session or an anonymous address may submit in a minute.
    pub orders_per_minute: u32,
    /// How many streams a session may have open at once.
    pub streams_per_session: u32,
    /// Whether the sandbox simulates payment or carrier; the pages then say so.
    pub sandbox: bool,
    /// `DOCKET_COUNTRY`: the default country of the checkout.
    pub country: Country,
    /// The key that verifies the carrier's webhooks; without it all are refused.
    pub carrier_key: Option<SigningKey>,
    /// The key that signs session cookies.
    pub session_key: SessionKey,
    /// `DOCKET_TRUSTED_PROXIES`: the reverse proxies that may name their clients.
    pub trusted_proxies: TrustedProxies,
}

/// The ports that the handlers call.
#[derive(Clone)]
pub struct Ports {
    /// The shoppers' port.
    pub orders: Arc<dyn OrderService>,
    /// The operators' port.
    pub desk: Arc<dyn DeskService>,
    /// The carrier's port.
    pub carrier_events: Arc<dyn CarrierEvents>,
    /// The event log.
    pub log: Arc<dyn EventLog>,
    /// The API keys.
    pub keys: Arc<dyn KeyRing>,
    /// Where requests and streams are counted.
    pub metrics: Arc<Metrics>,
}

/// The clock.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The state of all handlers: the ports, and the counters of limits. Layers and extractors clone it several times a
/// request, so all of it is behind one counter.
#[derive(Clone)]
pub struct HttpState(Arc<HttpStateFields>);

/// The fields of an [`HttpState`].
pub struct HttpStateFields {
    pub(super) orders: Arc<dyn OrderService>,
    pub(super) desk: Arc<dyn DeskService>,
    pub(super) carrier_events: Arc<dyn CarrierEvents>,
    pub(super) log: Arc<dyn EventLog>,
    pub(super) keys: Arc<dyn KeyRing>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) hub: Arc<Hub>,
    pub(super) clock: Now,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) admission: Arc<Admission>,
    pub(super) config: HttpConfig,
    pub(super) submissions: SubmissionLimiter,
    pub(super) streams: Arc<OpenStreams>,
}

impl Deref for HttpState {
    type Target = HttpStateFields;

    fn deref(&self) -> &HttpStateFields {
        &self.0
    }
}

impl HttpState {
    /// Returns the state over these ports.
    pub fn new(
        ports: Ports,
        hub: Arc<Hub>,
        clock: Now,
        entropy: Arc<dyn Entropy>,
        admission: Arc<Admission>,
        submissions: SubmissionLimiter,
        config: HttpConfig,
    ) -> Self {
        let Ports { orders, desk, carrier_events, log, keys, metrics } = ports;
        let streams = OpenStreams::at_most(config.streams_per_session);
        Self(Arc::new(HttpStateFields {
            orders,
            desk,
            carrier_events,
            log,
            keys,
            metrics,
            hub,
            clock,
            entropy,
            admission,
            config,
            submissions,
            streams: Arc::new(streams),
        }))
    }

    pub(super) fn cookie(&self) -> CookieName {
        CookieName::at(&self.config.public_url)
    }

    /// Returns random bytes.
    pub(super) fn random<const N: usize>(&self) -> [u8; N] {
        random_bytes(&*self.entropy)
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.clock)()
    }
}

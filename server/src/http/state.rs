//! What every call can reach.

use std::sync::Arc;

use orders::address::Country;
use orders::carrier_event::CarrierEvents;
use orders::desk::DeskService;
use orders::{OrderService, Timestamp};

use super::rate_limit::Limiter;
use super::streams::OpenStreams;
use crate::config::TrustedProxies;
use crate::identity::keys::KeyRing;
use crate::identity::session::{CookieName, SessionKey};
use crate::identity::webhook_signature::SigningKey;
use crate::load::admission::Admission;
use crate::platform::entropy::{Entropy, random_bytes};
use crate::push::{EventLog, Hub};

/// Settings of the HTTP side.
#[derive(Debug, Clone)]
pub struct HttpConfig {
    /// `DOCKET_PUBLIC_URL`: how the world reaches this server, without a slash at the end.
    pub public_url: String,
    /// `DOCKET_RATE_LIMIT_ORDERS`: how many orders a session or an anonymous address may submit in a minute.
    pub orders_per_minute: u32,
    /// How many streams a session may have open at once.
    pub streams_per_session: u32,
    /// Payment and carrier are played by the sandbox; the pages say so.
    pub sandbox: bool,
    /// `DOCKET_COUNTRY`: the country that the checkout begins with when the browser names none.
    pub country: Country,
    /// What the carrier's reports are signed with; without it none is believed.
    pub carrier_key: Option<SigningKey>,
    /// What the cookies of sessions are signed with.
    pub session_key: SessionKey,
    /// `DOCKET_TRUSTED_PROXIES`: the reverse proxies that name their clients.
    pub trusted_proxies: TrustedProxies,
}

/// The ports of the other rooms.
#[derive(Clone)]
pub struct Ports {
    /// What shoppers do.
    pub orders: Arc<dyn OrderService>,
    /// What operators do.
    pub desk: Arc<dyn DeskService>,
    /// What the carrier reports.
    pub carrier_events: Arc<dyn CarrierEvents>,
    /// What happened.
    pub log: Arc<dyn EventLog>,
    /// Who has an API key.
    pub keys: Arc<dyn KeyRing>,
}

/// Tells the time.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What every call can reach: the ports of the other rooms, and the counts that limits are judged by.
#[derive(Clone)]
pub struct HttpState {
    pub(super) orders: Arc<dyn OrderService>,
    pub(super) desk: Arc<dyn DeskService>,
    pub(super) carrier_events: Arc<dyn CarrierEvents>,
    pub(super) log: Arc<dyn EventLog>,
    pub(super) keys: Arc<dyn KeyRing>,
    pub(super) hub: Arc<Hub>,
    pub(super) clock: Now,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) admission: Arc<Admission>,
    pub(super) config: Arc<HttpConfig>,
    pub(super) submissions: Arc<Limiter>,
    pub(super) streams: Arc<OpenStreams>,
}

impl HttpState {
    /// The HTTP side over these ports.
    pub fn new(
        ports: Ports,
        hub: Arc<Hub>,
        clock: Now,
        entropy: Arc<dyn Entropy>,
        admission: Arc<Admission>,
        config: HttpConfig,
    ) -> Self {
        let Ports { orders, desk, carrier_events, log, keys } = ports;
        let streams = OpenStreams::at_most(config.streams_per_session);
        Self {
            orders,
            desk,
            carrier_events,
            log,
            keys,
            hub,
            clock,
            entropy,
            admission,
            config: Arc::new(config),
            submissions: Arc::default(),
            streams: Arc::new(streams),
        }
    }

    pub(super) fn cookie(&self) -> CookieName {
        CookieName::at(&self.config.public_url)
    }

    /// So many bytes that nobody can guess.
    pub(super) fn random<const N: usize>(&self) -> [u8; N] {
        random_bytes(&*self.entropy)
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.clock)()
    }
}

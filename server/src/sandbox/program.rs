use std::{path::PathBuf, sync::Arc, time::Duration};

use queue::{Clock, Random, SeededRandom, SystemClock};
use tokio::sync::Notify;
use ulid::Ulid;

use super::{
    faults::Faults,
    reporter::{Reporter, ReporterError},
};
use crate::store::sandbox_ledger::{LedgerError, SandboxLedger};

/// The settings of the sandbox. They contain a secret, so there is no `Debug`.
#[derive(Clone)]
pub struct SandboxConfig {
    /// The ledger's file (`DOCKET_SANDBOX_DATA`).
    pub data: PathBuf,
    /// Seconds from the booking to the pick-up (`DOCKET_SANDBOX_PICKUP_SECONDS`); 0 = never.
    pub pickup_seconds: u64,
    /// Seconds from the pick-up to the delivery (`DOCKET_SANDBOX_DELIVERY_SECONDS`); 0 = never.
    /// Without a pick-up they count from the booking.
    pub delivery_seconds: u64,
    /// The full address of the carrier's webhook (`DOCKET_SANDBOX_NOTIFY_URL`). Without one no shipment moves.
    pub notify_url: Option<String>,
    /// `whsec_…`, signs the webhooks (`DOCKET_CARRIER_SECRET`); needed with a `notify_url`.
    pub carrier_secret: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    #[error("the sandbox cannot open its ledger: {0}")]
    Ledger(#[from] LedgerError),
    #[error("the sandbox cannot report carrier events: {0}")]
    Reporter(#[from] ReporterError),
    #[error("the operating system has no randomness: {0}")]
    Randomness(#[from] getrandom::Error),
}

/// The simulated services. Clones share everything.
#[derive(Clone)]
pub struct Sandbox {
    inner: Arc<Inner>,
}

struct Inner {
    ledger: SandboxLedger,
    faults: Faults,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    pickup: Option<Duration>,
    delivery: Option<Duration>,
    reporter: Option<Reporter>,
    booked: Notify,
}

impl Sandbox {
    /// Opens the ledger, creating it if missing, with the system's clock and randomness.
    pub fn open(config: SandboxConfig) -> Result<Sandbox, SandboxError> {
        let random = SeededRandom::new(getrandom::u64()?);
        Sandbox::open_with(config, Arc::new(SystemClock), Arc::new(random))
    }

    /// As [`Sandbox::open`], with the caller's clock and randomness.
    pub fn open_with(
        config: SandboxConfig,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Sandbox, SandboxError> {
        let reporter = match config.notify_url {
            Some(url) => Some(Reporter::new(url, config.carrier_secret.as_deref())?),
            None => None,
        };
        let after = |seconds| (reporter.is_some() && seconds > 0).then(|| Duration::from_secs(seconds));
        let (pickup, delivery) = (after(config.pickup_seconds), after(config.delivery_seconds));
        let inner = Inner {
            ledger: SandboxLedger::open(&config.data)?,
            faults: Faults::new(clock.clone(), random.clone()),
            clock,
            random,
            pickup,
            delivery,
            reporter,
            booked: Notify::new(),
        };
        Ok(Sandbox { inner: Arc::new(inner) })
    }

    pub(super) fn ledger(&self) -> &SandboxLedger {
        &self.inner.ledger
    }

    pub(super) fn faults(&self) -> &Faults {
        &self.inner.faults
    }

    pub(super) fn reporter(&self) -> Option<&Reporter> {
        self.inner.reporter.as_ref()
    }

    pub(super) fn pickup(&self) -> Option<Duration> {
        self.inner.pickup
    }

    pub(super) fn delivery(&self) -> Option<Duration> {
        self.inner.delivery
    }

    /// Notifies the report loop of a new shipment.
    pub(super) fn booked(&self) -> &Notify {
        &self.inner.booked
    }

    /// The time in Unix milliseconds.
    pub(super) fn now(&self) -> i64 {
        self.inner.clock.now().as_millis()
    }

    /// Returns a new id, ascending in time.
    pub(super) fn new_id(&self) -> Ulid {
        let millis = u64::try_from(self.now()).unwrap_or(0);
        let random =
            u128::from(self.inner.random.next_u64()) << 64 | u128::from(self.inner.random.next_u64());
        Ulid::from_parts(millis, random)
    }
}

use std::net::SocketAddr;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{InvalidSetting, Setting, Sources, StoreConfig};

/// The address and the ledger of the sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxPlace {
    /// Its address: `DOCKET_SANDBOX_LISTEN`, `127.0.0.1:3002`.
    pub listen: SocketAddr,
    /// Its ledger: `DOCKET_SANDBOX_DATA`, `sandbox.db` beside the database.
    pub data: PathBuf,
}

/// The simulated movement of shipments, and the secret of the carrier's webhooks.
#[derive(Clone, PartialEq, Eq)]
pub struct CarrierConfig {
    /// Seconds from the booking of a shipment at the sandbox to its pick-up; 0 is never:
    /// `DOCKET_SANDBOX_PICKUP_SECONDS`, 30.
    pub pickup_seconds: u64,
    /// Seconds from the pick-up to the delivery; 0 is never: `DOCKET_SANDBOX_DELIVERY_SECONDS`, 60.
    pub delivery_seconds: u64,
    /// The secret that signs the carrier's webhooks: `DOCKET_CARRIER_SECRET`.
    pub carrier_secret: Option<String>,
}

/// The settings of a stand-alone sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxSettings {
    /// Its address and ledger.
    pub place: SandboxPlace,
    /// The carrier.
    pub carrier: CarrierConfig,
    /// Where the carrier sends its webhooks: `DOCKET_SANDBOX_NOTIFY_URL`.
    pub notify_url: Option<String>,
}

const SANDBOX_LISTEN: Setting = Setting {
    name: "sandbox_listen",
    value: "ADDRESS",
    default: Some("127.0.0.1:3002"),
    meaning: "The address of the sandbox",
    secret: false,
};
const SANDBOX_DATA: Setting = Setting {
    name: "sandbox_data",
    value: "FILE",
    default: None,
    meaning: "The sandbox's ledger; sandbox.db beside the database when it is not set",
    secret: false,
};
const SANDBOX_PICKUP_SECONDS: Setting = Setting {
    name: "sandbox_pickup_seconds",
    value: "SECONDS",
    default: Some("30"),
    meaning: "How long after its booking a shipment is picked up; 0 is never",
    secret: false,
};
const SANDBOX_DELIVERY_SECONDS: Setting = Setting {
    name: "sandbox_delivery_seconds",
    value: "SECONDS",
    default: Some("60"),
    meaning: "How long after its pick-up a shipment is delivered; 0 is never",
    secret: false,
};
const SANDBOX_NOTIFY_URL: Setting = Setting {
    name: "sandbox_notify_url",
    value: "URL",
    default: None,
    meaning: "Where the simulated carrier sends its webhooks",
    secret: false,
};
const CARRIER_SECRET: Setting = Setting {
    name: "carrier_secret",
    value: "SECRET",
    default: None,
    meaning: "The secret that signs the carrier's webhooks: whsec_ and base64",
    secret: true,
};

impl SandboxPlace {
    pub(super) const SETTINGS: &[&Setting] = &[&SANDBOX_LISTEN, &SANDBOX_DATA];

    pub(super) fn read(sources: &Sources, store: &StoreConfig) -> Result<Self, InvalidSetting> {
        let data = sources.optional(&SANDBOX_DATA, "a file", |text| Some(PathBuf::from(text)))?;
        Ok(Self {
            listen: sources.address(&SANDBOX_LISTEN)?,
            data: data.unwrap_or_else(|| store.beside("sandbox.db")),
        })
    }
}

impl CarrierConfig {
    pub(super) const SETTINGS: &[&Setting] =
        &[&SANDBOX_PICKUP_SECONDS, &SANDBOX_DELIVERY_SECONDS, &CARRIER_SECRET];

    pub(super) fn read(sources: &Sources) -> Result<Self, InvalidSetting> {
        let a_day = 0..=86_400;
        Ok(Self {
            pickup_seconds: sources.whole(&SANDBOX_PICKUP_SECONDS, a_day.clone())?,
            delivery_seconds: sources.whole(&SANDBOX_DELIVERY_SECONDS, a_day)?,
            carrier_secret: sources.optional(
                &CARRIER_SECRET,
                "whsec_ and 24 to 64 bytes in base64",
                |text| {
                    let bytes = STANDARD.decode(text.strip_prefix("whsec_")?).ok()?;
                    (24..=64).contains(&bytes.len()).then(|| text.to_owned())
                },
            )?,
        })
    }
}

impl SandboxSettings {
    /// The settings that only a stand-alone sandbox has.
    pub(super) const OWN: &[&Setting] = &[&SANDBOX_NOTIFY_URL];

    /// Returns all of its settings.
    pub fn settings() -> impl Iterator<Item = &'static Setting> {
        SandboxPlace::SETTINGS.iter().chain(CarrierConfig::SETTINGS).chain(Self::OWN).copied()
    }

    /// Reads all of its settings.
    ///
    /// # Errors
    /// When one of them is invalid.
    pub fn read(sources: &Sources, store: &StoreConfig) -> Result<Self, InvalidSetting> {
        let settings = Self {
            place: SandboxPlace::read(sources, store)?,
            carrier: CarrierConfig::read(sources)?,
            notify_url: sources.web_address(&SANDBOX_NOTIFY_URL)?,
        };
        if let (Some(given), None) = (sources.given(&SANDBOX_NOTIFY_URL), &settings.carrier.carrier_secret) {
            return Err(InvalidSetting(format!(
                "{given} needs {} to sign the reports with.",
                CARRIER_SECRET.variable()
            )));
        }
        Ok(settings)
    }
}

impl std::fmt::Debug for CarrierConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parcels")
            .field("pickup_seconds", &self.pickup_seconds)
            .field("delivery_seconds", &self.delivery_seconds)
            .finish_non_exhaustive()
    }
}

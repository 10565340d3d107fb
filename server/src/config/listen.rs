use std::net::SocketAddr;

use super::{InvalidSetting, Setting, Sources};

/// The addresses that the server listens on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// Pages and API: `DOCKET_LISTEN`, `127.0.0.1:3000`. Port 0 takes any free port.
    pub public: SocketAddr,
    /// Health and metrics: `DOCKET_INTERNAL_LISTEN`, `127.0.0.1:3001`.
    pub internal: SocketAddr,
}

const LISTEN: Setting = Setting {
    name: "listen",
    value: "ADDRESS",
    default: Some("127.0.0.1:3000"),
    meaning: "The address of pages and API; port 0 takes any free port",
    secret: false,
};
const INTERNAL_LISTEN: Setting = Setting {
    name: "internal_listen",
    value: "ADDRESS",
    default: Some("127.0.0.1:3001"),
    meaning: "The address of health checks and metrics",
    secret: false,
};

impl Listen {
    pub(super) const SETTINGS: &[&Setting] = &[&LISTEN, &INTERNAL_LISTEN];

    pub(super) fn read(sources: &Sources) -> Result<Self, InvalidSetting> {
        Ok(Self { public: sources.address(&LISTEN)?, internal: sources.address(&INTERNAL_LISTEN)? })
    }
}

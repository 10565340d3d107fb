use std::net::SocketAddr;

use super::{Setting, Sources, Wrong};

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
    meaning: "Where pages and API are served; port 0 takes any free one",
    secret: false,
};
const INTERNAL_LISTEN: Setting = Setting {
    name: "internal_listen",
    value: "ADDRESS",
    default: Some("127.0.0.1:3001"),
    meaning: "Where health is told to those who watch over the server",
    secret: false,
};

impl Listen {
    pub(super) const SETTINGS: &[&Setting] = &[&LISTEN, &INTERNAL_LISTEN];

    pub(super) fn read(sources: &Sources) -> Result<Self, Wrong> {
        Ok(Self { public: sources.address(&LISTEN)?, internal: sources.address(&INTERNAL_LISTEN)? })
    }
}

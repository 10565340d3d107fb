use std::time::Duration;

use super::{InvalidSetting, Setting, Sources};

/// Limits for one caller and for the whole server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Orders a minute of one session, or of one address without a session: `DOCKET_RATE_LIMIT_ORDERS`, 60.
    pub orders_per_minute: u32,
    /// Open connections of one address: `DOCKET_MAX_CONNECTIONS_PER_ADDRESS`, 2000.
    pub connections_per_address: u32,
    /// How long the oldest due job may wait before new orders are refused: `DOCKET_MAX_WAITING_SECONDS`, 60.
    pub waiting: Duration,
    /// Free disk space below which new orders are refused, in bytes; set in megabytes: `DOCKET_MIN_FREE_MB`, 256.
    pub free_bytes: u64,
}

const RATE_LIMIT_ORDERS: Setting = Setting {
    name: "rate_limit_orders",
    value: "NUMBER",
    default: Some("60"),
    meaning: "How many orders one session, or one address without a session, may submit per minute",
    secret: false,
};
const MAX_CONNECTIONS_PER_ADDRESS: Setting = Setting {
    name: "max_connections_per_address",
    value: "NUMBER",
    default: Some("2000"),
    meaning: "How many connections one address may have open",
    secret: false,
};
const MAX_WAITING_SECONDS: Setting = Setting {
    name: "max_waiting_seconds",
    value: "SECONDS",
    default: Some("60"),
    meaning: "How long the oldest due job may wait before new orders are refused",
    secret: false,
};
const MIN_FREE_MB: Setting = Setting {
    name: "min_free_mb",
    value: "MEGABYTES",
    default: Some("256"),
    meaning: "The free space on the disk of the database below which new orders are refused",
    secret: false,
};

impl Limits {
    pub(super) const SETTINGS: &[&Setting] =
        &[&RATE_LIMIT_ORDERS, &MAX_CONNECTIONS_PER_ADDRESS, &MAX_WAITING_SECONDS, &MIN_FREE_MB];

    pub(super) fn read(sources: &Sources) -> Result<Self, InvalidSetting> {
        let count = |setting| {
            let number = sources.whole(setting, 1..=u64::from(u32::MAX))?;
            Ok(u32::try_from(number).unwrap_or(u32::MAX))
        };
        Ok(Self {
            orders_per_minute: count(&RATE_LIMIT_ORDERS)?,
            connections_per_address: count(&MAX_CONNECTIONS_PER_ADDRESS)?,
            waiting: sources.seconds(&MAX_WAITING_SECONDS, 1..=86_400)?,
            free_bytes: sources.whole(&MIN_FREE_MB, 0..=1 << 40)? << 20,
        })
    }
}

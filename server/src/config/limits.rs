use super::{Setting, Sources, Wrong};

/// How much one caller may ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Orders a minute of one session, or of one address without a session: `DOCKET_RATE_LIMIT_ORDERS`, 60.
    pub orders_per_minute: u32,
    /// Open connections of one address: `DOCKET_MAX_CONNECTIONS_PER_ADDRESS`, 2000.
    pub connections_per_address: u32,
}

const RATE_LIMIT_ORDERS: Setting = Setting {
    name: "rate_limit_orders",
    value: "NUMBER",
    default: Some("60"),
    meaning: "How many orders one session, or one address without a session, may submit in a minute",
    secret: false,
};
const MAX_CONNECTIONS_PER_ADDRESS: Setting = Setting {
    name: "max_connections_per_address",
    value: "NUMBER",
    default: Some("2000"),
    meaning: "How many connections one address may hold open",
    secret: false,
};

impl Limits {
    pub(super) const SETTINGS: &[&Setting] = &[&RATE_LIMIT_ORDERS, &MAX_CONNECTIONS_PER_ADDRESS];

    pub(super) fn read(sources: &Sources) -> Result<Self, Wrong> {
        let count = |setting| {
            let number = sources.whole(setting, 1..=u64::from(u32::MAX))?;
            Ok(u32::try_from(number).unwrap_or(u32::MAX))
        };
        Ok(Self {
            orders_per_minute: count(&RATE_LIMIT_ORDERS)?,
            connections_per_address: count(&MAX_CONNECTIONS_PER_ADDRESS)?,
        })
    }
}

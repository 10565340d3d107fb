//! Whom limits count.

use std::net::{IpAddr, Ipv6Addr};

use orders::Owner;

/// Whom limits count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RateLimitKey {
    /// An API key.
    Key(Owner),
    /// A browser with a session that this installation has made.
    Session(Owner),
    /// Everybody at this address who has neither.
    Address(IpAddr),
    /// All sessions at this address.
    SessionsAt(IpAddr),
}

impl RateLimitKey {
    /// An address as limits count it. Who has one IPv6 address has the whole network of it.
    pub fn at(address: IpAddr) -> Self {
        Self::Address(network_of(address))
    }
}

pub(super) fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address => address,
    }
}

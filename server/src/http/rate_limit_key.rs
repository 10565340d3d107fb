//! The keys of rate limits.

use std::net::{IpAddr, Ipv6Addr};

use orders::Owner;

/// The key of a rate limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RateLimitKey {
    /// An API key.
    Key(Owner),
    /// A browser with a signed session.
    Session(Owner),
    /// Everybody at this address without a key or a signed session.
    Address(IpAddr),
    /// All sessions at this address.
    SessionsAt(IpAddr),
}

impl RateLimitKey {
    /// Returns the key of an address. An IPv6 host controls its whole /64, so that counts as one.
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

//! The limit of open connections for each address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use crate::config::TrustedProxies;

/// How many connections one address may hold open.
#[derive(Debug, Clone)]
pub struct ConnectionLimit {
    /// The limit of every address but trusted proxies.
    pub per_address: u32,
    /// A reverse proxy opens the connections of all its clients, so it has no limit.
    pub unlimited: TrustedProxies,
}

/// Counts the open connections, in total and for each address.
pub struct ConnectionLimiter {
    per_address: Mutex<HashMap<IpAddr, u32>>,
    limit: ConnectionLimit,
    open: watch::Sender<usize>,
}

/// The permit of one connection, also after an upgrade to a WebSocket.
pub struct ConnectionPermit {
    limiter: Arc<ConnectionLimiter>,
    address: IpAddr,
}

impl ConnectionLimiter {
    /// Returns a limiter without connections.
    pub fn new(limit: ConnectionLimit) -> Arc<Self> {
        Arc::new(Self { per_address: Mutex::default(), limit, open: watch::Sender::new(0) })
    }

    /// Waits until no connection is open.
    pub async fn drained(&self) {
        // The sender lives as long as the limiter, so this waits for the condition only.
        drop(self.open.subscribe().wait_for(|open| *open == 0).await);
    }

    /// Takes the permit for one more connection, if the address has not reached its limit.
    pub fn take(self: &Arc<Self>, address: IpAddr) -> Option<ConnectionPermit> {
        let unlimited = self.limit.unlimited.contains(address);
        let address = network_of(address);
        let mut per_address = self.per_address.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = per_address.entry(address).or_insert(0);
        if !unlimited && *taken >= self.limit.per_address {
            return None;
        }
        *taken += 1;
        self.open.send_modify(|open| *open += 1);
        Some(ConnectionPermit { limiter: self.clone(), address })
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        let mut per_address = self.limiter.per_address.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(taken) = per_address.get_mut(&self.address) {
            *taken -= 1;
            if *taken == 0 {
                per_address.remove(&self.address);
            }
        }
        self.limiter.open.send_modify(|open| *open -= 1);
    }
}

/// Returns what counts as one address: an IPv6 host controls its whole /64.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_ipv6_network_share_a_limit() {
        let of = |text: &str| network_of(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:2"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:10.0.0.1"), of("10.0.0.1"));
        assert_ne!(of("10.0.0.1"), of("10.0.0.2"));
    }
}

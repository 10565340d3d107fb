//! The places of connections.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use super::ConnectionLimit;

/// How many connections are open, and how many of each address.
pub(super) struct Seats {
    per_address: Mutex<HashMap<IpAddr, u32>>,
    limit: ConnectionLimit,
    open: watch::Sender<usize>,
}

/// One connection's place, also after it was upgraded to a WebSocket.
pub(super) struct Seat {
    seats: Arc<Seats>,
    address: IpAddr,
}

impl Seats {
    /// Without connections yet.
    pub(super) fn new(limit: ConnectionLimit) -> Arc<Self> {
        Arc::new(Self { per_address: Mutex::default(), limit, open: watch::Sender::new(0) })
    }

    /// Waits until nobody is left.
    pub(super) async fn all_free(&self) {
        // The sender is ours, so this ends with nothing else.
        drop(self.open.subscribe().wait_for(|open| *open == 0).await);
    }

    /// A place for one connection more, if the address has one left.
    pub(super) fn take(self: &Arc<Self>, address: IpAddr) -> Option<Seat> {
        let unlimited = self.limit.unlimited.contains(address);
        let address = household(address);
        let mut per_address = self.per_address.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = per_address.entry(address).or_insert(0);
        if !unlimited && *taken >= self.limit.per_address {
            return None;
        }
        *taken += 1;
        self.open.send_modify(|open| *open += 1);
        Some(Seat { seats: self.clone(), address })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut per_address = self.seats.per_address.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(taken) = per_address.get_mut(&self.address) {
            *taken -= 1;
            if *taken == 0 {
                per_address.remove(&self.address);
            }
        }
        self.seats.open.send_modify(|open| *open -= 1);
    }
}

/// What counts as one address: of IPv6 the network, because one host has as many addresses there as it likes.
fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_in_one_ipv6_network_are_one_address() {
        let of = |text: &str| household(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:2"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:10.0.0.1"), of("10.0.0.1"));
        assert_ne!(of("10.0.0.1"), of("10.0.0.2"));
    }
}

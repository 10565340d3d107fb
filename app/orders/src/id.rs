//! Order ids, order numbers, event ids.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ulid::Ulid;

use crate::Timestamp;

/// The id of an order, `ord_` and a ULID: unique without coordination, ascending in time.
///
/// It is not a secret: every query also carries its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId(Ulid);

/// A text that is not an order id or number.
#[derive(Debug, thiserror::Error)]
#[error("not an order id or number")]
pub struct NotAnId;

impl OrderId {
    /// Returns a new id for an order accepted at `at`, with ten random bytes.
    pub fn new(at: Timestamp, random: [u8; 10]) -> Self {
        let mut bits = [0; 16];
        bits[6..].copy_from_slice(&random);
        let millis = u64::try_from(at.as_millis()).unwrap_or(0);
        Self(Ulid::from_parts(millis, u128::from_be_bytes(bits)))
    }

    /// Returns the time in the id.
    pub fn made_at(self) -> Timestamp {
        // A ULID has 48 bits of milliseconds.
        Timestamp::from_millis(i64::try_from(self.0.timestamp_ms()).unwrap_or(i64::MAX))
    }

    /// The sixteen bytes that are stored.
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.to_bytes()
    }

    /// The id of sixteen stored bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Ulid::from_bytes(bytes))
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ord_{}", self.0)
    }
}

impl FromStr for OrderId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let ulid = text.strip_prefix("ord_").ok_or(NotAnId)?;
        let id = Ulid::from_string(ulid).map(Self).map_err(|_| NotAnId)?;
        // An order has one spelling: lower case and look-alike letters are refused.
        if id.to_string() == text { Ok(id) } else { Err(NotAnId) }
    }
}

/// The order number that people read and say, `7K3-M29`: six letters and digits that cannot be mistaken for each
/// other.
///
/// It is a permutation of a 30-bit serial number, so numbers do not repeat before a thousand million orders, and
/// consecutive orders do not have consecutive numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OrderNumber(u32);

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const BITS: u32 = 30;
const MASK: u32 = (1 << BITS) - 1;

impl OrderNumber {
    /// Returns the number of the order with this serial number.
    pub const fn of(serial: u64) -> Self {
        // Each line is a bijection on 30 bits: an odd factor, and an xor with the value's own upper half.
        let mut x = (serial & MASK as u64) as u32;
        x = x.wrapping_mul(0x2C1B_3C6D) & MASK;
        x ^= x >> 15;
        x = x.wrapping_mul(0x297A_2D39) & MASK;
        x ^= x >> 15;
        Self(x)
    }

    /// Returns the serial number, below 2³⁰: the inverse of [`of`](Self::of).
    pub const fn serial(self) -> u64 {
        // An xor with the upper half undoes itself, and an odd factor is undone by its inverse.
        let mut x = self.0;
        x ^= x >> 15;
        x = x.wrapping_mul(inverse(0x297A_2D39)) & MASK;
        x ^= x >> 15;
        x = x.wrapping_mul(inverse(0x2C1B_3C6D)) & MASK;
        x as u64
    }

    /// The thirty bits, for storing.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The number of thirty stored bits.
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits & MASK)
    }
}

/// Returns the modular inverse of an odd factor by Newton's iteration: each round doubles the number of correct bits,
/// starting with three.
const fn inverse(odd: u32) -> u32 {
    let mut inverse = odd;
    let mut rounds = 0;
    while rounds < 4 {
        inverse = inverse.wrapping_mul(2u32.wrapping_sub(odd.wrapping_mul(inverse)));
        rounds += 1;
    }
    inverse
}

impl fmt::Display for OrderNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for place in (0..6).rev() {
            if place == 2 {
                f.write_str("-")?;
            }
            let digit = ALPHABET[((self.0 >> (place * 5)) & 31) as usize];
            write!(f, "{}", char::from(digit))?;
        }
        Ok(())
    }
}

impl FromStr for OrderNumber {
    type Err = NotAnId;

    /// Parses a number as people type it: in any case, with blanks for dashes, and with the letters O, I and L for
    /// the digits that they look like.
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let mut bits = 0;
        let mut digits = 0;
        for c in text.bytes().filter(|c| !matches!(c, b'-' | b' ')) {
            let c = match c.to_ascii_uppercase() {
                b'O' => b'0',
                b'I' | b'L' => b'1',
                c => c,
            };
            let digit = ALPHABET.iter().position(|a| *a == c).ok_or(NotAnId)?;
            bits = (bits << 5) | u32::try_from(digit).map_err(|_| NotAnId)?;
            digits += 1;
            if digits > 6 {
                return Err(NotAnId);
            }
        }
        if digits == 6 { Ok(Self(bits)) } else { Err(NotAnId) }
    }
}

/// The id of an event: its order and the version that it makes. It is unique, and the same for every reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EventId {
    /// The order.
    pub order: OrderId,
    /// The version of the order that it made; 0 for a snapshot.
    pub version: u32,
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "evt_{}-{}", self.order.0, self.version)
    }
}

impl FromStr for EventId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let (ulid, version) = text.strip_prefix("evt_").and_then(|t| t.split_once('-')).ok_or(NotAnId)?;
        let order = Ulid::from_string(ulid).map(OrderId).map_err(|_| NotAnId)?;
        Ok(Self { order, version: version.parse().map_err(|_| NotAnId)? })
    }
}

macro_rules! as_text {
    ($($kind:ty),*) => {$(
        impl Serialize for $kind {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $kind {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}
as_text!(OrderId, OrderNumber, EventId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_id_has_one_spelling_and_is_read_back() {
        let id = OrderId::new(Timestamp::from_millis(1_763_892_000_000), [7; 10]);
        assert_eq!(id.to_string().parse::<OrderId>().unwrap(), id);
        assert_eq!(OrderId::from_bytes(id.to_bytes()), id);
        assert!(id.to_string().to_lowercase().parse::<OrderId>().is_err());
        assert!("ord_".parse::<OrderId>().is_err());
    }

    #[test]
    fn numbers_do_not_repeat_and_consecutive_ones_look_different() {
        let numbers: std::collections::HashSet<_> = (0..100_000).map(|n| OrderNumber::of(n).bits()).collect();
        assert_eq!(numbers.len(), 100_000);
        assert_ne!(OrderNumber::of(1).to_string()[..3], OrderNumber::of(2).to_string()[..3]);
    }

    #[test]
    fn the_serial_of_a_number_is_the_one_it_was_made_from() {
        for serial in (0..100_000).chain(u64::from(MASK) - 1_000..=u64::from(MASK)) {
            assert_eq!(OrderNumber::of(serial).serial(), serial);
        }
    }

    #[test]
    fn a_number_is_parsed_as_people_type_it() {
        let number = OrderNumber::of(41);
        let text = number.to_string();
        assert_eq!(text.len(), 7);
        assert_eq!(text.to_lowercase().replace('-', " ").parse::<OrderNumber>().unwrap(), number);
        assert_eq!("OIL-000".parse::<OrderNumber>().unwrap(), "011-000".parse().unwrap());
        assert!("7K3-M2".parse::<OrderNumber>().is_err());
    }
}

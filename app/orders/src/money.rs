//! Money in integer minor units.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An amount in the minor units of its currency: 1250 EUR is €12.50.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units (cents, pence; whole yen).
    pub amount: i64,
    /// ISO 4217 code.
    pub currency: Currency,
}

/// An ISO 4217 currency code: three capital letters, as whatever makes one sees to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency([u8; 3]);

/// A text that is not a currency code or an amount of money.
#[derive(Debug, thiserror::Error)]
#[error("not an amount or currency code")]
pub struct NotMoney;

impl Money {
    /// That many minor units.
    pub const fn new(amount: i64, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// `quantity` times this, or `None` when it does not fit.
    pub fn times(self, quantity: u32) -> Option<Self> {
        Some(Self { amount: self.amount.checked_mul(i64::from(quantity))?, ..self })
    }

    /// This and another amount of the same currency, or `None` when it does not fit or the currencies differ.
    pub fn plus(self, other: Self) -> Option<Self> {
        let amount = self.amount.checked_add(other.amount)?;
        (self.currency == other.currency).then_some(Self { amount, ..self })
    }

    /// Reads a decimal in major units, `12.50`, with no more decimals than the currency has.
    pub fn from_decimal(text: &str, currency: Currency) -> Result<Self, NotMoney> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = currency.decimals();
        let all_digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || fraction.len() > digits || !all_digits(whole) || !all_digits(fraction) {
            return Err(NotMoney);
        }
        let amount = format!("{whole}{fraction:0<digits$}").parse().map_err(|_| NotMoney)?;
        Ok(Self { amount, currency })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.amount < 0 {
            f.write_str("−")?;
        }
        let amount = self.amount.unsigned_abs();
        match self.currency.symbol() {
            Some(symbol) => f.write_str(symbol)?,
            // The amount stays beside its currency where a line breaks.
            None => write!(f, "{}\u{a0}", self.currency)?,
        }
        match self.currency.decimals() {
            0 => write_whole(f, amount),
            digits => {
                let unit = 10_u64.pow(u32::try_from(digits).unwrap_or(2));
                write_whole(f, amount / unit)?;
                write!(f, ".{:0digits$}", amount % unit)
            }
        }
    }
}

/// A whole number with a mark after every three digits, `1,234,567`.
fn write_whole(f: &mut fmt::Formatter<'_>, number: u64) -> fmt::Result {
    if number < 1_000 {
        return write!(f, "{number}");
    }
    write_whole(f, number / 1_000)?;
    write!(f, ",{:03}", number % 1_000)
}

impl Currency {
    /// The euro, the default of a shop.
    pub const EUR: Self = Self(*b"EUR");

    /// The three letters.
    pub const fn as_str(&self) -> &str {
        match str::from_utf8(&self.0) {
            Ok(code) => code,
            Err(_) => unreachable!(),
        }
    }

    /// How many decimals the major unit is written with.
    pub fn decimals(self) -> usize {
        match &self.0 {
            b"JPY" | b"KRW" | b"VND" | b"CLP" | b"ISK" | b"XAF" | b"XOF" | b"PYG" | b"UGX" | b"RWF" => 0,
            b"BHD" | b"JOD" | b"KWD" | b"OMR" | b"TND" | b"IQD" | b"LYD" => 3,
            _ => 2,
        }
    }

    fn symbol(self) -> Option<&'static str> {
        match &self.0 {
            b"EUR" => Some("€"),
            b"USD" => Some("$"),
            b"GBP" => Some("£"),
            b"JPY" => Some("¥"),
            _ => None,
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Currency {
    type Err = NotMoney;

    fn from_str(text: &str) -> Result<Self, NotMoney> {
        let code: [u8; 3] = text.as_bytes().try_into().map_err(|_| NotMoney)?;
        if code.iter().all(u8::is_ascii_uppercase) { Ok(Self(code)) } else { Err(NotMoney) }
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_written_as_people_read_it() {
        assert_eq!(Money::new(4120, Currency::EUR).to_string(), "€41.20");
        assert_eq!(Money::new(5, "USD".parse().unwrap()).to_string(), "$0.05");
        assert_eq!(Money::new(900, "JPY".parse().unwrap()).to_string(), "¥900");
        assert_eq!(Money::new(1234, "KWD".parse().unwrap()).to_string(), "KWD\u{a0}1.234");
    }

    #[test]
    fn a_mark_stands_after_every_three_digits() {
        let euros = |amount| Money::new(amount, Currency::EUR).to_string();
        assert_eq!(euros(99_999), "€999.99");
        assert_eq!(euros(123_450), "€1,234.50");
        assert_eq!(euros(100_000_005), "€1,000,000.05");
        assert_eq!(euros(-123_450), "−€1,234.50");
        assert_eq!(euros(i64::MIN), "−€92,233,720,368,547,758.08");
        assert_eq!(Money::new(25_000, "JPY".parse().unwrap()).to_string(), "¥25,000");
    }

    #[test]
    fn a_decimal_is_read_exactly_or_not_at_all() {
        let read = |text| Money::from_decimal(text, Currency::EUR).map(|m| m.amount).ok();
        assert_eq!(read("12.50"), Some(1250));
        assert_eq!(read("12.5"), Some(1250));
        assert_eq!(read("12"), Some(1200));
        assert_eq!(read("0.05"), Some(5));
        for wrong in ["", ".5", "12.505", "-1", "1,50", "1e3", "12.x"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_total_that_does_not_fit_is_refused() {
        let most = Money::new(i64::MAX, Currency::EUR);
        assert!(most.times(2).is_none());
        assert!(most.plus(Money::new(1, Currency::EUR)).is_none());
    }

    #[test]
    fn currencies_do_not_mix() {
        assert!(Money::new(1, Currency::EUR).plus(Money::new(1, "USD".parse().unwrap())).is_none());
    }
}

//! Money in integer minor units.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Currency;

/// An amount in the minor units of its currency: 1250 EUR is €12.50.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units (cents, pence; whole yen).
    pub amount: i64,
    /// ISO 4217 code.
    pub currency: Currency,
}

/// Why digits are not an amount of a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// There are other characters, or no digits.
    #[error("not an amount")]
    NotDigits,
    /// The currency has fewer decimals.
    #[error("more decimals than the currency has")]
    TooPrecise,
    /// It does not fit.
    #[error("too large")]
    TooLarge,
}

impl Money {
    /// Returns an amount of minor units.
    pub const fn new(amount: i64, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// Returns `quantity` times this amount; `None` on overflow.
    pub fn times(self, quantity: u32) -> Option<Self> {
        Some(Self { amount: self.amount.checked_mul(i64::from(quantity))?, ..self })
    }

    /// Returns the sum of two amounts of one currency; `None` on overflow or when the currencies differ.
    pub fn plus(self, other: Self) -> Option<Self> {
        let amount = self.amount.checked_add(other.amount)?;
        (self.currency == other.currency).then_some(Self { amount, ..self })
    }

    /// Returns the amount with these digits before and after the decimal mark: `12` and `5` of EUR are €12.50. Zeros
    /// after the last decimal of the currency are ignored.
    ///
    /// # Errors
    /// When these are not digits, the currency has fewer decimals, or the amount overflows.
    pub fn from_digits(whole: &str, fraction: &str, currency: Currency) -> Result<Self, AmountError> {
        let decimals = currency.decimals();
        let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return Err(AmountError::NotDigits);
        }
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > decimals {
            return Err(AmountError::TooPrecise);
        }
        let amount = format!("{whole}{fraction:0<decimals$}").parse().map_err(|_| AmountError::TooLarge)?;
        Ok(Self { amount, currency })
    }

    /// Returns the amount as a decimal without currency sign and thousands separators, `1250.00`, as files have it.
    pub fn to_decimal(self) -> String {
        let (sign, amount) = (if self.amount < 0 { "-" } else { "" }, self.amount.unsigned_abs());
        let unit = self.currency.minor_units();
        match self.currency.decimals() {
            0 => format!("{sign}{amount}"),
            digits => format!("{sign}{}.{:0digits$}", amount / unit, amount % unit),
        }
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
            // A no-break space keeps amount and currency on one line.
            None => write!(f, "{}\u{a0}", self.currency)?,
        }
        match self.currency.decimals() {
            0 => write_whole(f, amount),
            digits => {
                let unit = self.currency.minor_units();
                write_whole(f, amount / unit)?;
                write!(f, ".{:0digits$}", amount % unit)
            }
        }
    }
}

/// Writes a whole number with a separator after every three digits, `1,234,567`.
fn write_whole(f: &mut fmt::Formatter<'_>, number: u64) -> fmt::Result {
    if number < 1_000 {
        return write!(f, "{number}");
    }
    write_whole(f, number / 1_000)?;
    write!(f, ",{:03}", number % 1_000)
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
    fn thousands_are_separated() {
        let euros = |amount| Money::new(amount, Currency::EUR).to_string();
        assert_eq!(euros(99_999), "€999.99");
        assert_eq!(euros(123_450), "€1,234.50");
        assert_eq!(euros(100_000_005), "€1,000,000.05");
        assert_eq!(euros(-123_450), "−€1,234.50");
        assert_eq!(euros(i64::MIN), "−€92,233,720,368,547,758.08");
        assert_eq!(Money::new(25_000, "JPY".parse().unwrap()).to_string(), "¥25,000");
    }

    #[test]
    fn an_amount_has_the_decimals_of_its_currency_and_no_more() {
        let read = |whole, fraction, code: &str| {
            Money::from_digits(whole, fraction, code.parse().unwrap()).map(|money| money.amount)
        };
        assert_eq!(read("12", "50", "EUR"), Ok(1250));
        assert_eq!(read("12", "5", "EUR"), Ok(1250));
        assert_eq!(read("12", "", "EUR"), Ok(1200));
        assert_eq!(read("0", "05", "EUR"), Ok(5));
        assert_eq!(read("12", "5000", "EUR"), Ok(1250));
        assert_eq!(read("1250", "", "JPY"), Ok(1250));
        assert_eq!(read("1250", "00", "JPY"), Ok(1250));
        assert_eq!(read("12", "505", "KWD"), Ok(12_505));
        assert_eq!(read("1", "2345", "CLF"), Ok(12_345));
        assert_eq!(read("12", "505", "EUR"), Err(AmountError::TooPrecise));
        assert_eq!(read("12", "50", "JPY"), Err(AmountError::TooPrecise));
        assert_eq!(read("99999999999999999999", "", "EUR"), Err(AmountError::TooLarge));
        for (whole, fraction) in [("", "5"), ("-1", ""), ("1,5", ""), ("1e3", ""), ("12", "x"), ("١٢", "")]
        {
            assert_eq!(read(whole, fraction, "EUR"), Err(AmountError::NotDigits), "{whole}.{fraction}");
        }
    }

    #[test]
    fn an_amount_written_as_a_decimal_is_read_back_in_every_currency() {
        for currency in Currency::listed() {
            let money = Money::new(1_234_567, currency);
            let text = money.to_decimal();
            let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
            assert_eq!(fraction.len(), currency.decimals(), "{text}");
            assert_eq!(Money::from_digits(whole, fraction, currency), Ok(money), "{text}");
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

//! Prices: a number, optionally with the sign of the shop's currency.

use orders::{AmountError, Currency, Money};

use super::number::{Digits, Marks, Number};
use crate::external::gateways::charge_step;

/// The largest price, in minor units. Fifty lines of 999 still have a total that a browser represents exactly.
pub(super) const MAX_PRICE: i64 = 100_000_000_000;

/// Signs and short names of currencies, and the codes of the currencies that use them.
const SIGNS: [(&str, &str); 30] = [
    ("€", "EUR"),
    (
        "$",
        "USD AUD BBD BMD BND BSD BZD CAD FJD GYD HKD JMD KYD LRD NAD NZD SBD SGD SRD TTD TWD XCD ARS CLP COP CUP DOP MXN \
         UYU",
    ),
    ("£", "GBP EGP FKP GIP LBP SDG SHP SSP SYP"),
    ("¥", "JPY CNY"),
    ("円", "JPY"),
    ("元", "CNY"),
    ("₩", "KRW KPW"),
    ("₹", "INR"),
    ("₽", "RUB"),
    ("₺", "TRY"),
    ("₴", "UAH"),
    ("₪", "ILS"),
    ("₫", "VND"),
    ("฿", "THB"),
    ("₱", "PHP"),
    ("₦", "NGN"),
    ("₡", "CRC"),
    ("₲", "PYG"),
    ("₸", "KZT"),
    ("₵", "GHS"),
    ("kr", "SEK NOK DKK ISK"),
    ("kč", "CZK"),
    ("zł", "PLN"),
    ("ft", "HUF"),
    ("lei", "RON MDL"),
    ("fr", "CHF"),
    ("r$", "BRL"),
    ("rs", "INR LKR MUR NPR PKR SCR"),
    ("rp", "IDR"),
    ("rm", "MYR"),
];

/// A price whose marks are not interpreted yet.
#[derive(Debug)]
pub(super) struct WrittenPrice<'t> {
    text: &'t str,
    pub(super) number: Number,
}

impl<'t> WrittenPrice<'t> {
    /// Parses a cell.
    ///
    /// # Errors
    /// A sentence, when it is not a number or has the sign of another currency.
    pub(super) fn read(text: &'t str, currency: Currency) -> Result<Self, String> {
        if text.is_empty() {
            return Err(format!("price is blank: write it like {}", example(currency)));
        }
        let unreadable = || format!("price {text:?} is not an amount: write it like {}", example(currency));
        let is_digit = |c: char| c.is_ascii_digit();
        let start = text.find(is_digit).ok_or_else(unreadable)?;
        let end = text.rfind(is_digit).map_or(text.len(), |last| last + 1);
        let (mut before, mut digits, mut after) =
            (text[..start].trim(), text[start..end].to_owned(), text[end..].trim());
        // "12,-" and "12.–" have no cents.
        for dash in ["-", "–", "—"] {
            let rest = after.strip_prefix([',', '.']).and_then(|rest| rest.strip_prefix(dash));
            after = rest.unwrap_or(after).trim_start();
        }
        after = after.strip_prefix(['.', ',']).unwrap_or(after).trim_start();
        if let Some(rest) = before.strip_suffix(['.', ',']).filter(|rest| rest.is_empty()) {
            digits = format!("0{before}{digits}");
            before = rest;
        }
        let unsigned = before.trim_matches(|c: char| matches!(c, '-' | '−') || c.is_whitespace());
        if unsigned.len() < before.len() {
            return Err(format!("price {text:?} is below zero"));
        }
        for sign in [unsigned, after] {
            check_sign(sign, text, currency)?;
        }
        let number = Number::read(&digits).ok_or_else(unreadable)?;
        Ok(Self { text, number })
    }

    /// Returns the price.
    ///
    /// # Errors
    /// A sentence with what the currency allows.
    pub(super) fn amount(&self, marks: Marks, currency: Currency) -> Result<Money, String> {
        let text = self.text;
        let Some(Digits { whole, fraction }) = self.number.digits(marks) else {
            let [large, small] = self.number.both().unwrap_or_default();
            return Err(format!(
                "price {text:?} can mean {large} or {small}, and no other price in the file tells which: say it with \
                 --decimal point or --decimal comma"
            ));
        };
        let money = Money::from_digits(&whole, &fraction, currency).map_err(|error| match error {
            AmountError::TooPrecise => match currency.decimals() {
                0 => format!("price {text:?}: {currency} has no decimals, write a whole number such as 1250"),
                decimals => {
                    format!(
                        "price {text:?}: {currency} has {decimals} decimals, write it like {}",
                        example(currency)
                    )
                }
            },
            AmountError::TooLarge => too_large(text, currency),
            AmountError::NotDigits => format!("price {text:?} is not an amount"),
        })?;
        if money.amount > MAX_PRICE {
            return Err(too_large(text, currency));
        }
        let step = charge_step(currency);
        if money.amount % step != 0 {
            let below = Money::new(money.amount - money.amount % step, currency);
            let above = Money::new(below.amount + step, currency);
            return Err(format!(
                "price {text:?}: cards are charged in {currency} in steps of {}, write {} or {}",
                Money::new(step, currency).to_decimal(),
                below.to_decimal(),
                above.to_decimal()
            ));
        }
        Ok(money)
    }
}

fn too_large(text: &str, currency: Currency) -> String {
    format!("price {text:?} is too large: the most is {}", Money::new(MAX_PRICE, currency).to_decimal())
}

/// Returns an example price of a currency.
fn example(currency: Currency) -> String {
    let units = i64::try_from(currency.minor_units()).unwrap_or(1);
    let amount = if units == 1 { 1250 } else { 12 * units + units / 2 };
    Money::new(amount, currency).to_decimal()
}

fn check_sign(sign: &str, price: &str, currency: Currency) -> Result<(), String> {
    let sign = sign.trim_matches('.').trim();
    if sign.is_empty() || sign.eq_ignore_ascii_case(currency.as_str()) {
        return Ok(());
    }
    if sign.to_ascii_uppercase().parse().is_ok_and(Currency::is_listed) {
        return Err(format!("price {price:?} is not in {currency}, the currency of the shop"));
    }
    let lower = sign.to_lowercase();
    match SIGNS.iter().find(|(known, _)| *known == lower) {
        Some((_, codes)) if codes.split(' ').any(|code| code == currency.as_str()) => Ok(()),
        Some(_) => {
            Err(format!("price {price:?} has a sign that is not one of {currency}, the currency of the shop"))
        }
        None => Err(format!("price {price:?} is not an amount: write it like {}", example(currency))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::number::DecimalMark;
    use super::*;

    fn read(text: &str, code: &str) -> Result<i64, String> {
        let currency = code.parse().unwrap();
        WrittenPrice::read(text, currency)?.amount(Marks::Unknown, currency).map(|money| money.amount)
    }

    #[test]
    fn a_price_is_read_with_the_sign_of_its_currency_or_without() {
        for text in [
            "12.50",
            "12,50",
            "€12.50",
            "€ 12,50",
            "12,50 €",
            "12,50\u{a0}€",
            "EUR 12.50",
            "12.5 eur",
            "12,50€",
        ] {
            assert_eq!(read(text, "EUR"), Ok(1250), "{text}");
        }
        assert_eq!(read("12,-", "EUR"), Ok(1200));
        assert_eq!(read("12.– €", "EUR"), Ok(1200));
        assert_eq!(read(".5", "EUR"), Ok(50));
        assert_eq!(read("Fr. 12.50", "CHF"), Ok(1250));
        assert_eq!(read("1 250,00 Kč", "CZK"), Ok(125_000));
        assert_eq!(read("¥1,250.00", "JPY"), Ok(1250));
        assert_eq!(read("1,25,000.00 Rs.", "INR"), Ok(12_500_000));
    }

    #[test]
    fn a_price_of_another_currency_is_refused() {
        for (text, says) in [
            ("$12.50", "a sign that is not one of EUR"),
            ("12.50 USD", "not in EUR, the currency of the shop"),
            ("12,50 kr", "a sign that is not one of EUR"),
        ] {
            let refused = read(text, "EUR").unwrap_err();
            assert!(refused.contains(says), "{refused}");
        }
    }

    #[test]
    fn a_refused_price_shows_the_form_of_its_currency() {
        for (text, code, says) in [
            ("12.50", "JPY", "price \"12.50\": JPY has no decimals, write a whole number such as 1250"),
            ("12.505", "EUR", "price \"12.505\" can mean 12505 or 12.505"),
            ("12.5055", "EUR", "price \"12.5055\": EUR has 2 decimals, write it like 12.50"),
            ("0.0055", "KWD", "price \"0.0055\": KWD has 3 decimals, write it like 12.500"),
            ("0.124", "KWD", "cards are charged in KWD in steps of 0.010, write 0.120 or 0.130"),
            ("1250.50", "MGA", "cards are charged in MGA in steps of 1.00, write 1250.00 or 1251.00"),
            ("twelve", "KWD", "price \"twelve\" is not an amount: write it like 12.500"),
            ("12.50 each", "EUR", "is not an amount"),
            ("1.2.3", "EUR", "is not an amount"),
            ("", "EUR", "price is blank"),
            ("-1", "EUR", "price \"-1\" is below zero"),
            ("-€1", "EUR", "is below zero"),
            ("99999999999", "EUR", "too large: the most is 1000000000.00"),
            ("99999999999999999999", "EUR", "too large"),
        ] {
            let refused = read(text, code).unwrap_err();
            assert!(refused.contains(says), "{text}: {refused}");
        }
    }

    #[test]
    fn an_ambiguous_price_is_refused_with_both_values_and_the_option() {
        let refused = read("1.250", "EUR").unwrap_err();
        assert_eq!(
            refused,
            "price \"1.250\" can mean 1250 or 1.25, and no other price in the file tells which: say it with --decimal point or \
             --decimal comma"
        );
        let price = WrittenPrice::read("1.250", Currency::EUR).unwrap();
        let comma = price.amount(Marks::Decimal(DecimalMark::Comma), Currency::EUR);
        assert_eq!(comma, Ok(Money::new(125_000, Currency::EUR)));
    }
}

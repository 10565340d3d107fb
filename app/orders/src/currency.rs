//! The currencies of ISO 4217.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An ISO 4217 currency code: three capital letters; every constructor checks that.
///
/// Stored orders keep any code, so that the orders of a withdrawn currency stay readable. A setting must also be
/// listed ([`Currency::is_listed`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency([u8; 3]);

/// A text that is not three capital letters.
#[derive(Debug, thiserror::Error)]
#[error("not a currency code")]
pub struct NotACurrency;

/// The codes of currencies with a minor unit, withdrawn ones included. Precious metals, units of account and the test
/// code have none.
const LISTED: &str = "\
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF \
    CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD \
    HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD \
    MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG \
    QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD \
    TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAD XAF XCD XCG XOF XPF YER ZAR ZMW ZWG ZWL";

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

    /// Whether ISO 4217 lists it as a currency.
    pub fn is_listed(self) -> bool {
        LISTED.split(' ').any(|code| code == self.as_str())
    }

    /// Returns every listed currency.
    pub fn listed() -> impl Iterator<Item = Self> {
        LISTED.split(' ').filter_map(|code| code.parse().ok())
    }

    /// Returns how many decimals the major unit has.
    pub fn decimals(self) -> usize {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF"
            | b"UGX" | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            b"CLF" | b"UYW" => 4,
            _ => 2,
        }
    }

    /// Returns how many minor units one major unit has.
    pub fn minor_units(self) -> u64 {
        match self.decimals() {
            0 => 1,
            2 => 100,
            3 => 1_000,
            _ => 10_000,
        }
    }

    pub(crate) fn symbol(self) -> Option<&'static str> {
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
    type Err = NotACurrency;

    fn from_str(text: &str) -> Result<Self, NotACurrency> {
        let code: [u8; 3] = text.as_bytes().try_into().map_err(|_| NotACurrency)?;
        if code.iter().all(u8::is_ascii_uppercase) { Ok(Self(code)) } else { Err(NotACurrency) }
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

    /// Returns every combination of three letters.
    fn codes() -> impl Iterator<Item = String> {
        let letters = || b'A'..=b'Z';
        letters()
            .flat_map(move |a| letters().flat_map(move |b| letters().map(move |c| [a, b, c])))
            .map(|code| String::from_utf8(code.to_vec()).unwrap())
    }

    #[test]
    fn the_listed_currencies_and_their_decimals_are_those_of_iso_4217() {
        for code in codes() {
            let ours: Currency = code.parse().unwrap();
            let exponent =
                iso_currency::Currency::from_code(&code).and_then(iso_currency::Currency::exponent);
            assert_eq!(ours.is_listed(), exponent.is_some(), "{code}");
            if let Some(exponent) = exponent {
                assert_eq!(ours.decimals(), usize::from(exponent), "{code}");
                assert_eq!(ours.minor_units(), 10_u64.pow(exponent.into()), "{code}");
            }
        }
        assert_eq!(
            Currency::listed().count(),
            codes().filter(|code| code.parse::<Currency>().unwrap().is_listed()).count()
        );
    }

    #[test]
    fn a_stored_order_with_a_withdrawn_or_unknown_currency_is_readable() {
        for code in ["HRK", "XXX", "ABC"] {
            assert_eq!(serde_json::from_str::<Currency>(&format!("\"{code}\"")).unwrap().as_str(), code);
        }
        for text in ["eur", "EURO", "E", "€", ""] {
            assert!(text.parse::<Currency>().is_err(), "{text}");
        }
    }
}

//! The sample shop, in any currency.

use orders::{Currency, Money, Product};

use super::{CatalogError, Options, read};
use crate::external::gateways::charge_step;

/// Its products, with prices in euros.
const SAMPLE: &str = include_str!("sample.csv");

/// Roughly how many units of each currency correspond to one euro, or how many euros to one unit. These are orders of
/// magnitude for plausible prices, not exchange rates; the default is one.
const PRICE_LEVELS: [((i64, i64), &str); 8] = [
    ((1, 2), "BHD JOD KWD OMR"),
    ((1, 20), "CLF"),
    (
        (4, 1),
        "AED AWG AZN BAM BBD BGN BOB BRL BYN BZD FJD GEL ILS LYD MYR PEN PGK PLN QAR RON SAR TMT TND TOP TTD WST XCD XCG",
    ),
    ((10, 1), "BWP CNY DKK ERN GHS GTQ HKD HRK LSL MAD MDL MOP MVR MXN MXV NAD NOK SCR SEK SZL TJS UYI ZAR"),
    (
        (40, 1),
        "AFN BTN CUC CUP CZK DOP EGP HNL INR KGS MKD MRU MUR NIO PHP RUB SLE SRD STN THB TRY TWD UAH UYU ZMW ZWG",
    ),
    ((100, 1), "ALL BDT CVE DJF DZD ETB GMD GYD HTG ISK JMD JPY KES LKR LRD MZN NPR PKR RSD VED VES VUV XPF"),
    ((400, 1), "AMD ARS CDF CRC HUF KMF KZT NGN RWF SDG SSP XAF XOF YER"),
    ((1_000, 1), "AOA CLP IQD KPW KRW MMK MWK SOS"),
];
/// The same for currencies with large numbers.
const LARGE_PRICE_LEVELS: [(i64, &str); 2] =
    [(4_000, "BIF COP KHR MGA MNT PYG SYP TZS UGX"), (20_000, "GNF IDR IRR LAK LBP SLL UZS VND ZWL")];

/// Returns the sample shop with prices in this currency.
///
/// # Errors
/// Never with the built-in file; a test reads it in every currency.
pub fn sample(currency: Currency) -> Result<Vec<Product>, CatalogError> {
    let file = read(SAMPLE.as_bytes(), Currency::EUR, &Options::default())?;
    let mut products = super::Plan::of(&file.products, &[], Currency::EUR, 0)?.new;
    for product in &mut products {
        product.price = priced(product.price.amount, currency);
    }
    Ok(products)
}

/// Converts a number of eurocents to another currency.
fn priced(cents: i64, currency: Currency) -> Money {
    let (times, of) = level(currency);
    let units = i64::try_from(currency.minor_units()).unwrap_or(100);
    let step = charge_step(currency);
    let amount = cents * times * units / (of * 100);
    Money::new((amount / step).max(1) * step, currency)
}

fn level(currency: Currency) -> (i64, i64) {
    let is_in = |codes: &str| codes.split(' ').any(|code| code == currency.as_str());
    let large = LARGE_PRICE_LEVELS.iter().find(|(_, codes)| is_in(codes)).map(|(times, _)| (*times, 1));
    let level = || PRICE_LEVELS.iter().find(|(_, codes)| is_in(codes)).map(|(level, _)| *level);
    large.or_else(level).unwrap_or((1, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mug(code: &str) -> String {
        let products = sample(code.parse().unwrap()).unwrap();
        products.iter().find(|product| product.sku == "mug-blue").unwrap().price.to_string()
    }

    #[test]
    fn the_sample_shop_has_the_blue_mug_at_a_price_of_its_currency() {
        assert_eq!(mug("EUR"), "€12.50");
        assert_eq!(mug("USD"), "$12.50");
        assert_eq!(mug("JPY"), "¥1,250");
        assert_eq!(mug("KWD"), "KWD\u{a0}6.250");
        assert_eq!(mug("HUF"), "HUF\u{a0}5,000.00");
        assert_eq!(mug("ISK"), "ISK\u{a0}1,250");
        assert_eq!(mug("VND"), "VND\u{a0}250,000");
        assert_eq!(mug("CLF"), "CLF\u{a0}0.6250");
    }

    #[test]
    fn the_sample_shop_opens_in_every_currency_with_prices_that_can_be_charged() {
        for currency in Currency::listed() {
            let products = sample(currency).unwrap();
            assert!(products.len() >= 24, "{currency}");
            for Product { sku, price, .. } in products {
                assert_eq!(price.currency, currency);
                assert!(price.amount > 0 && price.amount % charge_step(currency) == 0, "{sku}: {price}");
                assert!(price.amount <= super::super::price::MAX_PRICE, "{sku}: {price}");
            }
        }
    }

    #[test]
    fn every_level_is_one_of_listed_currencies_named_once() {
        let levels = PRICE_LEVELS
            .iter()
            .map(|(_, codes)| *codes)
            .chain(LARGE_PRICE_LEVELS.iter().map(|(_, codes)| *codes));
        let mut codes: Vec<&str> = levels.flat_map(|codes| codes.split(' ')).collect();
        let all = codes.len();
        assert!(codes.iter().all(|code| code.parse().is_ok_and(Currency::is_listed)), "{codes:?}");
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), all);
    }
}

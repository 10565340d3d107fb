//! Amounts in the units of Stripe's API, see <https://docs.stripe.com/currencies>.
//!
//! They are the minor units of ISO 4217, with these exceptions:
//!
//! - ISK and UGX have no decimals, but are sent with two, which must be zeros: 5 ISK is `500`.
//! - MGA has two decimals, but is sent without: 5 MGA is `5`.
//! - BHD, JOD, KWD, OMR and TND have three decimals, and the last one must be a zero: 5.120 KWD is `5120`.
//!
//! HUF and TWD are sent with two decimals like any other; only payouts, which Docket does not make, are in whole units.

use orders::{Currency, Money};

/// Returns the smallest step, in minor units, in which cards are charged in this currency. Totals of prices that are
/// multiples of it can be charged.
pub fn charge_step(currency: Currency) -> i64 {
    match currency.as_str() {
        "BHD" | "JOD" | "KWD" | "OMR" | "TND" => 10,
        "MGA" => 100,
        _ => 1,
    }
}

/// Returns the amount in Stripe's units; none when it is not a multiple of [`charge_step`] or does not fit.
pub fn stripe_amount(money: Money) -> Option<i64> {
    if money.amount % charge_step(money.currency) != 0 {
        return None;
    }
    match money.currency.as_str() {
        "ISK" | "UGX" => money.amount.checked_mul(100),
        "MGA" => Some(money.amount / 100),
        _ => Some(money.amount),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(amount: i64, code: &str) -> Option<i64> {
        stripe_amount(Money::new(amount, code.parse().unwrap()))
    }

    #[test]
    fn an_amount_is_sent_in_the_units_that_stripe_documents() {
        assert_eq!(sent(1250, "EUR"), Some(1250));
        assert_eq!(sent(1250, "JPY"), Some(1250), "¥1,250 has no smaller unit");
        assert_eq!(sent(1245, "HUF"), Some(1245), "Ft 12.45: two decimals for charges");
        assert_eq!(sent(1245, "TWD"), Some(1245));
        assert_eq!(sent(5120, "KWD"), Some(5120));
        assert_eq!(sent(5, "ISK"), Some(500));
        assert_eq!(sent(5, "UGX"), Some(500));
        assert_eq!(sent(500, "MGA"), Some(5));
    }

    #[test]
    fn an_amount_that_stripe_would_refuse_is_not_rounded() {
        assert_eq!(sent(5124, "KWD"), None);
        assert_eq!(sent(550, "MGA"), None);
        assert_eq!(sent(i64::MAX, "ISK"), None);
    }

    #[test]
    fn a_total_of_prices_in_steps_can_be_charged_in_every_currency() {
        for currency in Currency::listed() {
            let price = Money::new(7 * charge_step(currency), currency);
            let total = price.times(999).and_then(|lines| lines.plus(price)).unwrap();
            assert!(stripe_amount(total).is_some(), "{currency}");
        }
    }
}

//! The driver's orders, derived from the seed, so that order 17 of a seed is always the same.

use std::fmt;

use fastrand::Rng;
use serde_json::{Value, json};

/// Products with enough stock for every experiment.
pub const PLENTY: [&str; 4] = ["mug-blue", "teapot", "pencils", "tea-towel"];
/// A product that sells out.
pub const SCARCE: &str = "last-lamp";
/// The initial stock of each product.
pub const STOCK: [(&str, u32); 5] = [
    (PLENTY[0], 10_000_000),
    (PLENTY[1], 10_000_000),
    (PLENTY[2], 10_000_000),
    (PLENTY[3], 10_000_000),
    (SCARCE, 40),
];

/// A valid card.
pub const GOOD_CARD: &str = "pm_card_visa";
/// A known postcode.
pub const GOOD_POSTCODE: &str = "27100";

/// One order as its customer wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    pub lines: Vec<(&'static str, u32)>,
    /// The card's token; none is an invoice.
    pub card: Option<&'static str>,
    pub postcode: &'static str,
    /// Whether the customer cancels.
    pub cancels: bool,
    /// Whether the customer repeats the request after the answer.
    pub repeats: bool,
    /// Whether the customer answers questions for another card or address.
    pub mends: bool,
}

/// The mix of orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mix {
    /// All of them can be confirmed, and nobody cancels.
    Plain,
    /// All cards are declined, and every customer has another one.
    Declined,
    /// Declined cards, unknown addresses, sold-out products, cancellations.
    Everything,
}

impl Default for Wish {
    fn default() -> Self {
        Self {
            lines: vec![(PLENTY[0], 2)],
            card: Some(GOOD_CARD),
            postcode: GOOD_POSTCODE,
            cancels: false,
            repeats: false,
            mends: false,
        }
    }
}

impl Wish {
    /// Returns the order of customer `number`.
    pub fn draw(seed: u64, number: usize, mix: Mix) -> Self {
        let mut rng = Rng::with_seed(seed ^ (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut lines: Vec<_> = PLENTY.iter().map(|sku| (*sku, rng.u32(1..=3))).collect();
        rng.shuffle(&mut lines);
        lines.truncate(rng.usize(1..=2));
        let plain = Self { lines, repeats: rng.u32(0..100) < 5, ..Self::default() };
        let pays = |card| Self { card, ..plain.clone() };
        match (mix, rng.u32(0..100)) {
            (Mix::Plain, 0..90) => plain,
            (Mix::Plain, _) => pays(None),
            (Mix::Declined, _) => Self { mends: true, ..pays(Some("pm_card_chargeDeclined")) },
            (_, 0..64) => plain,
            (_, 64..72) => pays(None),
            (_, 72..75) => Self { mends: rng.bool(), ..pays(Some("pm_card_chargeDeclined")) },
            (_, 75..77) => {
                Self { mends: rng.bool(), ..pays(Some("pm_card_chargeDeclinedInsufficientFunds")) }
            }
            (_, 77..79) => pays(Some("pm_card_riskLevelElevated")),
            (_, 79..82) => Self { postcode: "00000", mends: rng.bool(), ..plain },
            (_, 82..85) => Self { postcode: "00001", ..plain },
            (_, 85..92) => Self { lines: vec![(SCARCE, rng.u32(1..=2))], ..plain },
            (_, _) => Self { cancels: true, ..plain },
        }
    }

    /// Whether nothing prevents its confirmation.
    pub fn is_plain(&self) -> bool {
        self.card.is_none_or(|card| card == GOOD_CARD)
            && self.postcode == GOOD_POSTCODE
            && self.lines.iter().all(|(sku, _)| *sku != SCARCE)
            && !self.cancels
    }

    /// Returns the body of its submission. The note is the key, so that the order names the key that made it.
    pub fn body(&self, key: &str) -> Value {
        let payment = match self.card {
            Some(token) => json!({"method": "card", "token": token}),
            None => json!({"method": "invoice"}),
        };
        let lines: Vec<_> =
            self.lines.iter().map(|(sku, quantity)| json!({"sku": sku, "quantity": quantity})).collect();
        json!({
            "customer": {"name": "Ada", "email": format!("{key}@example.org")},
            "ship_to": address(self.postcode),
            "lines": lines,
            "payment": payment,
            "note": key,
        })
    }
}

/// Returns an address with this postcode.
pub fn address(postcode: &str) -> Value {
    json!({"name": "Ada", "street": "1 Main St", "city": "Pavia", "postcode": postcode, "country": "IT"})
}

/// Returns the catalogue for `docket catalog import`.
pub fn catalogue() -> String {
    let mut csv = "sku,name,description,price,stock,category,image\n".to_owned();
    for (place, (sku, stock)) in STOCK.iter().enumerate() {
        csv += &format!("{sku},Product {sku},,{}.50,{stock},Kitchen,\n", place + 3);
    }
    csv
}

impl fmt::Display for Wish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} by {} to {}", self.lines, self.card.unwrap_or("invoice"), self.postcode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_draws_the_same_orders_again_and_another_one_others() {
        let draw = |seed| (0..200).map(|n| Wish::draw(seed, n, Mix::Everything)).collect::<Vec<_>>();
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn plain_orders_are_plain_and_the_others_are_of_every_kind() {
        assert!((0..500).all(|n| Wish::draw(1, n, Mix::Plain).is_plain()));
        let mixed: Vec<_> = (0..500).map(|n| Wish::draw(1, n, Mix::Everything)).collect();
        assert!(mixed.iter().any(|wish| wish.cancels) && mixed.iter().any(|wish| wish.mends));
        assert!(mixed.iter().any(|wish| wish.card.is_none() && wish.is_plain()));
        assert!(mixed.iter().any(|wish| wish.postcode == "00001" && !wish.is_plain()));
    }
}

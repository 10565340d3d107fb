//! The driver's orders, derived from the seed, so that order 17 of a seed is always the same.

use std::fmt;

use fastrand::Rng;
use serde_json::{Value, json};

/// Products with enough stock for every experiment.
pub const PLENTIFUL_SKUS: [&str; 4] = ["mug-blue", "teapot", "pencils", "tea-towel"];
/// A product that sells out.
pub const SCARCE_SKU: &str = "last-lamp";
/// The initial stock of each product.
pub const STOCK: [(&str, u32); 5] = [
    (PLENTIFUL_SKUS[0], 10_000_000),
    (PLENTIFUL_SKUS[1], 10_000_000),
    (PLENTIFUL_SKUS[2], 10_000_000),
    (PLENTIFUL_SKUS[3], 10_000_000),
    (SCARCE_SKU, 40),
];

/// A valid card.
pub const GOOD_CARD: &str = "pm_card_visa";
/// A known postcode.
pub const GOOD_POSTCODE: &str = "27100";

/// One order as its customer wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderPlan {
    pub lines: Vec<(&'static str, u32)>,
    /// The card's token; none is an invoice.
    pub card: Option<&'static str>,
    pub postcode: &'static str,
    /// Whether the customer cancels.
    pub cancels: bool,
    /// Whether the customer repeats the request after the answer.
    pub repeats: bool,
    /// Whether the customer answers questions for another card or address.
    pub corrects: bool,
}

/// The mix of orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mix {
    /// All of them can be confirmed, and nobody cancels.
    Confirmable,
    /// All cards are declined, and every customer has another one.
    Declined,
    /// Declined cards, unknown addresses, sold-out products, cancellations.
    Everything,
}

impl Default for OrderPlan {
    fn default() -> Self {
        Self {
            lines: vec![(PLENTIFUL_SKUS[0], 2)],
            card: Some(GOOD_CARD),
            postcode: GOOD_POSTCODE,
            cancels: false,
            repeats: false,
            corrects: false,
        }
    }
}

impl OrderPlan {
    /// Returns the order of customer `number`.
    pub fn random(seed: u64, number: usize, mix: Mix) -> Self {
        let mut rng = Rng::with_seed(seed ^ (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut lines: Vec<_> = PLENTIFUL_SKUS.iter().map(|sku| (*sku, rng.u32(1..=3))).collect();
        rng.shuffle(&mut lines);
        lines.truncate(rng.usize(1..=2));
        let plain = Self { lines, repeats: rng.u32(0..100) < 5, ..Self::default() };
        let pays = |card| Self { card, ..plain.clone() };
        match (mix, rng.u32(0..100)) {
            (Mix::Confirmable, 0..90) => plain,
            (Mix::Confirmable, _) => pays(None),
            (Mix::Declined, _) => Self { corrects: true, ..pays(Some("pm_card_chargeDeclined")) },
            (_, 0..64) => plain,
            (_, 64..72) => pays(None),
            (_, 72..75) => Self { corrects: rng.bool(), ..pays(Some("pm_card_chargeDeclined")) },
            (_, 75..77) => {
                Self { corrects: rng.bool(), ..pays(Some("pm_card_chargeDeclinedInsufficientFunds")) }
            }
            (_, 77..79) => pays(Some("pm_card_riskLevelElevated")),
            (_, 79..82) => Self { postcode: "00000", corrects: rng.bool(), ..plain },
            (_, 82..85) => Self { postcode: "00001", ..plain },
            (_, 85..92) => Self { lines: vec![(SCARCE_SKU, rng.u32(1..=2))], ..plain },
            (_, _) => Self { cancels: true, ..plain },
        }
    }

    /// Whether nothing prevents its confirmation.
    pub fn is_confirmable(&self) -> bool {
        self.card.is_none_or(|card| card == GOOD_CARD)
            && self.postcode == GOOD_POSTCODE
            && self.lines.iter().all(|(sku, _)| *sku != SCARCE_SKU)
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
pub fn catalog_csv() -> String {
    let mut csv = "sku,name,description,price,stock,category,image\n".to_owned();
    for (index, (sku, stock)) in STOCK.iter().enumerate() {
        csv += &format!("{sku},Product {sku},,{}.50,{stock},Kitchen,\n", index + 3);
    }
    csv
}

impl fmt::Display for OrderPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} by {} to {}", self.lines, self.card.unwrap_or("invoice"), self.postcode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_orders_and_another_seed_gives_others() {
        let random = |seed| (0..200).map(|n| OrderPlan::random(seed, n, Mix::Everything)).collect::<Vec<_>>();
        assert_eq!(random(1), random(1));
        assert_ne!(random(1), random(2));
    }

    #[test]
    fn confirmable_orders_are_confirmable_and_the_other_mix_has_every_kind() {
        assert!((0..500).all(|n| OrderPlan::random(1, n, Mix::Confirmable).is_confirmable()));
        let mixed: Vec<_> = (0..500).map(|n| OrderPlan::random(1, n, Mix::Everything)).collect();
        assert!(mixed.iter().any(|plan| plan.cancels) && mixed.iter().any(|plan| plan.corrects));
        assert!(mixed.iter().any(|plan| plan.card.is_none() && plan.is_confirmable()));
        assert!(mixed.iter().any(|plan| plan.postcode == "00001" && !plan.is_confirmable()));
    }
}

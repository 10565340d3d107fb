//! The driver's orders. Each is derived from the seed and its number, so a run can be repeated.

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

/// The plan of one order: what its customer orders and does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderPlan {
    pub lines: Vec<(&'static str, u32)>,
    /// The token of the card; `None` is payment by invoice.
    pub card: Option<&'static str>,
    pub postcode: &'static str,
    /// Whether the customer cancels.
    pub cancels: bool,
    /// Whether the customer sends the submission again after its answer.
    pub repeats: bool,
    /// Whether the customer gives another card or address when asked.
    pub corrects: bool,
}

/// Which orders are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mix {
    /// Orders that can be confirmed and are not cancelled.
    Confirmable,
    /// Orders whose card is declined and whose customer gives another one.
    Declined,
    /// Orders of every kind, also with declined cards, unknown addresses, sold-out products and cancellations.
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
    /// Returns order `number` of a seed.
    pub fn random(seed: u64, number: usize, mix: Mix) -> Self {
        let mut rng = Rng::with_seed(seed ^ (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut lines: Vec<_> = PLENTIFUL_SKUS.iter().map(|sku| (*sku, rng.u32(1..=3))).collect();
        rng.shuffle(&mut lines);
        lines.truncate(rng.usize(1..=2));
        let confirmable = Self { lines, repeats: rng.u32(0..100) < 5, ..Self::default() };
        let paid_with = |card| Self { card, ..confirmable.clone() };
        match (mix, rng.u32(0..100)) {
            (Mix::Confirmable, 0..90) => confirmable,
            (Mix::Confirmable, _) => paid_with(None),
            (Mix::Declined, _) => Self { corrects: true, ..paid_with(Some("pm_card_chargeDeclined")) },
            (_, 0..64) => confirmable,
            (_, 64..72) => paid_with(None),
            (_, 72..75) => Self { corrects: rng.bool(), ..paid_with(Some("pm_card_chargeDeclined")) },
            (_, 75..77) => {
                Self { corrects: rng.bool(), ..paid_with(Some("pm_card_chargeDeclinedInsufficientFunds")) }
            }
            (_, 77..79) => paid_with(Some("pm_card_riskLevelElevated")),
            (_, 79..82) => Self { postcode: "00000", corrects: rng.bool(), ..confirmable },
            (_, 82..85) => Self { postcode: "00001", ..confirmable },
            (_, 85..92) => Self { lines: vec![(SCARCE_SKU, rng.u32(1..=2))], ..confirmable },
            (_, _) => Self { cancels: true, ..confirmable },
        }
    }

    /// Whether it must be confirmed unless it is cancelled.
    pub fn is_confirmable(&self) -> bool {
        self.card.is_none_or(|card| card == GOOD_CARD)
            && self.postcode == GOOD_POSTCODE
            && self.lines.iter().all(|(sku, _)| *sku != SCARCE_SKU)
            && !self.cancels
    }

    /// Returns the body of its submission. The note is the idempotency key, so that each order names its key.
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
        let plans = |seed| (0..200).map(|n| OrderPlan::random(seed, n, Mix::Everything)).collect::<Vec<_>>();
        assert_eq!(plans(1), plans(1));
        assert_ne!(plans(1), plans(2));
    }

    #[test]
    fn the_confirmable_mix_has_only_confirmable_orders_and_the_full_mix_has_every_kind() {
        assert!((0..500).all(|n| OrderPlan::random(1, n, Mix::Confirmable).is_confirmable()));
        let mixed: Vec<_> = (0..500).map(|n| OrderPlan::random(1, n, Mix::Everything)).collect();
        assert!(mixed.iter().any(|plan| plan.cancels) && mixed.iter().any(|plan| plan.corrects));
        assert!(mixed.iter().any(|plan| plan.card.is_none() && plan.is_confirmable()));
        assert!(mixed.iter().any(|plan| plan.postcode == "00001" && !plan.is_confirmable()));
    }
}

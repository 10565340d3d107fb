//! Invariant 7: stock and reservations add up to the initial stock.

use std::collections::BTreeMap;

use orders::{StepName, StepState};

use super::violations::{Evidence, Invariant, Violations};
use crate::final_state::initial_stock;

pub fn check(evidence: &Evidence, violations: &mut Violations) {
    let mut held: BTreeMap<&str, u64> = BTreeMap::new();
    for order in &evidence.final_state.orders {
        if order.step(StepName::ReserveStock).state != StepState::Succeeded {
            continue;
        }
        for line in &order.lines {
            *held.entry(&line.sku).or_default() += u64::from(line.quantity);
        }
    }
    for (sku, left) in &evidence.final_state.stock {
        let held = held.get(sku.as_str()).copied().unwrap_or_default();
        let before = initial_stock(sku);
        // Stock is an unsigned number; one that wrapped around is larger than it ever was.
        if *left > before || u64::from(*left) + held != u64::from(before) {
            violations.breaks(
                Invariant::StockIsConserved,
                format_args!("of {before} {sku} {left} are left and {held} are held"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::broken;
    use super::*;

    #[test]
    fn stock_that_came_back_twice_or_went_twice_is_found() {
        for change in [1_i32, -1] {
            let broken = broken(|evidence| {
                let left = evidence.final_state.stock.get_mut("mug-blue").unwrap();
                *left = left.saturating_add_signed(change);
            });
            assert_eq!(broken, [Invariant::StockIsConserved]);
        }
    }

    #[test]
    fn an_order_whose_items_were_never_set_aside_is_found() {
        let broken = broken(|evidence| evidence.final_state.orders[0].steps[0].state = StepState::Undone);
        assert!(broken.contains(&Invariant::StockIsConserved));
    }
}

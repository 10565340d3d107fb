//! Invariant 7: stock and reservations add up to the initial stock.

use std::collections::BTreeMap;

use orders::{StepName, StepState};

use super::violations::{Evidence, Invariant, Violations};
use crate::final_state::initial_stock;

pub fn check(evidence: &Evidence, violations: &mut Violations) {
    let mut reserved: BTreeMap<&str, u64> = BTreeMap::new();
    for order in &evidence.final_state.orders {
        if order.step(StepName::ReserveStock).state != StepState::Succeeded {
            continue;
        }
        for line in &order.lines {
            *reserved.entry(&line.sku).or_default() += u64::from(line.quantity);
        }
    }
    for (sku, left) in &evidence.final_state.stock {
        let reserved = reserved.get(sku.as_str()).copied().unwrap_or_default();
        let initial = initial_stock(sku);
        // Stock is unsigned, so one that went below zero is larger than the initial stock.
        if *left > initial || u64::from(*left) + reserved != u64::from(initial) {
            violations.add(
                Invariant::StockIsConserved,
                format_args!("of {initial} {sku}, {left} are in stock and {reserved} are reserved"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::violated_after;
    use super::*;

    #[test]
    fn stock_that_was_returned_or_reserved_twice_is_found() {
        for change in [1_i32, -1] {
            let violated = violated_after(|evidence| {
                let left = evidence.final_state.stock.get_mut("mug-blue").unwrap();
                *left = left.saturating_add_signed(change);
            });
            assert_eq!(violated, [Invariant::StockIsConserved]);
        }
    }

    #[test]
    fn an_order_whose_items_were_never_reserved_is_found() {
        let violated =
            violated_after(|evidence| evidence.final_state.orders[0].steps[0].state = StepState::Undone);
        assert!(violated.contains(&Invariant::StockIsConserved));
    }
}

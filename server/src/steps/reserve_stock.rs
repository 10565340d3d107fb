//! Reserves the items. Stock is our own table, so the effect is written in the transaction that ends the step.

use orders::{OrderRecord, StepOutcome, StockMove};

pub(super) fn run(record: &OrderRecord) -> StepOutcome {
    let lines = record.order.lines.iter().map(|line| (line.sku.clone(), line.quantity)).collect();
    StepOutcome { stock: StockMove::Reserve(lines), ..StepOutcome::default() }
}

pub(super) fn undo() -> StepOutcome {
    StepOutcome { stock: StockMove::Release, ..StepOutcome::default() }
}

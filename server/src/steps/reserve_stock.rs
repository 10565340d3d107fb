//! Sets the items aside. Stock is our own table, so the effect is written with the step's end.

use orders::{OrderRecord, StepOutcome, StockMove};

pub(super) fn run(record: &OrderRecord) -> StepOutcome {
    let lines = record.order.lines.iter().map(|line| (line.sku.clone(), line.quantity)).collect();
    StepOutcome { stock: StockMove::Reserve(lines), ..StepOutcome::default() }
}

pub(super) fn undo() -> StepOutcome {
    StepOutcome { stock: StockMove::Release, ..StepOutcome::default() }
}

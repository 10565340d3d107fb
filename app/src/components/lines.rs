//! The lines of an order as a table.

use leptos::prelude::*;
use orders::{Line, Money};

use crate::components::element::foreign;

pub fn lines(lines: &[Line], total: Money) -> AnyView {
    view! {
        <div class="lines-box">
            <table class="lines">
                <thead>
                    <tr>
                        <th scope="col">"Item"</th>
                        <th scope="col">"Quantity"</th>
                        <th scope="col">"Total"</th>
                    </tr>
                </thead>
                <tbody>{lines.iter().map(row).collect::<Vec<_>>()}</tbody>
                <tfoot>
                    <tr class="extra">
                        <th scope="row" colspan="2">"Delivery"</th>
                        <td>"Free"</td>
                    </tr>
                    <tr>
                        <th scope="row" colspan="2">"Total"</th>
                        <td>{total.to_string()}</td>
                    </tr>
                </tfoot>
            </table>
        </div>
    }
    .into_any()
}

fn row(line: &Line) -> AnyView {
    view! {
        <tr>
            <th scope="row">
                {foreign(line.name.clone())} <span class="each">{format!("{} each", line.unit_price)}</span>
            </th>
            <td>{line.quantity.to_string()}</td>
            <td>{line.total.to_string()}</td>
        </tr>
    }
    .into_any()
}

/// `3 items`, `1 item`.
pub fn items_words(count: u32) -> String {
    if count == 1 { "1 item".to_owned() } else { format!("{count} items") }
}

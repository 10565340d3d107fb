//! The HTML part of a mail. Mail readers support little CSS: one column, one small style sheet that may be dropped,
//! and the reader's own colours but for the accent.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use orders::Order;

use super::content::Content;

const STYLE: &str = "\
    :root{color-scheme:light dark}\
    body{margin:0;padding:24px 16px;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}\
    main{max-width:34em;margin:0 auto}\
    h1{font-size:24px;line-height:1.25;margin:0 0 12px}\
    p{margin:0 0 12px}\
    .number{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:20px;letter-spacing:.04em}\
    .button{display:inline-block;padding:12px 20px;border-radius:3px;background:#2b3f9e;color:#fff;text-decoration:none}\
    table{width:100%;border-collapse:collapse;margin:24px 0;font-variant-numeric:tabular-nums}\
    td,th{padding:8px 0;border-top:1px solid #8886;text-align:left;font-weight:400}\
    td:last-child{text-align:right;white-space:nowrap}\
    tfoot th,tfoot td{font-weight:600;border-top-width:2px}\
    .soft{font-size:14px;opacity:.75}";

pub(super) fn page(Content { order, link_text, link, help }: &Content<'_>) -> String {
    let message = &order.message;
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (message.heading) ": " (order.number) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    p { span class="number" { (order.number) } br; span class="soft" { (order.created_at.day()) } }
                    h1 { (message.heading) }
                    p { (message.body) }
                    p { (message.next_step) }
                    p { a class="button" href=(link) { (link_text) } }
                    @if let Some(parcel) = &order.shipment {
                        p { (parcel.carrier) ": " a href=(parcel.tracking_url) { (parcel.tracking_number) } }
                    }
                    (lines(order))
                    (address(order))
                    p class="soft" { a href=(help) { "What this means" } }
                }
            }
        }
    }
    .into_string()
}

fn lines(order: &Order) -> Markup {
    html! {
        table {
            tbody {
                @for line in &order.lines {
                    tr {
                        th scope="row" { (line.quantity) " × " bdi { (line.name) } }
                        td { (line.total) }
                    }
                }
            }
            tfoot {
                tr {
                    th scope="row" { "Total" }
                    td { (order.total) }
                }
            }
        }
    }
}

fn address(order: &Order) -> Markup {
    html! { p class="soft" { "To: " @for (n, part) in order.ship_to.written().iter().enumerate() { @if n > 0 { ", " } bdi { (part) } } } }
}

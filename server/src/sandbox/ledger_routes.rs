use axum::{
    Json, Router,
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::get,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Sandbox;
use super::rfc3339::rfc3339;
use crate::store::sandbox_ledger::{LedgerError, Page, Payment, Shipment};

pub fn routes() -> Router<Sandbox> {
    Router::new().route("/ledger/payments", get(payments)).route("/ledger/shipments", get(shipments))
}

#[derive(Deserialize)]
struct PageQuery {
    /// 0 = all of them; at most 100 otherwise.
    #[serde(default = "default_page_size")]
    page_size: u32,
    /// The position of the last row of the previous page.
    #[serde(default)]
    page_token: i64,
}

fn default_page_size() -> u32 {
    50
}

impl PageQuery {
    fn size(&self) -> u32 {
        if self.page_size == 0 { u32::MAX - 1 } else { self.page_size.min(100) }
    }
}

async fn payments(State(sandbox): State<Sandbox>, Query(query): Query<PageQuery>) -> Response {
    list("payments", sandbox.ledger().payments(query.page_token, query.size()).await, payment)
}

async fn shipments(State(sandbox): State<Sandbox>, Query(query): Query<PageQuery>) -> Response {
    list("shipments", sandbox.ledger().shipments(query.page_token, query.size()).await, shipment)
}

fn list<T>(name: &str, page: Result<Page<T>, LedgerError>, row: fn(&T) -> Value) -> Response {
    match page {
        Ok(page) => {
            let rows: Vec<Value> = page.rows.iter().map(row).collect();
            let next = page.next.map(|seq| seq.to_string());
            Json(json!({name: rows, "next_page_token": next})).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "the sandbox could not read its ledger");
            (StatusCode::INTERNAL_SERVER_ERROR, "The ledger cannot be read.\n").into_response()
        }
    }
}

fn payment(row: &Payment) -> Value {
    json!({
        "id": row.id,
        "key": row.key,
        "order_id": row.order_id,
        "amount": row.amount,
        "currency": row.currency,
        "status": row.status.as_str(),
        "amount_captured": row.amount_captured,
        "amount_refunded": row.amount_refunded,
        "created_at": rfc3339(row.created_at),
    })
}

fn shipment(row: &Shipment) -> Value {
    json!({
        "id": row.id,
        "key": row.key,
        "order_id": row.order_id,
        "status": row.status.as_str(),
        "created_at": rfc3339(row.created_at),
    })
}

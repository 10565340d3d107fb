use axum::{
    Router,
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::HeaderMap,
    response::Response,
    routing::{get, post},
};
use serde_json::{Value, json};

use super::{
    amount,
    card::{Card, Verdict},
    form::Form,
    intent,
    refusal::Refusal,
    search::searched_order,
    stripe_json::{intent_json, refund_json},
};
use crate::{
    sandbox::{
        Sandbox,
        keys::{self, key_of},
    },
    store::sandbox_ledger::{Answered, Key, LedgerError, Payment, PaymentStatus, Reply},
};

pub fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/v1/payment_intents", post(create))
        .route("/v1/payment_intents/search", get(search))
        .route("/v1/payment_intents/{id}", get(show))
        .route("/v1/payment_intents/{id}/capture", post(capture))
        .route("/v1/payment_intents/{id}/cancel", post(cancel))
        .route("/v1/refunds", post(refund))
}

async fn create(State(sandbox): State<Sandbox>, headers: HeaderMap, body: Bytes) -> Response {
    let form = Form::parse(&body);
    let key = key(&headers, "/v1/payment_intents", &form);
    let (payment, reply) = match charge(&sandbox, &form, key.as_ref()) {
        Ok(charged) => charged,
        Err(refusal) => return keys::json(refusal.into()),
    };
    answer(sandbox.ledger().add_payment(key, payment, reply).await.map(Some), "")
}

/// Returns the bank's answer to the request. Invalid requests are not stored under the key.
fn charge(sandbox: &Sandbox, form: &Form, key: Option<&Key>) -> Result<(Payment, Reply), Refusal> {
    let amount = form.amount("amount")?.ok_or_else(|| Refusal::missing("amount"))?;
    let currency = form.require("currency")?.to_uppercase();
    if currency.len() != 3 || !currency.bytes().all(|letter| letter.is_ascii_uppercase()) {
        return Err(Refusal::unsuitable("currency", "A currency has three letters."));
    }
    amount::check(amount, &currency)?;
    if form.get("confirm") != Some("true") {
        return Err(Refusal::unsuitable("confirm", "This sandbox confirms at once: send confirm=true."));
    }
    if form.get("capture_method") != Some("manual") {
        let message = "This sandbox holds first and captures later: send capture_method=manual.";
        return Err(Refusal::unsuitable("capture_method", message));
    }
    let token = form.require("payment_method")?;
    let card = Card::of(token).ok_or_else(|| Refusal::no_such("PaymentMethod", "payment_method", token))?;
    let declined = matches!(card.verdict, Verdict::Declined { .. });
    let payment = Payment {
        id: format!("pi_{}", sandbox.new_id()),
        key: key.map(|key| key.value.clone()),
        order_id: form.get("metadata[order_id]").map(str::to_owned),
        amount,
        currency,
        token: token.to_owned(),
        status: if declined { PaymentStatus::Declined } else { PaymentStatus::RequiresCapture },
        amount_captured: 0,
        amount_refunded: 0,
        created_at: sandbox.now(),
    };
    let reply = match Refusal::declined(&payment, card.verdict) {
        Some(refusal) => refusal.into(),
        None => ok(&intent_json(&payment, form.expands("latest_charge"))),
    };
    Ok((payment, reply))
}

async fn show(State(sandbox): State<Sandbox>, Path(id): Path<String>, RawQuery(query): RawQuery) -> Response {
    let form = Form::parse(query.unwrap_or_default().as_bytes());
    keys::json(match sandbox.ledger().payment(id.clone()).await {
        Ok(Some(payment)) => ok(&intent_json(&payment, form.expands("latest_charge"))),
        Ok(None) => Refusal::no_such("payment_intent", "intent", &id).into(),
        Err(error) => broken(&error).into(),
    })
}

async fn search(State(sandbox): State<Sandbox>, RawQuery(query): RawQuery) -> Response {
    let form = Form::parse(query.unwrap_or_default().as_bytes());
    let order = match form.require("query").and_then(searched_order) {
        Ok(order) => order.to_owned(),
        Err(refusal) => return keys::json(refusal.into()),
    };
    keys::json(match sandbox.ledger().payments_of(order).await {
        Ok(payments) => {
            let expand = form.expands("data.latest_charge");
            let data: Vec<Value> = payments.iter().map(|payment| intent_json(payment, expand)).collect();
            ok(&json!({
                "object": "search_result",
                "url": "/v1/payment_intents/search",
                "has_more": false,
                "next_page": null,
                "data": data,
            }))
        }
        Err(error) => broken(&error).into(),
    })
}

async fn capture(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Form::parse(&body);
    let key = key(&headers, &format!("/v1/payment_intents/{id}/capture"), &form);
    let amount = match form.amount("amount_to_capture") {
        Ok(amount) => amount,
        Err(refusal) => return keys::json(refusal.into()),
    };
    let expand = form.expands("latest_charge");
    let change = move |payment: &mut Payment| match intent::capture(payment, amount) {
        Ok(()) => ok(&intent_json(payment, expand)),
        Err(refusal) => refusal.into(),
    };
    answer(sandbox.ledger().change_payment(key, id.clone(), change).await, &id)
}

async fn cancel(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Form::parse(&body);
    let key = key(&headers, &format!("/v1/payment_intents/{id}/cancel"), &form);
    let expand = form.expands("latest_charge");
    let change = move |payment: &mut Payment| match intent::cancel(payment) {
        Ok(()) => ok(&intent_json(payment, expand)),
        Err(refusal) => refusal.into(),
    };
    answer(sandbox.ledger().change_payment(key, id.clone(), change).await, &id)
}

async fn refund(State(sandbox): State<Sandbox>, headers: HeaderMap, body: Bytes) -> Response {
    let form = Form::parse(&body);
    let key = key(&headers, "/v1/refunds", &form);
    let asked = form.require("payment_intent").and_then(|id| Ok((id.to_owned(), form.amount("amount")?)));
    let (id, amount) = match asked {
        Ok(asked) => asked,
        Err(refusal) => return keys::json(refusal.into()),
    };
    let (refund, now) = (format!("re_{}", sandbox.new_id()), sandbox.now());
    let change = move |payment: &mut Payment| match intent::refund(payment, amount) {
        Ok(amount) => ok(&refund_json(payment, &refund, amount, now)),
        Err(refusal) => refusal.into(),
    };
    answer(sandbox.ledger().change_payment(key, id.clone(), change).await, &id)
}

fn key(headers: &HeaderMap, path: &str, form: &Form) -> Option<Key> {
    key_of("payment", headers, path, &form.parts())
}

fn answer(answered: Result<Option<Answered>, LedgerError>, id: &str) -> Response {
    match answered {
        Ok(Some(Answered::First(reply))) => keys::json(reply),
        Ok(Some(Answered::Replayed(reply))) => keys::replayed(reply),
        Ok(Some(Answered::KeyReused)) => keys::json(Refusal::key_reused().into()),
        Ok(None) => keys::json(Refusal::no_such("payment_intent", "intent", id).into()),
        Err(error) => keys::json(broken(&error).into()),
    }
}

fn ok(body: &Value) -> Reply {
    Reply { status: 200, body: body.to_string() }
}

fn broken(error: &LedgerError) -> Refusal {
    tracing::error!(%error, "the sandbox could not use its ledger");
    Refusal::broken()
}

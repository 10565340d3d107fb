//! The rows of a batch, in the form that `docket_commit_v1` takes.

use ::orders::{OrderId, Owner, State};
use serde_json::{Map, Value, json};

use crate::store::change::{NewEvent, OrderRow};

/// Returns the columns of an order that change.
pub(super) fn columns(row: &OrderRow) -> Map<String, Value> {
    let confirmed_at = (row.state == State::Confirmed).then_some(row.updated_at.as_millis());
    let columns = json!({
        "id": hex(&row.id.to_bytes()),
        "state": row.state.as_str(),
        "payment": row.payment,
        "version": row.version,
        "updated_at": row.updated_at.as_millis(),
        "confirmed_at": confirmed_at,
        "delayed": row.delayed,
        "refused_by": row.refused_by,
        "mail_refused": row.mail_refused,
        "email": row.details.as_ref().map(|details| &details.email),
        "details": row.details.as_ref().map(|details| &details.details),
        "progress": row.progress,
    });
    match columns {
        Value::Object(columns) => columns,
        _ => Map::new(),
    }
}

/// Returns an event.
pub(super) fn event((order, owner, event): &(OrderId, Option<Owner>, NewEvent)) -> Value {
    json!({
        "order": hex(&order.to_bytes()),
        "owner": owner.map(|owner| hex(&owner.0)),
        "version": event.version,
        "kind": event.kind.as_str(),
        "at": event.at.as_millis(),
        "data": event.facts,
    })
}

/// Returns bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8; 16]) -> String {
    format!("{:032x}", u128::from_be_bytes(*bytes))
}

//! Events as a list, ascending.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use orders::ProblemCode;
use serde::Deserialize;

use super::super::conditional::{PRIVATE_REVALIDATED, json};
use super::super::failure::Failure;
use super::super::query::{cursor, page_size};
use super::super::state::HttpState;
use crate::push::Topic;

/// The parameters of both event calls.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventQuery {
    pub(super) after: Option<String>,
    page_size: Option<u32>,
    page_token: Option<String>,
    /// Opens one order without an account; read with the caller.
    #[serde(rename = "token")]
    _token: Option<String>,
}

/// Returns the events of a topic after a cursor.
pub(super) async fn answer(
    state: &HttpState,
    topic: Topic,
    after: Option<u64>,
    query: &EventQuery,
) -> Result<Response, Failure> {
    let size = page_size(query.page_size, 50, 1_000)?;
    let token = query.page_token.as_deref().map(|text| cursor("page_token", text)).transpose()?;
    let after = token.or(after);
    if let Some(after) = after
        && after.saturating_add(1) < state.log.first_kept().await?
    {
        return Err(ProblemCode::CursorTooOld.into());
    }
    // One more event tells whether there is a next page.
    let mut events = state.log.events_after(topic, after.unwrap_or(0), size + 1).await?;
    let more = events.len() > size as usize;
    events.truncate(size as usize);
    let next = match events.last() {
        Some(last) if more => format!("\"{:020}\"", last.sequence),
        _ => "null".to_owned(),
    };
    let events: Vec<String> = events.iter().map(|event| event.to_json()).collect();
    let body = format!("{{\"events\":[{}],\"next_page_token\":{next}}}", events.join(","));
    let vary = (header::VARY, HeaderValue::from_static("Accept"));
    Ok(json(StatusCode::OK, body.into_bytes(), [(header::CACHE_CONTROL, PRIVATE_REVALIDATED), vary]))
}

//! One call of the API, with everything that the OpenAPI document says about it.

use axum::routing::MethodRouter;
use orders::ProblemCode;

use crate::http::state::HttpState;

/// One call of the API.
pub struct Call {
    pub method: &'static str,
    pub path: &'static str,
    /// Its `operationId` in the document.
    pub name: &'static str,
    pub summary: &'static str,
    /// The names of its parameters in the document's `PARAMETERS`.
    pub parameters: &'static [&'static str],
    /// The schema of its body.
    pub body: Option<&'static str>,
    pub answers: Vec<Answer>,
    pub problems: &'static [ProblemCode],
    pub handler: MethodRouter<HttpState>,
}

/// One successful answer.
pub struct Answer {
    pub status: u16,
    pub about: &'static str,
    pub content: Content,
}

/// The body of an answer.
pub enum Content {
    Nothing,
    /// JSON of this schema.
    Json(&'static str),
    /// JSON of this schema, or a stream of events if requested.
    JsonOrStream(&'static str),
}

pub(super) const fn json(status: u16, about: &'static str, schema: &'static str) -> Answer {
    Answer { status, about, content: Content::Json(schema) }
}

pub(super) const fn nothing(status: u16, about: &'static str) -> Answer {
    Answer { status, about, content: Content::Nothing }
}

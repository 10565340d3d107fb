//! One call of the API, with everything that its entry in the OpenAPI document says.

use axum::routing::MethodRouter;
use orders::ProblemCode;

use crate::http::state::HttpState;

/// One call: what the document says of it, and what answers it.
pub struct Call {
    pub method: &'static str,
    pub path: &'static str,
    /// Its name in the document, for generated clients.
    pub name: &'static str,
    pub summary: &'static str,
    /// The names of its parameters, each in `PARAMETERS` of the document.
    pub parameters: &'static [&'static str],
    /// The schema of its body.
    pub body: Option<&'static str>,
    pub answers: Vec<Answer>,
    pub problems: &'static [ProblemCode],
    pub handler: MethodRouter<HttpState>,
}

/// One way in which a call succeeds.
pub struct Answer {
    pub status: u16,
    pub about: &'static str,
    pub content: Content,
}

/// What an answer holds.
pub enum Content {
    Nothing,
    /// JSON of this schema.
    Json(&'static str),
    /// JSON of this schema, or a stream of events when that is asked for.
    JsonOrStream(&'static str),
}

pub(super) const fn json(status: u16, about: &'static str, schema: &'static str) -> Answer {
    Answer { status, about, content: Content::Json(schema) }
}

pub(super) const fn nothing(status: u16, about: &'static str) -> Answer {
    Answer { status, about, content: Content::Nothing }
}

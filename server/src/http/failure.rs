//! A refused call on its way to [`problems`](super::problems), which writes the answer.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use orders::{Problem, ProblemCode};

use crate::push::ReadError;

/// The problem of a refused call.
#[derive(Debug, Clone)]
pub struct Failure(pub(super) Box<Problem>);

impl Failure {
    /// Returns the problem, for messages that carry it themselves.
    pub fn into_problem(self) -> Problem {
        *self.0
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self(Box::new(problem))
    }
}

impl From<ProblemCode> for Failure {
    fn from(code: ProblemCode) -> Self {
        Problem::new(code).into()
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        tracing::error!(%error, "a read failed");
        ProblemCode::StorageUnavailable.into()
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut answer = StatusCode::from_u16(self.0.status).unwrap_or_default().into_response();
        answer.extensions_mut().insert(self);
        answer
    }
}

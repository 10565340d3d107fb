//! Every failure that a caller can meet, with its status, its texts, and how to correct it (RFC 9457).

mod code;
mod words;

use serde::{Deserialize, Serialize};

pub use self::code::ProblemCode;
pub use self::words::ProblemWords;

use crate::State;

/// A problem: the body of an `application/problem+json` answer, and `order.problem` for what went wrong after the
/// 202.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{code}: {detail}", code = .code.as_str())]
pub struct Problem {
    /// The address of the page that explains it.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same for every problem of this code.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time.
    pub detail: String,
    /// The resource that it happened to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// Its code.
    pub code: ProblemCode,
    /// The texts for people.
    pub user: UserWords,
    /// The help page about it.
    pub help: String,
    /// Whether the same request can succeed later.
    pub retryable: bool,
    /// The id of the request, to quote in a question about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The fields that must change, if any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// The state of the order that refused a command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// After how many seconds to retry; sent as `Retry-After`.
    #[serde(skip)]
    pub retry_after: Option<u32>,
}

/// The texts of a problem for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserWords {
    /// One short sentence.
    pub heading: String,
    /// What it means for them.
    pub body: String,
    /// The one next step.
    pub next_step: String,
}

/// One field that must change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// JSON Pointer (RFC 6901) into the request's body.
    pub pointer: String,
    /// What it must be.
    pub detail: String,
}

impl FieldError {
    /// Returns an error of the field at `pointer`.
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}

impl Problem {
    /// Returns a problem with the general texts of its code. Its `type` is a path until [`Problem::published_at`].
    pub fn new(code: ProblemCode) -> Self {
        let words = code.words();
        Self {
            kind: code.page(),
            title: words.title.to_owned(),
            status: code.status(),
            detail: words.body.to_owned(),
            instance: None,
            code,
            user: UserWords {
                heading: words.heading.to_owned(),
                body: words.body.to_owned(),
                next_step: words.next_step.to_owned(),
            },
            help: format!("/help/{}", code.as_str()),
            retryable: code.retryable(),
            request_id: None,
            errors: Vec::new(),
            state: None,
            retry_after: None,
        }
    }

    /// Sets what happened this time.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// Sets the resource that it happened to.
    #[must_use]
    pub fn instance(mut self, path: impl Into<String>) -> Self {
        self.instance = Some(path.into());
        self
    }

    /// Sets the fields that must change.
    #[must_use]
    pub fn errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }

    /// Sets the state of the order that refused.
    #[must_use]
    pub fn state(mut self, state: State) -> Self {
        self.state = Some(state);
        self
    }

    /// Sets after how many seconds to retry.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Makes `type` an absolute address below the public base address.
    #[must_use]
    pub fn published_at(mut self, public_url: &str) -> Self {
        if self.kind.starts_with('/') {
            self.kind.insert_str(0, public_url);
        }
        self
    }
}

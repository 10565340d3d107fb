//! Errors of server functions, in words for people.

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};

use super::answer_status;
use crate::outcome::{Outcome, Refused};
use crate::page_error::PageError;

impl Outcome {
    /// Returns the answer to a form that was refused.
    pub fn refused(why: impl Into<Refused>) -> Self {
        Self::Refused(why.into())
    }
}

impl FromServerFnError for PageError {
    type Encoder = JsonEncoding;

    /// Sets the status of the error: Leptos answers 500 to every input that it cannot parse.
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let error = match error {
            ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::Deserialization(_) => unreadable(422),
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::UnsupportedRequestMethod(_) => unreadable(400),
            ServerFnErrorErr::Registration(_)
            | ServerFnErrorErr::MiddlewareError(_)
            | ServerFnErrorErr::ServerError(_)
            | ServerFnErrorErr::Serialization(_)
            | ServerFnErrorErr::Response(_) => Self::new(
                500,
                "Something went wrong on our side",
                "Orders you sent are safe.",
                "Try again in a moment.",
                "/help/internal",
            ),
        };
        answer_status(error.status);
        error
    }
}

/// The form is unknown or incomplete.
fn unreadable(status: u16) -> PageError {
    PageError::new(
        status,
        "Something is missing in what was sent",
        "Nothing was stored, and nothing was charged.",
        "Load the page again and fill it in once more.",
        "/help/validation-failed",
    )
}

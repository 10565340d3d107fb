//! What goes wrong around a server function, in words for people.

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};

use crate::error::Trouble;

impl FromServerFnError for Trouble {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => Self::new(
                422,
                "Something is missing in what was sent",
                "Nothing was stored, and nothing was charged.",
                "Load the page again and fill it in once more.",
                "/help/validation-failed",
            ),
            _ => Self::new(
                500,
                "Something went wrong on our side",
                "Orders you sent are safe.",
                "Try again in a moment.",
                "/help/internal",
            ),
        }
    }
}

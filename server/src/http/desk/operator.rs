//! Authentication at the desk: an API key of the scope `desk`.

use std::fmt::Write as _;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use orders::desk::Operator;
use orders::{Problem, ProblemCode};

use crate::http::caller;
use crate::http::failure::Failure;
use crate::http::state::HttpState;
use crate::identity::keys::{ApiKey, KeyScope};

/// An authenticated operator. Other principals get 403, and requests without credentials get 401.
pub struct DeskOperator(pub Operator);

impl FromRequestParts<HttpState> for DeskOperator {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &HttpState) -> Result<Self, Failure> {
        let Some(credentials) = parts.headers.get(header::AUTHORIZATION) else {
            let known = caller::session(&parts.headers, state).is_some();
            return Err(if known { ProblemCode::Forbidden } else { ProblemCode::Unauthorized }.into());
        };
        let key = caller::key(state, credentials).await?;
        match key.scope {
            KeyScope::Desk => Ok(Self(operator(key))),
            KeyScope::Orders => Err(Problem::new(ProblemCode::Forbidden)
                .detail("This key has the scope orders; the desk needs one with the scope desk.")
                .into()),
        }
    }
}

/// Returns the operator of an API key.
pub fn operator(key: ApiKey) -> Operator {
    let mut id = "key_".to_owned();
    for byte in key.id.0 {
        // Writing to a String cannot fail.
        let _ = write!(id, "{byte:02x}");
    }
    Operator { id, name: key.name }
}

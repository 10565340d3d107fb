//! Looking up whether an effect exists.

use reqwest::StatusCode;

/// The result of looking up an effect by our order id.
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup<T> {
    /// It exists.
    Found(T),
    /// It does not exist. A call that is still running may create it.
    NotFound,
    /// The service offers us no look-up; Stripe, for one, has no search in some countries.
    NotOffered,
}

impl<T> Lookup<T> {
    /// Returns what was found.
    pub fn found(self) -> Option<T> {
        match self {
            Self::Found(found) => Some(found),
            Self::NotFound | Self::NotOffered => None,
        }
    }
}

impl<T> From<Option<T>> for Lookup<T> {
    fn from(found: Option<T>) -> Self {
        found.map_or(Self::NotFound, Self::Found)
    }
}

/// Whether an answer to a look-up means that there is none for us. A key without the permission to search may still
/// pay, so 403 is not a refusal of everything; a wrong key (401) is.
pub(super) fn is_not_offered(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::BAD_REQUEST
            | StatusCode::FORBIDDEN
            | StatusCode::NOT_FOUND
            | StatusCode::METHOD_NOT_ALLOWED
            | StatusCode::GONE
            | StatusCode::NOT_IMPLEMENTED
    )
}

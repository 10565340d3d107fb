//! Looking up whether an effect is there.

use reqwest::StatusCode;

/// What a service says when an effect is looked up by our own name for it.
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup<T> {
    /// It is there.
    Found(T),
    /// It is not there. A call that is still under way may yet bring it about.
    NotFound,
    /// The service offers no such look-up to us; Stripe, for one, has no search in some countries.
    NotOffered,
}

impl<T> Lookup<T> {
    /// What was found.
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

/// Whether an answer to a look-up means that there is no such look-up for us. A key that may not search may well pay, so 403
/// is no refusal of everything else; a wrong key (401) is.
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

//! Pages of lists.

use ::orders::{Problem, ProblemCode};

/// The largest page of a list.
const MAX_PAGE_SIZE: u32 = 100;
/// The page size of a list without a `page_size`.
const DEFAULT_PAGE_SIZE: u32 = 50;

/// Returns how many entries a page holds.
pub(super) fn page_size(asked: Option<u32>) -> u32 {
    asked.unwrap_or(DEFAULT_PAGE_SIZE).clamp(1, MAX_PAGE_SIZE)
}

/// Returns where the page before ended.
pub(super) fn page_token<T: std::str::FromStr>(token: Option<&str>) -> Result<Option<T>, Problem> {
    token.map(str::parse).transpose().map_err(|_| {
        Problem::new(ProblemCode::MalformedQuery).detail("page_token is not one that a page ended with.")
    })
}

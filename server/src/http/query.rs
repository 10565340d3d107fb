//! Query parameters.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use orders::{Problem, ProblemCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::failure::Failure;

/// The parameters of a call. A parameter without a value counts as absent; unknown ones are refused.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        Ok(read(parts.uri.query().unwrap_or_default()).map(Self)?)
    }
}

/// The parameters of calls about one order that have none of their own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneOrder {
    /// Opens the order without an account; read with the caller.
    #[serde(rename = "token")]
    pub _token: Option<String>,
}

/// Returns the page size, capped at `most`.
///
/// # Errors
/// `malformed-query` for 0.
pub fn page_size(asked: Option<u32>, usual: u32, most: u32) -> Result<u32, Problem> {
    match asked {
        None => Ok(usual),
        Some(0) => Err(malformed("page_size: use a number from 1.")),
        Some(size) => Ok(size.min(most)),
    }
}

/// Parses a position in the log: decimal digits with optional leading zeros.
///
/// # Errors
/// `malformed-query` otherwise.
pub fn cursor(name: &str, text: &str) -> Result<u64, Problem> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let cursor = digits.then(|| text.parse().ok()).flatten();
    cursor.ok_or_else(|| malformed(&format!("{name}: use the sequence of an event.")))
}

/// Returns one parameter, ignoring the others.
pub fn value(query: Option<&str>, name: &str) -> Option<String> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query?).unwrap_or_default();
    pairs.into_iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value)
}

fn read<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let given: Vec<&str> = query
        .split('&')
        .filter(|pair| pair.split_once('=').is_some_and(|(_, value)| !value.is_empty()))
        .collect();
    let given = given.join("&");
    let parser = serde_urlencoded::Deserializer::new(form_urlencoded::parse(given.as_bytes()));
    serde_path_to_error::deserialize(parser).map_err(|error| {
        let name = error.path().to_string();
        let why = error.into_inner().to_string();
        malformed(&if name == "." { why } else { format!("{name}: {why}") })
    })
}

fn malformed(detail: &str) -> Problem {
    Problem::new(ProblemCode::MalformedQuery).detail(detail.chars().take(300).collect::<String>())
}

#[cfg(test)]
mod tests {
    use orders::{OrderQuery, ProductQuery, State};

    use super::*;

    #[test]
    fn a_parameter_without_a_value_counts_as_absent() {
        let query: OrderQuery = read("state=&updated_after=&page_size=&page_token").unwrap();
        assert_eq!(query, OrderQuery::default());
        let query: OrderQuery = read("state=action_required&page_size=7").unwrap();
        assert_eq!((query.state, query.page_size), (Some(State::ActionRequired), Some(7)));
        assert_eq!(read::<ProductQuery>("query=a%20b+c").unwrap().query.as_deref(), Some("a b c"));
    }

    #[test]
    fn a_wrong_parameter_is_named() {
        for (query, name) in [
            ("page_size=many", "page_size"),
            ("state=lost", "state"),
            ("colour=blue", "colour"),
            ("state=received&state=shipped", "state"),
            ("updated_after=yesterday", "updated_after"),
        ] {
            let problem = read::<OrderQuery>(query).unwrap_err();
            assert_eq!(problem.code, ProblemCode::MalformedQuery);
            assert!(problem.detail.contains(name), "{query}: {}", problem.detail);
        }
    }

    #[test]
    fn a_page_is_capped_but_never_empty() {
        assert_eq!(page_size(None, 50, 100).unwrap(), 50);
        assert_eq!(page_size(Some(5_000), 50, 100).unwrap(), 100);
        assert!(page_size(Some(0), 50, 100).is_err());
    }

    #[test]
    fn cursors_are_numbers_with_or_without_leading_zeros() {
        assert_eq!(cursor("after", "00000000000000000921").unwrap(), 921);
        assert_eq!(cursor("after", "921").unwrap(), 921);
        for wrong in ["", "-1", "+1", "9e3", "99999999999999999999999"] {
            assert!(cursor("after", wrong).is_err(), "{wrong}");
        }
    }
}

//! Refuses requests without a path.

use axum::extract::Request;
use orders::ProblemCode;

use super::failure::Failure;

/// Refuses a request target that has a host and no path, such as `CONNECT example.org:443` or `GET example.org`: it
/// is meant for a proxy, and no handler expects it.
///
/// # Errors
/// `not-found` for such a target.
pub fn check(request: &Request) -> Result<(), Failure> {
    match request.uri().path_and_query() {
        Some(_) => Ok(()),
        None => Err(ProblemCode::NotFound.into()),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[test]
    fn a_target_without_a_path_is_refused() {
        for (target, is_answered) in [
            ("example.org:443", false),
            ("example", false),
            ("/example", true),
            ("http://example.org", true),
            ("*", true),
        ] {
            let request = Request::builder().uri(target).body(Body::empty()).unwrap();
            assert_eq!(check(&request).is_ok(), is_answered, "{target}");
        }
    }
}

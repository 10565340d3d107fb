//! JSON bodies, with a size limit, a time limit, and errors that point to the field.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use futures::{FutureExt as _, StreamExt as _};
use orders::desk::CancelOrder;
use orders::{EmailRequest, FieldError, OrderRequest, Problem, ProblemCode};
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

use super::failure::Failure;

/// The largest accepted body, in bytes.
const MAX_BYTES: usize = 64 * 1024;
/// How much of a larger body is read and dropped, so that its sender still reads the answer.
const MAX_DISCARDED_BYTES: usize = 4 * 1024 * 1024;
/// The time limit for receiving a body.
const TIMEOUT: Duration = Duration::from_secs(20);

/// What a JSON body may contain.
pub trait JsonInput: DeserializeOwned {
    /// The number of arrays in its JSON. Serde also accepts an array in place of an object, which the contract does
    /// not allow, and which this number reveals.
    const ARRAYS: usize = 0;
}

impl JsonInput for OrderRequest {
    const ARRAYS: usize = 1;
}

impl JsonInput for EmailRequest {}

impl JsonInput for CancelOrder {}

/// A JSON body.
#[derive(Debug)]
pub struct JsonBody<T>(pub T);

/// An optional JSON body.
#[derive(Debug)]
pub struct MaybeJson<T>(pub T);

/// A raw body.
#[derive(Debug)]
pub struct RawBody(pub Vec<u8>);

impl<S: Sync, T: JsonInput> FromRequest<S> for JsonBody<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        if !is_json(request.headers()) {
            return Err(ProblemCode::UnsupportedMediaType.into());
        }
        Ok(parse(&receive(request).await?).map(Self)?)
    }
}

impl<S: Sync, T: JsonInput + Default> FromRequest<S> for MaybeJson<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        let declared = is_json(request.headers());
        let body = receive(request).await?;
        match (body.is_empty(), declared) {
            (true, _) => Ok(Self(T::default())),
            (false, true) => Ok(parse(&body).map(Self)?),
            (false, false) => Err(ProblemCode::UnsupportedMediaType.into()),
        }
    }
}

impl<S: Sync> FromRequest<S> for RawBody {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        Ok(receive(request).await.map(Self)?)
    }
}

/// Parses JSON that may have unknown fields.
///
/// # Errors
/// `malformed-json`, or `validation-failed` with a pointer to the field.
pub fn from_json_tolerant<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut parser = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut parser).map_err(|error| {
        let pointer = pointer(error.path());
        refuse(pointer, &error.into_inner())
    })?;
    parser.end().map_err(|error| refuse(String::new(), &error))?;
    Ok(value)
}

/// Receives the whole body within its limits.
async fn receive(request: Request) -> Result<Vec<u8>, Problem> {
    let late =
        || Problem::new(ProblemCode::MalformedJson).detail("The body did not arrive completely in time.");
    let mut reading = Box::pin(read(request.into_body()));
    // Most bodies arrive with their headers, so they need no timer.
    if let Some(body) = (&mut reading).now_or_never() {
        return body;
    }
    // A timer is aligned to a cache line. Outside of a box of its own it would align the future of every layer.
    Box::pin(tokio::time::timeout(TIMEOUT, reading)).await.map_err(|_| late())?
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

async fn read(body: Body) -> Result<Vec<u8>, Problem> {
    let mut chunks = body.into_data_stream();
    let mut bytes = Vec::new();
    let mut length = 0;
    while let Some(chunk) = chunks.next().await {
        let chunk =
            chunk.map_err(|_| Problem::new(ProblemCode::MalformedJson).detail("The body ended early."))?;
        length += chunk.len();
        if length <= MAX_BYTES {
            bytes.extend_from_slice(&chunk);
        } else if length > MAX_DISCARDED_BYTES {
            break;
        }
    }
    if length > MAX_BYTES { Err(Problem::new(ProblemCode::BodyTooLarge)) } else { Ok(bytes) }
}

fn parse<T: JsonInput>(body: &[u8]) -> Result<T, Problem> {
    let value: T = from_json_tolerant(body)?;
    if arrays_in(body) != T::ARRAYS {
        return Err(invalid(String::new(), "Use objects with named fields, not lists."));
    }
    Ok(value)
}

fn refuse(pointer: String, error: &serde_json::Error) -> Problem {
    if !error.is_data() {
        let detail = format!("Reading stopped at line {}, column {}.", error.line(), error.column());
        return Problem::new(ProblemCode::MalformedJson).detail(detail);
    }
    // The error does not repeat the value, which may be a secret.
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    if let Some(name) = text.strip_prefix("missing field `").and_then(|name| name.strip_suffix('`')) {
        return invalid(format!("{pointer}/{name}"), "This field is missing.");
    }
    if text.starts_with("unknown field") {
        let known = text.rsplit_once(", expected ").map_or("none", |(_, known)| known);
        return invalid(
            pointer,
            format!("There is no such field here. Known: {}.", known.replace("one of ", "")),
        );
    }
    if text.starts_with("duplicate field") {
        return invalid(pointer, "This field is there twice.");
    }
    let expected = text.rsplit_once(", expected ").map_or("", |(_, expected)| expected);
    let instead = match expected {
        "a string" => "Use a text.",
        "i64" => "Use a whole number.",
        "a sequence" => "Use a list.",
        _ if expected.starts_with("struct") => "Use an object.",
        _ => "Use another value.",
    };
    invalid(pointer, instead)
}

fn invalid(pointer: String, detail: impl Into<String>) -> Problem {
    Problem::new(ProblemCode::ValidationFailed).errors(vec![FieldError::new(pointer, detail)])
}

/// Returns the path as a JSON Pointer.
fn pointer(path: &serde_path_to_error::Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        pointer.push('/');
        match segment {
            Segment::Seq { index } => pointer.push_str(&index.to_string()),
            Segment::Map { key } | Segment::Enum { variant: key } => {
                let key: String = key.chars().take(100).collect();
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            Segment::Unknown => {}
        }
    }
    pointer
}

/// Returns the number of arrays in a JSON text.
fn arrays_in(json: &[u8]) -> usize {
    let (mut count, mut in_text, mut escaped) = (0, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'[' if !in_text => count += 1,
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn order() -> Value {
        json!({
            "customer": {"name": "Ada", "email": "ada@example.org"},
            "ship_to": {"name": "Ada", "street": "1 Main [St]", "city": "Pavia", "postcode": "27100", "country": "IT"},
            "lines": [{"sku": "mug-blue", "quantity": 2}],
            "payment": {"method": "card", "token": "pm_card_visa"},
        })
    }

    fn refused(change: impl FnOnce(&mut Value)) -> FieldError {
        let mut order = order();
        change(&mut order);
        let problem = parse::<OrderRequest>(order.to_string().as_bytes()).unwrap_err();
        assert_eq!(problem.code, ProblemCode::ValidationFailed);
        problem.errors.into_iter().next().unwrap()
    }

    #[test]
    fn an_order_within_the_contract_is_read() {
        assert!(parse::<OrderRequest>(order().to_string().as_bytes()).is_ok());
    }

    #[test]
    fn a_price_sent_by_the_caller_is_an_unknown_field_with_its_pointer() {
        let error = refused(|order| order["lines"][0]["unit_price"] = json!(1));
        assert_eq!(error.pointer, "/lines/0/unit_price");
        assert!(error.detail.contains("`sku` or `quantity`"), "{}", error.detail);
        assert_eq!(refused(|order| order["a/b~c"] = json!(1)).pointer, "/a~1b~0c");
    }

    #[test]
    fn a_missing_field_has_the_pointer_it_would_have() {
        let error = refused(|order| drop(order["ship_to"].as_object_mut().unwrap().remove("street")));
        assert_eq!(
            (error.pointer.as_str(), error.detail.as_str()),
            ("/ship_to/street", "This field is missing.")
        );
    }

    #[test]
    fn a_wrong_type_is_reported_without_the_value() {
        let error = refused(|order| order["payment"]["token"] = json!(4_242_424_242_424_242_i64));
        assert_eq!((error.pointer.as_str(), error.detail.as_str()), ("/payment/token", "Use a text."));
        for wrong in [json!(1.5), json!("2"), json!(null), json!(u64::MAX)] {
            let error = refused(|order| order["lines"][0]["quantity"] = wrong);
            assert_eq!(
                (error.pointer.as_str(), error.detail.as_str()),
                ("/lines/0/quantity", "Use a whole number.")
            );
        }
        assert_eq!(refused(|order| order["lines"] = json!({})).detail, "Use a list.");
        assert_eq!(refused(|order| order["customer"] = json!(7)).detail, "Use an object.");
    }

    #[test]
    fn a_list_is_not_an_object() {
        let error = refused(|order| order["customer"] = json!(["Ada", "ada@example.org"]));
        assert_eq!(error.detail, "Use objects with named fields, not lists.");
    }

    #[test]
    fn invalid_json_is_reported_with_line_and_column() {
        for (body, place) in [
            (&b"{\n  \"customer\": oops}"[..], "line 2, column 15"),
            (b"", "line 1, column 0"),
            (b"{}}", ""),
            (b"{\"customer\":{\"name\":\"\xff\"}}", "line 1"),
        ] {
            let problem = parse::<OrderRequest>(body).unwrap_err();
            assert!(problem.detail.contains(place), "{problem}");
            assert_eq!(problem.code == ProblemCode::MalformedJson, !place.is_empty(), "{problem}");
        }
        let nested = "[".repeat(100_000);
        let body = format!("{{\"customer\":{nested}");
        assert!(parse::<OrderRequest>(body.as_bytes()).is_err());
    }

    #[test]
    fn a_field_that_is_there_twice_is_refused() {
        let twice = order().to_string().replacen('{', "{\"note\":\"a\",\"note\":\"b\",", 1);
        let problem = parse::<OrderRequest>(twice.as_bytes()).unwrap_err();
        assert_eq!(problem.errors[0].detail, "This field is there twice.");
    }

    #[test]
    fn the_content_type_is_json_in_any_spelling() {
        let says = |kind: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
            is_json(&headers)
        };
        assert!(
            says("application/json")
                && says("Application/JSON; charset=utf-8")
                && says("application/ld+json")
        );
        assert!(
            !says("text/plain") && !says("application/x-www-form-urlencoded") && !is_json(&HeaderMap::new())
        );
    }
}

//! `/api/openapi.json`: the OpenAPI document, made from the table of calls and the schemas beside this file.

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use bytes::Bytes;
use orders::ProblemCode;
use serde_json::{Map, Value, json};

use super::api::{Answer, BASE, Call, Content, calls};
use super::conditional::PUBLIC_REVALIDATED;
use super::state::HttpState;

const SCHEMAS: &str = include_str!("schemas.json");
const PARAMETERS: &str = include_str!("parameters.json");

/// The problems that any call may have.
const ALWAYS: [ProblemCode; 2] = [ProblemCode::Internal, ProblemCode::StorageUnavailable];

/// Returns the routes of the document, for a public address.
pub fn routes(public_url: &str) -> Router<HttpState> {
    let text = Bytes::from(document(public_url).to_string());
    Router::new().route("/api/openapi.json", get(|| async move { answer(text) }))
}

fn answer(text: Bytes) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, PUBLIC_REVALIDATED);
    // Public: tools on other sites may read it.
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    axum::response::IntoResponse::into_response((StatusCode::OK, headers, text))
}

/// Returns the OpenAPI 3.1 document.
pub fn document(public_url: &str) -> Value {
    let mut paths = Map::new();
    for call in calls() {
        let path = paths.entry(format!("{BASE}{}", call.path)).or_insert_with(|| json!({}));
        path[call.method] = operation(&call);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Docket",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Submit orders, follow them live, and mend what needs you. Rate limits are told in RateLimit and \
                            RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-10).",
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": public_url}],
        "paths": paths,
        "components": {
            "schemas": parsed(SCHEMAS),
            "parameters": parsed(PARAMETERS),
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "An API key, made with: docket key create"},
                "token": {"type": "apiKey", "in": "query", "name": "token", "description": "Opens one order"},
                "signature": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "webhook-signature",
                    "description": "Standard Webhooks 1.0, with the secret in DOCKET_CARRIER_SECRET",
                },
            },
        },
    })
}

fn parsed(text: &str) -> Value {
    // Part of the program; a test parses it.
    serde_json::from_str(text).unwrap_or_default()
}

fn operation(call: &Call) -> Value {
    let mut responses = Map::new();
    for answer in &call.answers {
        responses.insert(answer.status.to_string(), success(answer));
    }
    for code in call.problems.iter().chain(&ALWAYS) {
        let known = responses.entry(code.status().to_string()).or_insert_with(|| {
            let content = json!({"application/problem+json": {"schema": schema("Problem")}});
            json!({"description": "", "content": content})
        });
        let before = known["description"].as_str().unwrap_or_default();
        let words = if before.is_empty() { String::new() } else { format!("{before}, ") };
        known["description"] = format!("{words}{}", code.as_str()).into();
    }
    let parameters: Vec<Value> = call
        .parameters
        .iter()
        .map(|name| json!({"$ref": format!("#/components/parameters/{name}")}))
        .collect();
    let mut operation = json!({
        "operationId": call.name,
        "summary": call.summary,
        "parameters": parameters,
        "responses": responses,
        "security": security(call),
    });
    if let Some(body) = call.body {
        // A body without required fields is optional.
        let required = parsed(SCHEMAS)[body]["required"].is_array();
        operation["requestBody"] =
            json!({"required": required, "content": {"application/json": {"schema": schema(body)}}});
    }
    operation
}

fn success(answer: &Answer) -> Value {
    let content = match answer.content {
        Content::Nothing => return json!({"description": answer.about}),
        Content::Json(name) => json!({"application/json": {"schema": schema(name)}}),
        Content::JsonOrStream(name) => json!({
            "application/json": {"schema": schema(name)},
            "text/event-stream": {"schema": {"type": "string"}},
        }),
    };
    json!({"description": answer.about, "content": content})
}

/// Returns how a call is authenticated: by a key, the token of one order, a signature, or not at all for public data.
fn security(call: &Call) -> Value {
    if call.path.starts_with("/desk/") {
        json!([{"key": []}])
    } else if call.path == "/carrier-events" {
        json!([{"signature": []}])
    } else if call.parameters.contains(&"token") {
        json!([{"key": []}, {"token": []}])
    } else if call.problems.contains(&ProblemCode::Unauthorized)
        && call.method == "get"
        && call.path != "/stream"
    {
        json!([{"key": []}])
    } else {
        json!([{}, {"key": []}])
    }
}

fn schema(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

//! The documents about the API, and health.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::identity::keys::KeyScope;

use crate::app::{TestApp, header, mug};

async fn document(app: &TestApp) -> Value {
    app.client.get(app.url("/api/openapi.json")).send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn the_document_has_every_call_and_every_call_exists() {
    let app = TestApp::start().await;
    let document = document(&app).await;
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"][0]["url"], app.url(""));
    let mut told: Vec<String> = Vec::new();
    for (path, calls) in document["paths"].as_object().unwrap() {
        for method in calls.as_object().unwrap().keys() {
            told.push(format!("{} {path}", method.to_uppercase()));
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let path = path.replace("{id}", "ord_x").replace("{sku}", "mug-blue").replace("{name}", "stock");
            let answer = app.client.request(method.clone(), app.url(&path)).send().await.unwrap();
            let body: Value = answer.json().await.unwrap();
            let stream = path.ends_with("/stream");
            assert!(stream || body["code"] != "method-not-allowed", "{method} {path}: {body}");
        }
    }
    told.sort();
    assert_eq!(
        told,
        [
            "GET /api/v1/desk/audit",
            "GET /api/v1/desk/jobs",
            "GET /api/v1/desk/jobs/{id}",
            "GET /api/v1/desk/orders",
            "GET /api/v1/desk/overview",
            "GET /api/v1/desk/queues",
            "GET /api/v1/events",
            "GET /api/v1/orders",
            "GET /api/v1/orders/{id}",
            "GET /api/v1/orders/{id}/events",
            "GET /api/v1/products",
            "GET /api/v1/products/{sku}",
            "GET /api/v1/stream",
            "POST /api/v1/carrier-events",
            "POST /api/v1/desk/jobs/{id}/discard",
            "POST /api/v1/desk/jobs/{id}/retry",
            "POST /api/v1/desk/orders/{id}/approve",
            "POST /api/v1/desk/orders/{id}/cancel",
            "POST /api/v1/desk/orders/{id}/deliver",
            "POST /api/v1/desk/orders/{id}/hand-over",
            "POST /api/v1/desk/queues/{name}/pause",
            "POST /api/v1/desk/queues/{name}/resume",
            "POST /api/v1/orders",
            "POST /api/v1/orders/{id}/address",
            "POST /api/v1/orders/{id}/cancel",
            "POST /api/v1/orders/{id}/email",
            "POST /api/v1/orders/{id}/payment",
            "POST /api/v1/orders/{id}/tracking-link",
        ]
    );
}

#[tokio::test]
async fn every_reference_in_the_document_leads_somewhere() {
    fn check(value: &Value, whole: &Value) {
        match value {
            Value::Object(members) => {
                if let Some(target) = members.get("$ref") {
                    let pointer = target.as_str().unwrap().strip_prefix('#').unwrap();
                    assert!(whole.pointer(pointer).is_some(), "{pointer}");
                }
                members.values().for_each(|value| check(value, whole));
            }
            Value::Array(items) => items.iter().for_each(|value| check(value, whole)),
            _ => {}
        }
    }
    let app = TestApp::start().await;
    let document = document(&app).await;
    check(&document, &document);
}

/// Asserts that an answer has every required field of the schema and no unknown one.
fn conforms(value: &Value, schema: &Value, document: &Value, at: &str) {
    if let Some(target) = schema["$ref"].as_str() {
        return conforms(value, document.pointer(&target[1..]).unwrap(), document, at);
    }
    if let Some(either) = schema["anyOf"].as_array() {
        let null = either.iter().any(|schema| schema["type"] == "null");
        return if value.is_null() {
            assert!(null, "{at} is null")
        } else {
            conforms(value, &either[0], document, at)
        };
    }
    if let Some(words) = schema["enum"].as_array() {
        assert!(words.contains(value), "{at}: {value}");
    }
    let kinds = match &schema["type"] {
        Value::Array(kinds) => kinds.clone(),
        kind => vec![kind.clone()],
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    assert!(schema["type"].is_null() || kinds.contains(&json!(kind)), "{at}: {value} is not {kinds:?}");
    match value {
        Value::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                conforms(item, &schema["items"], document, &format!("{at}/{n}"));
            }
        }
        Value::Object(members) if schema["properties"].is_object() => {
            for name in schema["required"].as_array().unwrap() {
                assert!(members.contains_key(name.as_str().unwrap()), "{at} has no {name}");
            }
            for (name, value) in members {
                assert!(!schema["properties"][name].is_null(), "{at}/{name} is not in the document");
                conforms(value, &schema["properties"][name], document, &format!("{at}/{name}"));
            }
        }
        _ => {}
    }
}

#[tokio::test]
async fn answers_conform_to_the_document() {
    let app = TestApp::start().await;
    let document = document(&app).await;
    let judge = |value: &Value, name: &str| {
        conforms(value, &document["components"]["schemas"][name], &document, name);
    };
    let answer = async |path: String| -> Value { app.get(&path).send().await.unwrap().json().await.unwrap() };
    let placed = app.place().await;
    judge(&placed.order, "Order");
    judge(&mug(), "OrderRequest");
    app.post(&placed.path("/cancel")).send().await.unwrap();
    judge(&answer(placed.path("")).await, "Order");
    judge(&answer(placed.path("/events")).await, "EventPage");
    judge(&answer("/products".to_owned()).await, "ProductPage");
    judge(&answer("/products/mug-blue".to_owned()).await, "Product");
    judge(&answer("/products/none".to_owned()).await, "Problem");
    let refused = app.submit("k1", &json!({})).send().await.unwrap().json::<Value>().await.unwrap();
    judge(&refused, "Problem");
    let wrong_state = json!({"payment": {"method": "invoice"}});
    let wrong_state = app.post(&placed.path("/payment")).json(&wrong_state).send().await.unwrap();
    judge(&wrong_state.json::<Value>().await.unwrap(), "Problem");

    let desk = app.key(KeyScope::Desk).await;
    let replaced =
        app.post(&format!("/orders/{}/tracking-link", placed.id)).bearer_auth(&desk).send().await.unwrap();
    let replaced: Value = replaced.json().await.unwrap();
    judge(&replaced, "TrackingLink");
    let by_new_link = format!("?token={}", replaced["tracking_token"].as_str().unwrap());
    judge(&answer(format!("/orders/{}{by_new_link}", placed.id)).await, "Order");
    judge(&answer(format!("/orders/{}/events{by_new_link}", placed.id)).await, "EventPage");
    app.place().await;
    app.post("/desk/queues/stock/pause").bearer_auth(&desk).send().await.unwrap();
    for (path, name) in [
        ("/desk/overview", "Overview"),
        ("/desk/queues", "QueuePage"),
        ("/desk/jobs", "JobPage"),
        ("/desk/jobs/2", "Job"),
        ("/desk/orders", "OrderPage"),
        ("/desk/audit", "AuditPage"),
    ] {
        let answer = app.get(path).bearer_auth(&desk).send().await.unwrap();
        judge(&answer.json::<Value>().await.unwrap(), name);
    }
}

#[tokio::test]
async fn the_page_about_the_api_shows_commands_for_this_server() {
    let app = TestApp::start().await;
    let answer = app.client.get(app.url("/api/docs")).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(header(&answer, "content-security-policy").contains("script-src 'sha256-"));
    let page = answer.text().await.unwrap();
    assert!(page.contains(&format!("curl {}", app.url("/api/v1/products"))));
    assert!(page.contains("POST /orders/{id}/payment"));
    assert!(page.contains("href=\"/problems/idempotency-key-reused\""));
}

#[tokio::test]
async fn both_listeners_tell_their_health() {
    let app = TestApp::start().await;
    for address in [app.address, app.internal] {
        for path in ["healthz", "readyz"] {
            let answer = app.client.get(format!("http://{address}/{path}")).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK);
        }
    }
    let other = app.client.get(format!("http://{}/api/v1/products", app.internal)).send().await.unwrap();
    assert_eq!(other.status(), StatusCode::NOT_FOUND, "the internal listener serves nothing else");
}

#[tokio::test]
async fn a_server_that_stops_is_alive_but_not_ready() {
    let app = TestApp::start().await;
    app.hub.close();
    let healthy = app.client.get(app.url("/healthz")).send().await.unwrap();
    assert_eq!(healthy.status(), StatusCode::OK);
    let ready = app.client.get(app.url("/readyz")).send().await.unwrap();
    assert!(!header(&ready, "retry-after").is_empty());
    assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE);
}

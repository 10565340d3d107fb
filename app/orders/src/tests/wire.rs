//! The wire format that other programs depend on, byte by byte.

use std::time::Duration;

use serde_json::{Value, json};

use crate::testing::{Story, every_order};
use crate::{
    Event, EventData, EventType, FieldError, Order, PaymentMethod, Problem, ProblemCode, Reason, StepName,
    StepReason, TrackingToken,
};

fn json_of(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).expect("it can be written")
}

fn waiting(name: &str) -> Value {
    json!({"name": name, "state": "waiting", "attempts": 0, "started_at": null, "finished_at": null,
        "next_attempt_at": null, "reason": null})
}

#[test]
fn a_received_order_has_the_documented_json() {
    let story = Story::of(PaymentMethod::Card);
    let number = story.order().number.to_string();
    let path = format!("/api/v1/orders/{}", story.order().id);
    assert_eq!(
        json_of(story.order()),
        json!({
            "id": story.order().id.to_string(), "number": number, "state": "received", "delayed": false,
            "reason": null, "version": 1,
            "created_at": "2026-11-23T10:00:00.000Z", "updated_at": "2026-11-23T10:00:00.000Z",
            "expected_by": null,
            "customer": {"name": "Ada", "email": "ada@example.org"},
            "ship_to": {"name": "Ada", "street": "1 Main St", "city": "Pavia", "postcode": "27100", "country": "IT"},
            "lines": [{"sku": "mug-blue", "name": "Blue mug", "quantity": 2,
                "unit_price": {"amount": 1250, "currency": "EUR"}, "total": {"amount": 2500, "currency": "EUR"}}],
            "total": {"amount": 2500, "currency": "EUR"},
            "payment": {"method": "card", "state": "none", "summary": null},
            "shipment": null,
            "steps": [waiting("reserve_stock"), waiting("authorise_payment"), waiting("arrange_shipping"),
                waiting("capture_payment"), waiting("notify")],
            "message": {"heading": "We have your order",
                "body": format!("Order {number} is saved. Nothing was charged."),
                "next_step": "You can close this page; the order goes on without it.", "help": "/help/received"},
            "actions": [{"name": "cancel", "method": "POST", "href": format!("{path}/cancel")}],
            "problem": null,
            "links": {"self": path, "events": format!("{path}/events"), "page": format!("/orders/{}", story.order().id)},
            "note": "Ring twice",
        })
    );
}

#[test]
fn optional_fields_of_an_order_have_the_documented_json() {
    let mut story = Story::of(PaymentMethod::Card);
    story.rest();
    let order = json_of(story.order());
    assert_eq!(order["state"], "confirmed");
    assert_eq!(order["payment"], json!({"method": "card", "state": "captured", "summary": "Visa ••42"}));
    assert_eq!(
        order["shipment"],
        json!({"carrier": "Parcel Post", "tracking_number": "PP123",
            "tracking_url": "https://carrier.example/PP123"})
    );
    assert_eq!(
        order["steps"][0],
        json!({"name": "reserve_stock", "state": "succeeded", "attempts": 1,
            "started_at": "2026-11-23T10:00:01.000Z", "finished_at": "2026-11-23T10:00:02.000Z",
            "next_attempt_at": null, "reason": null})
    );
    let with_token = Order { tracking_token: Some(TrackingToken::new("tt_1")), ..story.order().clone() };
    assert_eq!(json_of(&with_token)["tracking_token"], "tt_1");
}

#[test]
fn an_event_is_a_cloud_event_with_what_is_different() {
    let mut story = Story::of(PaymentMethod::Card);
    story.advance().begin().retry(StepReason::ServiceDown, Duration::from_mins(1));
    let (event, order) = story.versions.last().expect("there are events");
    let event = Event { sequence: format!("{:020}", 921), ..event.clone() };
    assert_eq!(
        json_of(&event),
        json!({
            "specversion": "1.0", "id": event.id.to_string(), "source": "/api/v1/orders", "type": "order.delayed",
            "subject": order.id.to_string(), "time": "2026-11-23T10:00:04.000Z",
            "sequence": "00000000000000000921",
            "data": {
                "version": 5, "state": "processing", "delayed": true,
                "step": {"name": "authorise_payment", "state": "retrying", "attempts": 1,
                    "started_at": "2026-11-23T10:00:03.000Z", "finished_at": null,
                    "next_attempt_at": "2026-11-23T10:01:04.000Z", "reason": "service-down"},
                "message": {"heading": "Your order is safe, but this is taking longer than usual",
                    "body": "The payment service is not answering. We try again by ourselves at 10:01 UTC. You will \
                             not be charged twice.",
                    "next_step": "You do not need to do anything.", "help": "/help/delayed"},
                "actions": [{"name": "cancel", "method": "POST",
                    "href": format!("/api/v1/orders/{}/cancel", order.id)}],
            }
        })
    );
    assert!(event.id.to_string().starts_with("evt_"));
}

#[test]
fn an_event_of_a_replaced_link_has_its_generation_and_older_orders_have_none() {
    let mut story = Story::of(PaymentMethod::Card);
    story.command(|record, now| Ok(Some(record.order.replace_link(now)))).expect("it can always be replaced");
    let (event, order) = story.versions.last().expect("there is an event");
    assert_eq!(json_of(event)["type"], "order.link.replaced");
    assert_eq!(
        (&json_of(event)["data"]["link_generation"], &json_of(order)["link_generation"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(json_of(&story.received).get("link_generation"), None);
    let mut written_before = json_of(order);
    written_before.as_object_mut().expect("an object").remove("link_generation");
    let read: Order = serde_json::from_value(written_before).expect("it can be read");
    assert_eq!(read.private_link().generation, 0);
}

#[test]
fn a_stored_event_has_the_same_json_as_a_serialised_one() {
    let mut story = Story::of(PaymentMethod::Card);
    for (event, _) in &story.rest().cancel(Reason::Customer).rest().versions {
        let data = serde_json::to_string(&event.data).expect("it can be written");
        let (subject, version) = (event.subject, event.data.version);
        let text = Event::envelope(event.kind, subject, version, event.time, 921, &data);
        let sequenced = Event { sequence: format!("{:020}", 921), ..event.clone() };
        assert_eq!(text, serde_json::to_string(&sequenced).expect("it can be written"));
    }
}

#[test]
fn a_snapshot_carries_the_order_and_an_id_of_its_own() {
    let story = Story::of(PaymentMethod::Card);
    let snapshot = Event::snapshot(story.order().clone());
    let value = json_of(&snapshot);
    assert_eq!(value["type"], "order.snapshot");
    assert_eq!(value["data"]["version"], 1);
    assert_eq!(value["data"]["order"], json_of(story.order()));
    let data = serde_json::to_string::<EventData>(&snapshot.data).expect("it can be written");
    let stored = Event::envelope(EventType::Snapshot, snapshot.subject, 1, snapshot.time, 0, &data);
    let read: Event = serde_json::from_str(&stored).expect("it can be read");
    assert_eq!(read.id, snapshot.id);
}

#[test]
fn a_problem_has_the_documented_json() {
    let problem = Problem::new(ProblemCode::ValidationFailed)
        .instance("/api/v1/orders")
        .errors(vec![FieldError::new("/lines/0/quantity", "Use a whole number from 1 to 999.")])
        .published_at("https://shop.example");
    let problem = Problem { request_id: Some("req_1".to_owned()), ..problem };
    assert_eq!(
        json_of(&problem),
        json!({
            "type": "https://shop.example/problems/validation-failed", "title": "Some fields need another value",
            "status": 422, "detail": problem.detail, "instance": "/api/v1/orders", "code": "validation-failed",
            "user": {"heading": problem.user.heading, "body": problem.user.body,
                "next_step": problem.user.next_step},
            "help": "/help/validation-failed", "retryable": false, "request_id": "req_1",
            "errors": [{"pointer": "/lines/0/quantity", "detail": "Use a whole number from 1 to 999."}],
        })
    );
}

#[test]
fn an_order_s_problem_is_one_of_the_same_shape() {
    let mut story = Story::of(PaymentMethod::Card);
    story.until(StepName::AuthorisePayment).begin().ask(StepReason::InsufficientFunds);
    let order = json_of(story.order());
    assert_eq!(
        (&order["state"], &order["reason"]),
        (&json!("action_required"), &json!("insufficient-funds"))
    );
    assert_eq!(order["problem"]["type"], "https://shop.example/problems/insufficient-funds");
    assert_eq!(order["problem"]["instance"], order["links"]["self"]);
    assert_eq!(order["problem"]["user"]["heading"], order["message"]["heading"]);
    assert_eq!(order["respond_by"], "2026-11-24T10:00:03.000Z");
}

#[test]
fn every_order_is_read_back_as_it_was_written() {
    for order in every_order() {
        let text = serde_json::to_string(&order).expect("it can be written");
        assert_eq!(serde_json::from_str::<Order>(&text).expect("and read"), order);
        let snapshot = Event::snapshot(order);
        let text = serde_json::to_string(&snapshot).expect("it can be written");
        assert_eq!(serde_json::from_str::<Event>(&text).expect("and read"), snapshot);
    }
}

#[test]
fn every_word_is_its_wire_form() {
    for reason in Reason::ALL {
        assert_eq!(json_of(&reason), reason.as_str());
        assert_eq!(Reason::from_word(reason.as_str()), Some(reason));
    }
    for kind in EventType::ALL {
        assert_eq!(json_of(&kind), kind.as_str());
        assert_eq!(EventType::from_word(kind.as_str()), Some(kind));
    }
    for code in ProblemCode::ALL.iter().copied() {
        assert_eq!(json_of(&code), code.as_str());
        assert_eq!(ProblemCode::from_word(code.as_str()), Some(code));
    }
}

#[test]
fn the_statuses_of_problems_are_the_documented_ones() {
    let of = |word: &str| ProblemCode::from_word(word).map(ProblemCode::status);
    for (words, status) in [
        ("malformed-json malformed-query idempotency-key-missing idempotency-key-invalid", 400),
        ("unauthorized", 401),
        ("forbidden", 403),
        ("not-found", 404),
        ("method-not-allowed", 405),
        ("idempotency-key-in-use order-not-cancellable wrong-state", 409),
        ("cursor-too-old", 410),
        ("body-too-large", 413),
        ("unsupported-media-type", 415),
        ("validation-failed unknown-product idempotency-key-reused card-number-refused", 422),
        ("rate-limited too-many-streams", 429),
        ("internal", 500),
        ("overloaded storage-unavailable commit-unknown", 503),
    ] {
        words.split(' ').for_each(|word| assert_eq!(of(word), Some(status), "{word}"));
    }
}

#[test]
fn the_tag_of_a_version_is_quoted() {
    assert_eq!(Story::of(PaymentMethod::Card).order().etag(), "\"v1\"");
}

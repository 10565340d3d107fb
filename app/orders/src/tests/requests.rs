//! Request bodies: every limit, several errors at once, and prices only from the catalogue.

use serde_json::{Value, json};

use crate::request::{AddressRequest, LineRequest};
use crate::testing::{START, at, catalogue, request};
use crate::{
    Event, EventType, FieldError, Money, Order, OrderId, OrderNumber, OrderRequest, PaymentMethod,
    PaymentRequest, Problem, ProblemCode,
};

const CARD: &str = "4242 4242-4242 4242";

fn body() -> Value {
    serde_json::to_value(request(PaymentMethod::Card)).expect("a request can be written")
}

/// Returns the example request with another value at a pointer.
fn with(pointer: &str, value: Value) -> OrderRequest {
    let mut body = body();
    let (parent, field) = pointer.rsplit_once('/').expect("a pointer");
    match body.pointer_mut(parent).expect("the example has that part") {
        Value::Array(list) => list[field.parse::<usize>().expect("a place")] = value,
        parent => parent[field] = value,
    }
    serde_json::from_value(body).expect("the body has the right shape")
}

fn with_lines(lines: impl IntoIterator<Item = (String, i64)>) -> OrderRequest {
    let lines = lines.into_iter().map(|(sku, quantity)| LineRequest { sku, quantity }).collect();
    OrderRequest { lines, ..request(PaymentMethod::Card) }
}

fn receive(request: &OrderRequest) -> Result<(Order, Event), Problem> {
    let id = OrderId::new(START, [1; 10]);
    request.validate()?.receive(id, OrderNumber::of(1), None, at(0), catalogue)
}

fn pointers(problem: &Problem) -> Vec<&str> {
    problem.errors.iter().map(|error| error.pointer.as_str()).collect()
}

fn refused(request: &OrderRequest, code: ProblemCode, at: &str) {
    let problem = request.validate().expect_err("it is outside the limits");
    assert_eq!((problem.code, problem.status), (code, 422), "{:?}", problem.errors);
    assert_eq!(pointers(&problem), [at]);
}

#[test]
fn the_contract_s_example_becomes_an_order_at_the_catalogue_s_prices() {
    let (order, event) = receive(&request(PaymentMethod::Card)).expect("it is within every limit");
    assert_eq!((order.version, event.kind, event.data.version), (1, EventType::Received, 1));
    assert_eq!(order.lines.len(), 1);
    let line = &order.lines[0];
    assert_eq!((line.name.as_str(), line.quantity), ("Blue mug", 2));
    assert_eq!((line.unit_price.amount, line.total.amount, order.total.amount), (1250, 2500, 2500));
    assert_eq!(order.note.as_deref(), Some("Ring twice"));
    assert_eq!(order.tracking_token, None);
}

#[test]
fn unknown_fields_are_refused_and_a_price_is_one_of_them() {
    for (parent, field) in [
        ("", "priority"),
        ("/customer", "phone"),
        ("/ship_to", "state"),
        ("/lines/0", "price"),
        ("/lines/0", "unit_price"),
        ("/payment", "number"),
    ] {
        let mut body = body();
        body.pointer_mut(parent)
            .and_then(Value::as_object_mut)
            .expect("an object")
            .insert(field.into(), json!(1));
        let refusal = serde_json::from_value::<OrderRequest>(body).expect_err("nobody knows that field");
        assert!(refusal.to_string().contains(&format!("unknown field `{field}`")), "{refusal}");
    }
}

#[test]
fn a_quantity_is_1_to_999() {
    for right in [1, 999] {
        assert!(with("/lines/0/quantity", json!(right)).validate().is_ok());
    }
    for wrong in [0, -1, 1000, i64::from(u32::MAX) + 2, i64::MIN, i64::MAX] {
        refused(&with("/lines/0/quantity", json!(wrong)), ProblemCode::ValidationFailed, "/lines/0/quantity");
    }
}

#[test]
fn an_order_has_1_to_50_lines() {
    let lines = |count: usize| with_lines((0..count).map(|n| (format!("sku-{n}"), 1)));
    assert!(lines(1).validate().is_ok());
    assert!(lines(50).validate().is_ok());
    refused(&lines(0), ProblemCode::ValidationFailed, "/lines");
    refused(&lines(51), ProblemCode::ValidationFailed, "/lines");
}

#[test]
fn a_product_named_twice_adds_up_in_its_first_place() {
    let mug = || "mug-blue".to_owned();
    let twice = with_lines([(mug(), 2), ("gold-bar".to_owned(), 1), (format!(" {} ", mug()), 3)]);
    let (order, _) = receive(&twice).expect("it is within every limit");
    let lines: Vec<_> = order.lines.iter().map(|line| (line.sku.as_str(), line.quantity)).collect();
    assert_eq!(lines, [("mug-blue", 5), ("gold-bar", 1)]);
    assert!(with_lines([(mug(), 500), (mug(), 499)]).validate().is_ok());
    refused(&with_lines([(mug(), 500), (mug(), 500)]), ProblemCode::ValidationFailed, "/lines/1/quantity");
}

#[test]
fn an_unknown_product_has_a_pointer_to_its_first_line() {
    let line = |sku: &str| (sku.to_owned(), 1);
    let lines = [line("mug-blue"), line("ghost"), line("mug-blue"), line("ghost"), line("unicorn")];
    let problem = receive(&with_lines(lines)).expect_err("ghosts are not sold");
    assert_eq!(problem.code, ProblemCode::UnknownProduct);
    assert_eq!(pointers(&problem), ["/lines/1/sku", "/lines/4/sku"]);
}

#[test]
fn a_total_that_does_not_fit_is_refused() {
    let gold = |quantity| with_lines([("gold-bar".to_owned(), quantity)]);
    assert!(receive(&gold(2)).is_ok());
    let problem = receive(&gold(3)).expect_err("nobody has that much");
    assert_eq!(problem.code, ProblemCode::ValidationFailed);
    assert_eq!(pointers(&problem), ["/lines/0/quantity"]);
    let both = with_lines([("gold-bar".to_owned(), 2), ("mug-blue".to_owned(), 999)]);
    assert_eq!(pointers(&receive(&both).expect_err("not even together")), ["/lines/1/quantity"]);
}

#[test]
fn every_text_has_a_maximum_length() {
    for (pointer, longest) in [
        ("/customer/name", 200),
        ("/ship_to/name", 200),
        ("/ship_to/street", 200),
        ("/ship_to/city", 200),
        ("/ship_to/postcode", 20),
        ("/ship_to/company", 200),
        ("/ship_to/line2", 200),
        ("/ship_to/region", 200),
        ("/lines/0/sku", 64),
        ("/payment/token", 255),
        ("/note", 500),
    ] {
        let text = |length: usize| with(pointer, json!("ü".repeat(length)));
        assert_eq!(text(longest).validate().map(|_| ()), Ok(()), "{pointer}");
        refused(&text(longest + 1), ProblemCode::ValidationFailed, pointer);
    }
}

#[test]
fn no_text_but_the_note_may_be_blank_or_have_several_lines() {
    for pointer in [
        "/customer/name",
        "/customer/email",
        "/ship_to/name",
        "/ship_to/street",
        "/ship_to/city",
        "/ship_to/postcode",
        "/ship_to/country",
        "/lines/0/sku",
        "/payment/token",
    ] {
        for wrong in ["", "  \u{a0}\t", "a\nb", "a\u{0}b"] {
            refused(&with(pointer, json!(wrong)), ProblemCode::ValidationFailed, pointer);
        }
    }
    refused(&with("/note", json!("a\u{0}b")), ProblemCode::ValidationFailed, "/note");
    let (order, _) = receive(&with("/note", json!(" Ring twice.\nThen wait. "))).expect("a note has lines");
    assert_eq!(order.note.as_deref(), Some("Ring twice.\nThen wait."));
    assert_eq!(receive(&with("/note", json!("  "))).expect("a note may be blank").0.note, None);
}

#[test]
fn texts_are_trimmed() {
    let (order, _) = receive(&with("/customer/name", json!("  Ada  "))).expect("blanks are no fault");
    assert_eq!(order.customer.name, "Ada");
    let (order, _) = receive(&with("/ship_to/country", json!(" it "))).expect("so is the case of a country");
    assert_eq!(order.ship_to.country, "IT");
}

#[test]
fn a_card_number_is_refused_in_every_text() {
    for pointer in [
        "/customer/name",
        "/customer/email",
        "/ship_to/name",
        "/ship_to/street",
        "/ship_to/city",
        "/ship_to/postcode",
        "/ship_to/company",
        "/ship_to/line2",
        "/ship_to/region",
        "/ship_to/country",
        "/lines/0/sku",
        "/payment/method",
        "/payment/token",
        "/note",
    ] {
        for text in [CARD.to_owned(), format!("it is {CARD} 12/28")] {
            refused(&with(pointer, json!(text)), ProblemCode::CardNumberRefused, pointer);
        }
    }
    let beyond = with_lines((0..60).map(|n| (if n == 59 { CARD.to_owned() } else { format!("sku-{n}") }, 1)));
    assert_eq!(beyond.validate().expect_err("far too long").code, ProblemCode::CardNumberRefused);
}

#[test]
fn a_card_number_is_refused_wherever_a_token_can_stand() {
    for method in ["card", "invoice", "gold"] {
        let payment = PaymentRequest { method: method.to_owned(), token: Some(CARD.to_owned()) };
        let problem = payment.validate().expect_err("no card number is ever taken");
        assert_eq!(problem.code, ProblemCode::CardNumberRefused, "{method}");
        assert!(problem.errors.iter().all(|error| !error.detail.contains("4242")), "and never repeated");
    }
}

#[test]
fn a_payment_is_a_card_with_a_token_or_an_invoice_without() {
    let judge = |method: &str, token: Option<&str>| {
        let request = PaymentRequest { method: method.to_owned(), token: token.map(str::to_owned) };
        request.validate().map(|valid| (valid.method, valid.token))
    };
    let token = Some("pm_card_visa");
    assert_eq!(judge("card", token), Ok((PaymentMethod::Card, token.map(str::to_owned))));
    assert_eq!(judge("invoice", None), Ok((PaymentMethod::Invoice, None)));
    assert_eq!(judge("invoice", Some("")), Ok((PaymentMethod::Invoice, None)), "an empty form field is none");
    for (method, token, at) in [
        ("card", None, "/payment/token"),
        ("card", Some(""), "/payment/token"),
        ("card", Some("pm card"), "/payment/token"),
        ("invoice", token, "/payment/token"),
        ("Card", token, "/payment/method"),
        ("", None, "/payment/method"),
    ] {
        let problem = judge(method, token).expect_err("that is no way to pay");
        assert_eq!((problem.code, pointers(&problem)), (ProblemCode::ValidationFailed, vec![at]));
    }
}

#[test]
fn every_error_is_reported_at_once_and_once() {
    let mut body = body();
    body["customer"] = json!({"name": "", "email": "ada"});
    body["ship_to"]["country"] = json!("Italy");
    body["lines"] = json!([{"sku": "mug-blue", "quantity": 0}, {"sku": " ", "quantity": 1000}]);
    body["payment"] = json!({"method": "card"});
    body["note"] = json!("x".repeat(501));
    let request: OrderRequest = serde_json::from_value(body).expect("the body has the right shape");
    let problem = request.validate().expect_err("nearly all of it is wrong");
    assert_eq!(problem.code, ProblemCode::ValidationFailed);
    assert_eq!(
        pointers(&problem),
        [
            "/customer/name",
            "/customer/email",
            "/ship_to/country",
            "/lines/0/quantity",
            "/lines/1/sku",
            "/lines/1/quantity",
            "/payment/token",
            "/note",
        ]
    );
    assert_eq!(problem.errors[0], FieldError::new("/customer/name", "Fill this in."));
}

#[test]
fn a_corrected_address_is_validated_like_the_first() {
    let wrong = AddressRequest { city: None, ..request(PaymentMethod::Card).ship_to };
    assert_eq!(pointers(&wrong.validate().expect_err("a city is needed")), ["/ship_to/city"]);
    let right = request(PaymentMethod::Card).ship_to.validate().expect("the example is valid");
    assert_eq!(right.city.as_deref(), Some("Pavia"));
}

#[test]
fn the_price_is_the_catalogue_s_at_that_moment() {
    let valid = request(PaymentMethod::Card).validate().expect("the example is valid");
    assert_eq!(valid.skus().collect::<Vec<_>>(), ["mug-blue"]);
    let dearer = |sku: &str| {
        catalogue(sku)
            .map(|product| crate::Product { price: Money { amount: 9_900, ..product.price }, ..product })
    };
    let (order, _) = valid
        .receive(OrderId::new(START, [1; 10]), OrderNumber::of(1), None, at(0), dearer)
        .expect("it is sold at any price");
    assert_eq!((order.lines[0].unit_price.amount, order.total.amount), (9_900, 19_800));
}

#[test]
fn a_text_with_direction_controls_is_refused_with_a_pointer() {
    for pointer in ["/customer/name", "/ship_to/name", "/ship_to/street", "/ship_to/city", "/note"] {
        let problem = with(pointer, json!("Ada\u{202e}nozamA")).validate().expect_err("it misleads");
        assert_eq!(pointers(&problem), [pointer]);
        assert!(problem.errors[0].detail.contains("direction of the text"), "{:?}", problem.errors);
    }
}

#[test]
fn invisible_characters_are_not_stored() {
    let mut request = with("/customer/name", json!("\u{feff}A\u{200b}da\u{200e}"));
    request.ship_to.name = "نیم\u{200c}فاصله".to_owned();
    let (order, _) = receive(&request).expect("nothing misleads");
    assert_eq!(order.customer.name, "Ada");
    assert_eq!(order.ship_to.name, "نیم\u{200c}فاصله", "joiners belong to the script");
    let unseen = with("/customer/name", json!("\u{200b}\u{200d}")).validate().expect_err("it is empty");
    assert_eq!(unseen.errors[0].detail, "Fill this in.");
}

#[test]
fn a_card_number_between_invisible_characters_is_a_card_number() {
    let hidden = CARD.replace(' ', "\u{200b}");
    refused(&with("/customer/name", json!(hidden)), ProblemCode::CardNumberRefused, "/customer/name");
}

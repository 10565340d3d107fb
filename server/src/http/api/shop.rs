//! What shoppers do, and programs in their place.

use axum::routing::{get, post};
use orders::ProblemCode;
use orders::ProblemCode as Is;

use super::{Answer, Call, Content, json, nothing};
use crate::http::{commands, events, order, orders as many, products};

const KNOWN: Answer = nothing(304, "The version in If-None-Match is the present one");
pub(super) const CHANGED: Answer = json(202, "Stored; the order as it is now", "Order");
const OVER: Answer = nothing(204, "Nothing will ever come after this cursor (streams only)");
const EVENTS: Answer = Answer {
    status: 200,
    about: "The events after the cursor, ascending; or a stream of them",
    content: Content::JsonOrStream("EventPage"),
};

/// The calls of the shop.
pub(super) fn calls() -> Vec<Call> {
    vec![
        Call {
            method: "get",
            path: "/products",
            name: "listProducts",
            summary: "List what the shop sells",
            parameters: &["query", "category", "page_size", "page_token", "If-None-Match"],
            body: None,
            answers: vec![json(200, "Products in the order of the catalogue", "ProductPage"), KNOWN],
            problems: &[Is::MalformedQuery],
            handler: get(products::list),
        },
        Call {
            method: "get",
            path: "/products/{sku}",
            name: "getProduct",
            summary: "Read one product",
            parameters: &["sku", "If-None-Match"],
            body: None,
            answers: vec![json(200, "The product", "Product"), KNOWN],
            problems: &[Is::NotFound],
            handler: get(products::one),
        },
        Call {
            method: "post",
            path: "/orders",
            name: "submitOrder",
            summary: "Submit an order; it is stored durably before the answer and worked afterwards",
            parameters: &["Idempotency-Key"],
            body: Some("OrderRequest"),
            answers: vec![json(202, "Stored; the order with its tracking token", "Order")],
            problems: &[
                Is::MalformedJson,
                Is::IdempotencyKeyMissing,
                Is::IdempotencyKeyInvalid,
                Is::Unauthorized,
                Is::Forbidden,
                Is::IdempotencyKeyInUse,
                Is::BodyTooLarge,
                Is::UnsupportedMediaType,
                Is::ValidationFailed,
                Is::UnknownProduct,
                Is::IdempotencyKeyReused,
                Is::CardNumberRefused,
                Is::RateLimited,
                Is::Overloaded,
                Is::CommitUnknown,
            ],
            handler: post(many::submit),
        },
        Call {
            method: "get",
            path: "/orders",
            name: "listOrders",
            summary: "List your orders, newest first",
            parameters: &["state", "updated_after", "page_size", "page_token"],
            body: None,
            answers: vec![json(200, "Your orders", "OrderPage")],
            problems: &[Is::MalformedQuery, Is::Unauthorized],
            handler: get(many::list),
        },
        Call {
            method: "get",
            path: "/orders/{id}",
            name: "getOrder",
            summary: "Read one order, now or as soon as it is newer",
            parameters: &["id", "token", "If-None-Match", "Prefer"],
            body: None,
            answers: vec![json(200, "The order; Retry-After while it moves", "Order"), KNOWN],
            problems: &[Is::MalformedQuery, Is::Unauthorized, Is::NotFound],
            handler: get(order::one),
        },
        Call {
            method: "post",
            path: "/orders/{id}/cancel",
            name: "cancelOrder",
            summary: "Cancel an order; again is the same as once",
            parameters: &["id", "token"],
            body: None,
            answers: vec![CHANGED],
            problems: &[
                Is::Unauthorized,
                Is::Forbidden,
                Is::NotFound,
                Is::OrderNotCancellable,
                Is::Overloaded,
                Is::CommitUnknown,
            ],
            handler: post(commands::cancel),
        },
        Call {
            method: "post",
            path: "/orders/{id}/payment",
            name: "providePayment",
            summary: "Give another way to pay, when the order asks for one",
            parameters: &["id", "token"],
            body: Some("NewPayment"),
            answers: vec![CHANGED],
            problems: &COMMAND_WITH_BODY,
            handler: post(commands::payment),
        },
        Call {
            method: "post",
            path: "/orders/{id}/address",
            name: "correctAddress",
            summary: "Correct the address, when the order asks for it",
            parameters: &["id", "token"],
            body: Some("NewAddress"),
            answers: vec![CHANGED],
            problems: &COMMAND_WITH_BODY,
            handler: post(commands::address),
        },
        Call {
            method: "get",
            path: "/orders/{id}/events",
            name: "listOrderEvents",
            summary: "Read or follow the events of one order",
            parameters: &["id", "token", "after", "page_size", "page_token", "Accept", "Last-Event-ID"],
            body: None,
            answers: vec![EVENTS, OVER],
            problems: &[
                Is::MalformedQuery,
                Is::Unauthorized,
                Is::NotFound,
                Is::CursorTooOld,
                Is::TooManyStreams,
            ],
            handler: get(events::of_order),
        },
        Call {
            method: "get",
            path: "/events",
            name: "listEvents",
            summary: "Read or follow the events of all your orders",
            parameters: &["after", "page_size", "page_token", "Accept", "Last-Event-ID"],
            body: None,
            answers: vec![EVENTS],
            problems: &[Is::MalformedQuery, Is::Unauthorized, Is::CursorTooOld, Is::TooManyStreams],
            handler: get(events::of_caller),
        },
        Call {
            method: "get",
            path: "/stream",
            name: "openStream",
            summary: "Follow several topics over one WebSocket, sub-protocol docket.v1",
            parameters: &[],
            body: None,
            answers: vec![nothing(101, "The WebSocket is open")],
            problems: &[Is::Unauthorized, Is::Forbidden, Is::MethodNotAllowed, Is::TooManyStreams],
            handler: get(events::stream),
        },
    ]
}

const COMMAND_WITH_BODY: [ProblemCode; 11] = [
    Is::MalformedJson,
    Is::Unauthorized,
    Is::Forbidden,
    Is::NotFound,
    Is::WrongState,
    Is::BodyTooLarge,
    Is::UnsupportedMediaType,
    Is::ValidationFailed,
    Is::CardNumberRefused,
    Is::Overloaded,
    Is::CommitUnknown,
];

//! `/api/docs`: from curl to a live stream in five minutes, and the list of all calls.

use std::fmt::Write as _;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::api::{BASE, calls};
use super::conditional::PUBLIC_REVALIDATED;
use super::state::HttpState;

const STYLE: &str = include_str!("docs.css");
const SCRIPT: &str = include_str!("docs.js");

/// The five-minute tour: a heading, what happens, and the command.
const TOUR: [(&str, &str, &str); 7] = [
    ("Look at the shop", "No account is needed.", "curl {URL}/products"),
    (
        "Order a mug",
        "The key is yours to make, new for each order and the same for every repeat of it: one key never makes two orders. \
         The answer comes when the order is stored.",
        ORDER_A_MUG,
    ),
    (
        "Keep its id and its tracking token",
        "The token opens this one order and nothing else. One that went astray is replaced by whoever sent the order with a key \
         or in a browser, and by the desk: <code>POST /orders/{id}/tracking-link</code>.",
        "ORDER=$(grep -o 'ord_[0-9A-Z]*' order.txt | head -n 1)\nTOKEN=$(grep -o 'trk_[0-9A-Za-z_-]*' order.txt)",
    ),
    ("Read it", "Its version is the ETag.", "curl -i \"{URL}/orders/$ORDER?token=$TOKEN\""),
    (
        "Wait for the next version",
        "Answered as soon as the order is newer than the ETag, or after 25 seconds with 304.",
        "curl -i \"{URL}/orders/$ORDER?token=$TOKEN\" \\\n  -H 'Prefer: wait=25' -H 'If-None-Match: \"v1\"'",
    ),
    (
        "Follow it live",
        "Server-sent events: a snapshot first, then every change. The stream goes on after a broken line when Last-Event-ID \
         is sent.",
        "curl -N \"{URL}/orders/$ORDER/events?token=$TOKEN\" \\\n  -H 'Accept: text/event-stream'",
    ),
    (
        "Cancel it",
        "As long as the carrier does not have it. Again is the same as once.",
        "curl -X POST \"{URL}/orders/$ORDER/cancel?token=$TOKEN\"",
    ),
];

const ORDER_A_MUG: &str = r#"curl -i {URL}/orders \
  -H "Idempotency-Key: $(date +%s)-$RANDOM" \
  -H 'Content-Type: application/json' \
  -d '{"customer":{"name":"Ada","email":"ada@example.org"},
       "ship_to":{"name":"Ada","street":"1 Main St","city":"Pavia",
                  "postcode":"27100","country":"IT"},
       "lines":[{"sku":"mug-blue","quantity":2}],
       "payment":{"method":"card","token":"pm_card_visa"}}' | tee order.txt"#;

/// Returns the routes of the documentation, for a public address.
pub fn routes(public_url: &str) -> Router<HttpState> {
    let page = Bytes::from(page(public_url));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'",
        STANDARD.encode(Sha256::digest(STYLE)),
        STANDARD.encode(Sha256::digest(SCRIPT)),
    );
    let policy = HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    let headers = [
        (header::CONTENT_TYPE, html),
        (header::CACHE_CONTROL, PUBLIC_REVALIDATED),
        (header::CONTENT_SECURITY_POLICY, policy),
    ];
    Router::new().route("/api/docs", get(|| async move { (headers, page).into_response() }))
}

fn page(public_url: &str) -> String {
    let base = format!("{public_url}{BASE}");
    let mut text = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Docket API</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>Docket API</h1>\n\
         <p>Everything the shop does, over HTTP and JSON at <code>{}</code>. The whole of it is in \
         <a href=\"/api/openapi.json\">openapi.json</a>. A refusal is a problem (RFC 9457) whose <code>type</code> is a page \
         that says how to mend it.</p>\n<h2>Five minutes</h2>\n<ol>\n",
        escaped(&base)
    );
    for (heading, about, command) in TOUR {
        let command = command.replace("{URL}", &base);
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "<li><h3>{heading}</h3><p>{about}</p>\
             <div class=\"command\"><button type=\"button\" hidden>Copy</button><pre tabindex=\"0\">{}</pre></div></li>",
            escaped(&command)
        );
    }
    text.push_str(
        "</ol>\n<h2>With a key</h2>\n<p>Programs that order for many send a key of their own with every call, \
         <code>Authorization: Bearer dk_…</code>. Whoever runs the desk makes one with \
         <code>docket key create NAME --scope orders</code>. With it <code>GET /orders</code> lists all its orders and \
         <code>GET /events</code> follows them in one stream. \
         A key made with <code>--scope desk</code> sees all orders and opens the calls below <code>/desk</code>.</p>\n<h2>All calls</h2>\n\
         <div class=\"wide\"><table>\n<thead><tr><th>Call</th><th>Does</th><th>Refusals of its own</th></tr></thead>\n<tbody>\n",
    );
    for call in calls() {
        let problems: Vec<String> = call
            .problems
            .iter()
            .map(|code| format!("<a href=\"/problems/{0}\">{0}</a>", code.as_str()))
            .collect();
        let _ = writeln!(
            text,
            "<tr><th scope=\"row\"><code>{} {}</code></th><td>{}</td><td>{}</td></tr>",
            call.method.to_uppercase(),
            call.path,
            call.summary,
            problems.join(", ")
        );
    }
    let _ = writeln!(text, "</tbody>\n</table></div>\n</main>\n<script>{SCRIPT}</script>\n</body>\n</html>");
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

//! The log line of a request.

use reqwest::StatusCode;

use crate::app::{TestApp, cookie, header, mug};
use crate::log::Log;

// The server runs on the thread of the test, so that its log is captured.
#[tokio::test]
async fn a_refused_request_is_logged_once_without_secrets_and_a_successful_one_is_not() {
    let app = TestApp::start().await;
    let (log, _listening) = Log::capture();
    let path = "/orders/ord_01ARZ3NDEKTSV4RRFFQ69G5FAV?token=trk_canary";
    let refused = app.get(path).header("Cookie", cookie(1)).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::NOT_FOUND);
    let id = header(&refused, "x-request-id").to_owned();
    let lines = log.lines("INFO");
    let of_request: Vec<_> = lines.iter().filter(|line| line.contains(&id)).collect();
    assert_eq!(of_request.len(), 1, "{lines:?}");
    let line = of_request[0];
    for part in
        ["request failed", "GET", "/api/v1/orders/{id}", "status=404", "duration_ms=", "caller=\"session\""]
    {
        assert!(line.contains(part), "{part} in {line}");
    }
    let secret = cookie(1).split_once('=').unwrap().1.to_owned();
    for hidden in ["canary", "01ARZ3", &secret] {
        assert!(!log.text().contains(hidden), "{hidden} in {}", log.text());
    }
    let answered = app.submit("k1", &mug()).send().await.unwrap();
    assert_eq!(answered.status(), StatusCode::ACCEPTED);
    let id = header(&answered, "x-request-id").to_owned();
    assert!(!log.text().contains(&id), "an answered request is logged at DEBUG");
}

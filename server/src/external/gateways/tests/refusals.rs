//! Services that refuse us, and answers that are no refusals.

use axum::http::{StatusCode, header::CONTENT_TYPE};
use orders::{Address, Currency, Money, OrderId, Service, StepReason};
use tokio::net::TcpListener;

use super::{PATIENCE, mail_server::MailServer, order};
use crate::external::gateways::{
    CarrierGateway, Failure, Lookup, Mail, Mailer, PaymentGateway, Refusal, RefusalScope, SendOutcome,
};
use crate::platform::telemetry::testing::Log;

const TOTAL: Money = Money::new(2500, Currency::EUR);

/// A service that always gives this answer.
async fn answering(status: u16, content_type: &'static str, body: &'static str) -> String {
    drop(rustls::crypto::ring::default_provider().install_default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let status = StatusCode::from_u16(status).unwrap();
    let router = axum::Router::new()
        .fallback(move || async move { (status, [(CONTENT_TYPE, content_type)], body.to_owned()) });
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

async fn payment(status: u16, body: &'static str) -> PaymentGateway {
    let url = answering(status, "application/json", body).await;
    PaymentGateway::new(&url, "sk_test", PATIENCE).unwrap()
}

async fn carrier(status: u16, body: &'static str) -> CarrierGateway {
    let url = answering(status, "application/json", body).await;
    CarrierGateway::new(&url, "key", PATIENCE).unwrap()
}

async fn hold(gateway: &PaymentGateway, order: &OrderId) -> Failure {
    gateway.authorise(order, "key", TOTAL, "pm_card_visa").await.unwrap_err()
}

fn address() -> Address {
    serde_json::from_value(serde_json::json!({
        "name": "Ada", "street": "1 Main St", "city": "Pavia", "postcode": "27100", "country": "IT",
    }))
    .unwrap()
}

fn refusal(failure: &Failure) -> &Refusal {
    failure.refusal().unwrap_or_else(|| panic!("{failure:?} is no refusal"))
}

#[tokio::test]
async fn a_refusal_is_not_an_outage_and_names_the_setting() {
    const ERROR: &str = r#"{"error":{"type":"invalid_request_error","code":"api_key_expired"}}"#;
    for (status, scope, settings) in [
        (401, RefusalScope::AllCalls, ["DOCKET_PAYMENT_KEY", "DOCKET_SHIPPING_KEY"]),
        (403, RefusalScope::AllCalls, ["DOCKET_PAYMENT_KEY", "DOCKET_SHIPPING_KEY"]),
        (400, RefusalScope::ThisCall, ["DOCKET_PAYMENT_URL", "DOCKET_SHIPPING_URL"]),
        (404, RefusalScope::ThisCall, ["DOCKET_PAYMENT_URL", "DOCKET_SHIPPING_URL"]),
        (301, RefusalScope::ThisCall, ["DOCKET_PAYMENT_URL", "DOCKET_SHIPPING_URL"]),
        (405, RefusalScope::ThisCall, ["DOCKET_PAYMENT_URL", "DOCKET_SHIPPING_URL"]),
        (501, RefusalScope::ThisCall, ["DOCKET_PAYMENT_URL", "DOCKET_SHIPPING_URL"]),
    ] {
        let (payment, carrier) = (payment(status, ERROR).await, carrier(status, ERROR).await);
        let failures = [
            (hold(&payment, &order()).await, settings[0]),
            (payment.capture("pi_1", "key").await.unwrap_err(), settings[0]),
            (payment.void("pi_1", "key").await.unwrap_err(), settings[0]),
            (payment.refund("pi_1", TOTAL, "key").await.unwrap_err(), settings[0]),
            (payment.retrieve("pi_1").await.unwrap_err(), settings[0]),
            (carrier.book(&order(), "key", &address()).await.unwrap_err(), settings[1]),
            (carrier.cancel("shp_1", "key").await.unwrap_err(), settings[1]),
        ];
        for (failure, setting) in failures {
            let refused = refusal(&failure);
            assert_eq!((refused.status, refused.scope), (Some(status), scope), "{failure:?}");
            assert!(refused.settings.starts_with(setting), "{failure:?}");
            assert!(refused.detail.contains("api_key_expired"), "the service's own word: {failure:?}");
            assert_eq!(failure.service_fault(), None, "it answers");
        }
    }
}

#[tokio::test]
async fn an_error_that_is_not_the_service_s_own_is_a_refusal_too() {
    let url = answering(404, "text/html", "<h1>Not found</h1>").await;
    let gateway = PaymentGateway::new(&url, "sk_test", PATIENCE).unwrap();
    assert_eq!(refusal(&hold(&gateway, &order()).await).status, Some(404));
}

#[tokio::test]
async fn a_service_that_is_out_of_order_or_busy_does_not_refuse_us() {
    for (status, reason) in [
        (500, StepReason::ServiceFault),
        (502, StepReason::ServiceFault),
        (503, StepReason::ServiceFault),
        (408, StepReason::ServiceFault),
        (425, StepReason::ServiceFault),
        (429, StepReason::ServiceBusy),
    ] {
        let failure = hold(&payment(status, "{}").await, &order()).await;
        assert_eq!(failure.service_fault(), Some((reason, None)), "{status}");
    }
    let under_way = hold(&payment(409, "{}").await, &order()).await;
    assert!(matches!(under_way, Failure::UnknownOutcome { service: Service::Payment, .. }));
}

#[tokio::test]
async fn an_unsupported_look_up_is_not_a_refusal_of_all_calls() {
    for status in [400, 403, 404, 405, 410, 501] {
        assert_eq!(payment(status, "{}").await.find(&order()).await, Ok(Lookup::NotOffered), "{status}");
        assert_eq!(carrier(status, "{}").await.find(&order()).await, Ok(Lookup::NotOffered), "{status}");
    }
    let wrong_key = payment(401, "{}").await.find(&order()).await.unwrap_err();
    assert_eq!(refusal(&wrong_key).scope, RefusalScope::AllCalls);
    let down = payment(503, "{}").await.find(&order()).await.unwrap_err();
    assert!(down.service_fault().is_some());
}

#[tokio::test]
async fn an_unreadable_answer_leaves_the_outcome_unknown_and_is_logged_once_without_its_content() {
    let (log, _guard) = Log::capture();
    for (content_type, body) in [
        ("text/html", "<html>Sign in to the hotel's network, canary</html>"),
        ("application/json", ""),
        ("application/json", r#"{"id":"pi_1","sta"#),
    ] {
        let url = answering(200, content_type, body).await;
        let payment = PaymentGateway::new(&url, "sk_test", PATIENCE).unwrap();
        let carrier = CarrierGateway::new(&url, "key", PATIENCE).unwrap();
        for failure in [
            hold(&payment, &order()).await,
            payment.capture("pi_1", "key").await.unwrap_err(),
            payment.void("pi_1", "key").await.unwrap_err(),
            payment.refund("pi_1", TOTAL, "key").await.unwrap_err(),
            carrier.book(&order(), "key", &address()).await.unwrap_err(),
            carrier.cancel("shp_1", "key").await.unwrap_err(),
        ] {
            assert!(matches!(failure, Failure::UnknownOutcome { .. }), "{failure:?}");
        }
        assert!(payment.find(&order()).await.unwrap_err().service_fault().is_some(), "counted as an outage");
    }
    let warned = log.lines("WARN");
    assert_eq!(warned.len(), 6, "once a service and change: {warned:#?}");
    assert!(warned[0].contains("content_type=\"text/html\" length=51"), "{}", warned[0]);
    assert!(warned[0].contains("status=200"), "{}", warned[0]);
    assert!(!log.text().contains("canary"), "{}", log.text());
}

#[tokio::test]
async fn a_success_that_does_not_confirm_the_effect_is_not_trusted() {
    let held = payment(200, r#"{"id":"pi_1","status":"requires_capture"}"#).await;
    assert!(matches!(held.capture("pi_1", "key").await, Err(Failure::UnknownOutcome { .. })));
    assert!(matches!(held.void("pi_1", "key").await, Err(Failure::UnknownOutcome { .. })));
    let booked = carrier(200, r#"{"id":"shp_1","status":"booked"}"#).await;
    assert!(matches!(booked.cancel("shp_1", "key").await, Err(Failure::UnknownOutcome { .. })));
}

fn mail() -> Mail {
    Mail {
        to_name: "Ada".to_owned(),
        to_email: "ada@example.org".to_owned(),
        subject: "Order 7K3-M29 is confirmed".to_owned(),
        text: "Hello".to_owned(),
        html: "<p>Hello</p>".to_owned(),
        at: orders::Timestamp::from_millis(1_763_892_000_000),
    }
}

async fn post(url: &str) -> Result<SendOutcome, Failure> {
    Mailer::to_server(url, "orders@localhost", PATIENCE).unwrap().send(&mail(), "k").await
}

#[tokio::test]
async fn a_refusal_of_us_is_distinguished_from_a_refusal_of_the_recipient() {
    use RefusalScope::{AllCalls, ThisCall};
    for (command, reply, scope, settings) in [
        ("AUTH", "535 5.7.8 wrong credentials", AllCalls, "DOCKET_SMTP_URL"),
        ("AUTH", "534 5.7.9 too weak", AllCalls, "DOCKET_SMTP_URL"),
        ("MAIL", "530 5.7.0 authenticate first", AllCalls, "DOCKET_SMTP_URL"),
        ("MAIL", "538 5.7.11 encrypt first", AllCalls, "DOCKET_SMTP_URL"),
        ("MAIL", "550 5.1.8 no such sender", AllCalls, "DOCKET_MAIL_FROM"),
        ("MAIL", "503 5.5.1 not so", ThisCall, "DOCKET_SMTP_URL"),
        ("RCPT", "554 5.7.1 relay access denied", ThisCall, "DOCKET_SMTP_URL and DOCKET_MAIL_FROM"),
    ] {
        let server = MailServer::start().await;
        server.reply(command, reply);
        let url = server.url.replace("smtp://", "smtp://user:secret@");
        let failure = post(&url).await.unwrap_err();
        let refused = refusal(&failure);
        assert_eq!((refused.scope, refused.settings), (scope, settings), "{reply}");
        assert_eq!(refused.status, reply[..3].parse().ok());
        assert!(!failure.to_string().contains("ada@"), "{failure}");
    }
    for reply in ["550 5.1.1 nobody here", "550 nobody here", "552 5.2.2 full", "553 5.1.3 no address"] {
        let server = MailServer::start().await;
        server.reply("RCPT", reply);
        let outcome = post(&server.url).await.unwrap();
        let SendOutcome::Refused(refusal) = outcome else { panic!("{reply}: {outcome:?}") };
        assert_eq!(refusal.status, reply[..3].parse().ok(), "{reply}");
        assert!(!refusal.to_string().contains("ada@"), "{refusal}");
    }
}

#[tokio::test]
async fn a_mail_server_without_the_configured_features_refuses_us() {
    let server = MailServer::start().await;
    server.reply("EHLO", "250 mail.example.org");
    let no_auth = post(&server.url.replace("smtp://", "smtp://user:secret@")).await.unwrap_err();
    assert_eq!(refusal(&no_auth).settings, "DOCKET_SMTP_URL");
    let no_tls = post(&format!("{}?tls=required", server.url)).await.unwrap_err();
    assert!(refusal(&no_tls).detail.contains("STARTTLS"), "{no_tls}");
    let plain = post(&server.url.replace("smtp://", "smtps://")).await.unwrap_err();
    assert!(refusal(&plain).detail.contains("TLS"), "it greets in plain text: {plain}");
}

//! Malformed requests, and random bytes.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use fastrand::Rng;
use futures::{StreamExt as _, stream};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::experiment::{Experiment, Findings, RunConfig};
use crate::system::{Options, System, Workdir};
use crate::workload::OrderPlan;

pub const EXPERIMENT: Experiment = Experiment {
    name: "raw-bytes",
    description: "requests with bytes changed, removed, repeated and inserted, and random bytes, written to the socket",
    pass: "no 5xx but 503, every refusal of the API is a problem document, no panic, orders are accepted afterwards",
    is_smoke_test: true,
    requires: &[],
    run: |config| Box::pin(run(config)),
};

/// How many requests are sent concurrently.
const CONCURRENT: usize = 32;
/// A response is complete after this time without bytes, because a server that waits for more bytes sends none.
const SILENCE: Duration = Duration::from_millis(300);
/// The statuses that the HTTP parser answers, without a body.
const WITHOUT_PROBLEM_BODY: [&str; 4] = ["400", "414", "417", "431"];

/// Byte sequences to insert.
const INSERTED: [&[u8]; 14] = [
    b"\0",
    b"\r\n",
    b"\r\n\r\n",
    b"\n",
    b"\xff\xfe",
    b"%00",
    b"/../..",
    b"1e999",
    b"\\ud800",
    b"Content-Length: 18446744073709551616\r\n",
    b"Content-Length: -1\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Expect: 100-continue\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
];

async fn run(config: RunConfig) -> Result<Findings> {
    let count = config.pick(1_500, 6_000, 60_000);
    let mut findings = Findings::default();
    let mut system = System::start(Workdir::create(&config.paths)?, Options::default()).await?;
    let requests = requests(&system);
    let address = &system.docket.address;
    let mut rng = Rng::with_seed(config.seed);
    let responses = stream::iter(0..count).map(|_| {
        let bytes = mutated_request(&mut rng, &requests);
        async move { (send_bytes(address, &bytes).await, bytes) }
    });
    let mut responses = responses.buffer_unordered(CONCURRENT);
    let mut statuses: BTreeMap<String, usize> = BTreeMap::new();
    while let Some((received, request)) = responses.next().await {
        for response in received.split("HTTP/1.1 ").skip(1) {
            let status = response.get(..3).unwrap_or_default();
            *statuses.entry(status.to_owned()).or_default() += 1;
            if is_wrong(is_api_request(&request), status, response) {
                let (request, response) = (excerpt(&request), excerpt(response.as_bytes()));
                findings.violation(format!("{request} was answered {response}"));
            }
        }
        if received.is_empty() {
            *statuses.entry("none".to_owned()).or_default() += 1;
        }
    }
    drop(responses);
    findings.figure("requests", count);
    findings.figure("answers", format!("{statuses:?}"));
    findings.violations.extend(system.defects().await);
    Ok(findings.keep_folder_if_violated(system.end().await?))
}

/// Returns the beginning, with escapes for what is not printable ASCII.
fn excerpt(bytes: &[u8]) -> String {
    bytes[..bytes.len().min(400)].escape_ascii().to_string()
}

/// Whether a request is for the API rather than a page.
fn is_api_request(bytes: &[u8]) -> bool {
    let request_line = bytes.split(|byte| *byte == b'\r').next().unwrap_or_default();
    request_line.windows(6).any(|part| part == b" /api/")
}

/// Whether a response is wrong for every request. A page need not refuse with a problem document.
fn is_wrong(is_api_request: bool, status: &str, response: &str) -> bool {
    let (head, body) = response.split_once("\r\n\r\n").unwrap_or((response, ""));
    match status.as_bytes() {
        [b'1'..=b'3', ..] => false,
        [b'4', ..] | b"503" => {
            let is_problem = head.to_lowercase().contains("\r\ncontent-type: application/problem+json");
            is_api_request && !is_problem && (!body.is_empty() || !WITHOUT_PROBLEM_BODY.contains(&status))
        }
        _ => true,
    }
}

/// Returns a request of every kind: its head, without the length of the body, and its body.
fn requests(system: &System) -> Vec<(String, String)> {
    let (host, key) = (&system.docket.address, &system.docket.key);
    let head = |request_line: &str, headers: &str| {
        format!("{request_line} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\n{headers}")
    };
    let json = "Content-Type: application/json\r\n";
    let form = "Content-Type: application/x-www-form-urlencoded\r\n".to_owned();
    let order =
        "order[name]=Ada&order[email]=ada%40example.org&order[street]=1+Main+St&order[postcode]=27100\
                 &order[city]=Pavia&order[country]=IT&order[payment]=pm_card_visa\
                 &order[cart]=00000000000000000000000000000001.mug-blue:1"
            .to_owned();
    let body = OrderPlan::default().body("raw").to_string();
    let signed = "webhook-id: 1\r\nwebhook-timestamp: 1790000000\r\nwebhook-signature: v1,AAAA\r\n";
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: docket.v1\r\n";
    vec![
        (head("POST /api/v1/orders", &format!("Idempotency-Key: raw\r\n{json}")), body.clone()),
        (head("POST /api/v1/carrier-events", &format!("{signed}{json}")), body),
        (head("GET /api/v1/orders?page_size=10&page_token=&state=received", ""), String::new()),
        (head("GET /api/v1/products?query=tea&category=Kitchen", "If-None-Match: \"1\"\r\n"), String::new()),
        (head("GET /api/v1/events?after=0", "Last-Event-ID: 0\r\n"), String::new()),
        (head("GET /api/v1/stream", upgrade), String::new()),
        (head("POST /actions/send_order", &format!("{form}Accept: application/json\r\n")), order.clone()),
        (
            head("POST /actions/add_to_cart", &format!("{form}Accept: text/html\r\n")),
            "sku=mug-blue&back=%2Fcart".to_owned(),
        ),
        (
            head("POST /actions/change_cart", &form),
            "lines[0][sku]=mug-blue&lines[0][quantity]=2&lines[0][was]=1".to_owned(),
        ),
        (head("POST /checkout", &format!("{form}Accept: text/html\r\n")), format!("form=send_order&{order}")),
    ]
}

/// Returns one of the requests with mutations, or random bytes.
fn mutated_request(rng: &mut Rng, requests: &[(String, String)]) -> Vec<u8> {
    let Some((head, body)) = requests.get(rng.usize(0..=requests.len())) else {
        return random_bytes(rng, 2_000);
    };
    let mut body = body.clone().into_bytes();
    if !body.is_empty() {
        mutate(rng, &mut body);
    }
    let mut bytes = format!("{head}Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.append(&mut body);
    for _ in 0..rng.u32(0..3) {
        mutate(rng, &mut bytes);
    }
    bytes
}

/// Changes, removes, repeats or inserts bytes at a random position.
fn mutate(rng: &mut Rng, bytes: &mut Vec<u8>) {
    let from = rng.usize(0..=bytes.len());
    let until = (from + rng.usize(0..40)).min(bytes.len());
    match rng.u32(0..6) {
        0 if from < bytes.len() => bytes[from] = rng.u8(..),
        1 => drop(bytes.drain(from..until)),
        2 => bytes.extend_from_within(from..until),
        3 => drop(bytes.splice(from..from, random_bytes(rng, 64))),
        4 => drop(bytes.splice(from..from, b"[{\"a\":aA ".repeat(rng.usize(0..4_000)))),
        _ => drop(bytes.splice(from..from, INSERTED[rng.usize(..INSERTED.len())].iter().copied())),
    }
}

fn random_bytes(rng: &mut Rng, max: usize) -> Vec<u8> {
    let length = rng.usize(0..max);
    (0..length).map(|_| rng.u8(..)).collect()
}

/// Sends bytes, and returns what arrives until a silence.
async fn send_bytes(address: &str, bytes: &[u8]) -> String {
    let mut received = Vec::new();
    if let Ok(mut stream) = TcpStream::connect(address).await {
        // A server that stops reading may still answer.
        drop(stream.write_all(bytes).await);
        while let Ok(Ok(1..)) = timeout(SILENCE, stream.read_buf(&mut received)).await {}
    }
    String::from_utf8_lossy(&received).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_a_problem_document_or_has_no_body_and_a_500_is_always_wrong() {
        let problem = "Content-Type: application/problem+json\r\n\r\n{}";
        assert!(!is_wrong(true, "422", &format!("422 Unprocessable Entity\r\n{problem}")));
        assert!(!is_wrong(true, "503", &format!("503 Service Unavailable\r\n{problem}")));
        assert!(!is_wrong(true, "400", "400 Bad Request\r\ncontent-length: 0\r\n\r\n"));
        assert!(is_wrong(true, "404", "404 Not Found\r\ncontent-length: 0\r\n\r\n"));
        let page = "404 Not Found\r\ncontent-type: text/html\r\n\r\n<p>Nothing here.";
        assert!(is_wrong(true, "404", page) && !is_wrong(false, "404", page));
        assert!(is_wrong(false, "500", &format!("500 Internal Server Error\r\n{problem}")));
        assert!(is_wrong(false, "", "\0\0"));
        assert!(is_api_request(b"GET /api/v1/orders HTTP/1.1\r\n") && !is_api_request(b"GET /\r\n /api/"));
    }

    #[test]
    fn a_seed_mutates_the_same_bytes_again() {
        let requests = [("GET / HTTP/1.1\r\n".to_owned(), "{}".to_owned())];
        let mutations =
            |seed| (0..50).map(|_| mutated_request(&mut Rng::with_seed(seed), &requests)).collect::<Vec<_>>();
        assert_eq!(mutations(1), mutations(1));
        assert_ne!(mutations(1), mutations(2));
    }
}

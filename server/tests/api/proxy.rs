//! Docket behind a real nginx, as a proxy that ends TLS: pages, forms, streams, and two clients with a limit each.

use std::fmt::Write as _;
use std::fs;
use std::net::{IpAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use futures::StreamExt;
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;
use tempfile::TempDir;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::app::{Placed, header, mug};
use crate::house::House;

const PUBLIC: &str = "https://shop.example";

/// A running nginx in front of a server. It is stopped when this is dropped.
struct Nginx {
    program: Child,
    port: u16,
    _folder: TempDir,
}

/// The configuration of an nginx location.
const PLAIN: &str =
    "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header Host $host;";
const WITH_UPGRADE: &str = "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header Host $host; \
     proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;";

impl Nginx {
    /// Listens on a free port and passes everything on to `house`.
    async fn before(house: &House, location: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut config =
            String::from("daemon off; pid nginx.pid; error_log stderr; events {} http { access_log off;\n");
        for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
            let _ = writeln!(config, "{kind}_temp_path {kind};");
        }
        let upstream = house.running.public;
        let _ = writeln!(
            config,
            "map $http_upgrade $connection_upgrade {{ default upgrade; '' close; }}
             server {{ listen 127.0.0.1:{port}; location / {{ {location} proxy_pass http://{upstream}; }} }} }}"
        );
        fs::write(folder.path().join("nginx.conf"), config).unwrap();
        let mut nginx = Command::new(program());
        nginx.arg("-p").arg(folder.path()).args(["-c", "nginx.conf", "-e", "stderr"]);
        if is_root() {
            nginx.args(["-g", "user root;"]);
        }
        let program =
            nginx.stdout(Stdio::null()).spawn().expect("nginx: install it, or name it in DOCKET_NGINX");
        let nginx = Self { program, port, _folder: folder };
        nginx.is_listening().await;
        nginx
    }

    async fn is_listening(&self) {
        let mut tries = tokio::time::interval(Duration::from_millis(20));
        let listening = async {
            loop {
                tries.tick().await;
                if tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_ok() {
                    break;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(10), listening).await.expect("nginx listens");
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Its workers end with it.
        let _ = Command::new("kill").arg("-TERM").arg(self.program.id().to_string()).status();
        let _ = self.program.wait();
    }
}

/// The program: given by `cargo xtask test`, else found on the search path, or where Debian installs it.
fn program() -> PathBuf {
    let named = std::env::var_os("DOCKET_NGINX").map(PathBuf::from);
    let debian = PathBuf::from("/usr/sbin/nginx");
    named.unwrap_or(if debian.exists() { debian } else { "nginx".into() })
}

/// Started by root, nginx runs its workers as a user that cannot read the temporary folder.
fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.starts_with(b"0")
}

async fn house(more: &[(&str, &str)]) -> House {
    let settings = [("DOCKET_PUBLIC_URL", PUBLIC), ("DOCKET_TRUSTED_PROXIES", "127.0.0.1")];
    House::open_with(&settings.iter().chain(more).copied().collect::<Vec<_>>()).await
}

/// A client with this address of the loopback network.
fn client_at(address: &str) -> Client {
    let address: IpAddr = address.parse().unwrap();
    Client::builder().local_address(address).redirect(Policy::none()).build().unwrap()
}

async fn submit(nginx: &Nginx, client: &Client, key: &str) -> Response {
    let submit = client.post(nginx.url("/api/v1/orders")).header("Idempotency-Key", key).json(&mug());
    submit.send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_forms_work_over_https_outside_and_http_inside() {
    let house = house(&[]).await;
    let nginx = Nginx::before(&house, PLAIN).await;
    let client = client_at("127.0.0.2");
    let page = client.get(nginx.url("/")).header("Accept", "text/html").send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    let session = header(&page, "set-cookie").to_owned();
    assert!(session.starts_with("__Host-docket_session=") && session.ends_with("; Secure"), "{session}");
    let session = session.split(';').next().unwrap().to_owned();
    let form = |origin| {
        let form = [("form", "add_to_cart"), ("sku", "mug-blue"), ("back", "/cart")];
        let post =
            client.post(nginx.url("/")).header("Cookie", &session).header("Origin", origin).form(&form);
        post.send()
    };
    let answer = form(PUBLIC).await.unwrap();
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert_eq!(header(&answer, "location"), "/cart", "an address without a host works inside and outside");
    let foreign = form("https://evil.example").await.unwrap();
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_client_of_the_proxy_has_its_own_limit() {
    let house = house(&[("DOCKET_RATE_LIMIT_ORDERS", "1")]).await;
    let nginx = Nginx::before(&house, PLAIN).await;
    let [one, other] = ["127.0.0.2", "127.0.0.3"].map(client_at);
    assert_eq!(submit(&nginx, &one, "k1").await.status(), StatusCode::ACCEPTED);
    assert_eq!(submit(&nginx, &one, "k2").await.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(submit(&nginx, &other, "k3").await.status(), StatusCode::ACCEPTED);
    let spoofed = one.post(nginx.url("/api/v1/orders")).header("Idempotency-Key", "k4").json(&mug());
    let spoofed = spoofed.header("X-Forwarded-For", "192.0.2.1").header("Forwarded", "for=192.0.2.1");
    let first = spoofed.try_clone().unwrap().send().await.unwrap();
    assert_eq!(first.status(), StatusCode::ACCEPTED, "headers that disagree count for the proxy");
    let second = spoofed.header("Idempotency-Key", "k5").send().await.unwrap();
    assert!(second.status().is_client_error());
}

#[tokio::test(flavor = "multi_thread")]
async fn events_reach_a_client_of_the_proxy_at_once() {
    let house = house(&[]).await;
    let nginx = Nginx::before(&house, PLAIN).await;
    let client = client_at("127.0.0.2");
    let order: Value = submit(&nginx, &client, "k1").await.json().await.unwrap();
    let placed = Placed::of(order);
    let stream = client.get(nginx.url(&format!("/api/v1{}", placed.path("/events"))));
    let mut stream = stream.header("Accept", "text/event-stream").send().await.unwrap();
    assert_eq!(header(&stream, "content-type"), "text/event-stream");
    let first =
        tokio::time::timeout(Duration::from_secs(10), stream.chunk()).await.expect("it is not buffered");
    let first = String::from_utf8(first.unwrap().unwrap().to_vec()).unwrap();
    assert!(first.contains("order.snapshot"), "{first}");
    let wait = client.get(nginx.url(&format!("/api/v1{}", placed.path(""))));
    let wait = wait.header("Prefer", "wait=25").header("If-None-Match", "\"v1\"").send();
    let polled =
        tokio::time::timeout(Duration::from_secs(20), wait).await.expect("a long poll comes through");
    assert!(polled.unwrap().status().is_success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_websocket_needs_the_upgrade_headers_and_is_refused_without_them() {
    let house = house(&[]).await;
    for (location, upgraded) in [(WITH_UPGRADE, true), (PLAIN, false)] {
        let nginx = Nginx::before(&house, location).await;
        let address = nginx.url("/api/v1/stream").replacen("http", "ws", 1);
        let mut request = address.into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", "docket.v1".parse().unwrap());
        request.headers_mut().insert("origin", PUBLIC.parse().unwrap());
        match connect_async(request).await {
            Ok((mut socket, _)) => {
                assert!(upgraded);
                let _ = socket.close(None).await;
                while let Some(Ok(_)) = socket.next().await {}
            }
            Err(Error::Http(answer)) => {
                assert!(!upgraded, "{answer:?}");
                assert!(
                    answer.status().is_client_error(),
                    "the browser falls back to long polls: {answer:?}"
                );
            }
            Err(error) => panic!("{error}"),
        }
    }
}

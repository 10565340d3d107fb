//! A proxy between the shop and its services: it passes calls on, and answers some itself.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode};
use tokio::net::TcpListener;

/// The proxy.
pub(super) struct Between {
    pub(super) url: String,
    state: Arc<Seen>,
}

struct Seen {
    client: reqwest::Client,
    beyond: String,
    /// Method and path prefix, and the status that is answered instead.
    refused: Mutex<Vec<(&'static str, &'static str, u16)>>,
    calls: Mutex<Vec<String>>,
}

impl Between {
    /// Passes everything on to that service.
    pub(super) async fn start(beyond: &str) -> Self {
        let state = Arc::new(Seen {
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
            beyond: beyond.to_owned(),
            refused: Mutex::default(),
            calls: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(pass).with_state(state.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, state }
    }

    /// Answers calls of this method below this path with this status.
    pub(super) fn refuse(&self, method: &'static str, path: &'static str, status: u16) {
        self.state.refused.lock().unwrap().push((method, path, status));
    }

    /// Passes everything on again.
    pub(super) fn mend(&self) {
        self.state.refused.lock().unwrap().clear();
    }

    /// Returns the calls since the last call of this method: method and path.
    pub(super) fn calls(&self) -> Vec<String> {
        std::mem::take(&mut *self.state.calls.lock().unwrap())
    }
}

async fn pass(State(seen): State<Arc<Seen>>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    seen.calls.lock().unwrap().push(format!("{} {}", head.method, head.uri.path()));
    let refused = seen
        .refused
        .lock()
        .unwrap()
        .iter()
        .copied()
        .find(|(method, begin, _)| *method == head.method.as_str() && path.starts_with(begin));
    if let Some((_, _, status)) = refused {
        return answer(StatusCode::from_u16(status).unwrap(), Body::from("{}"));
    }
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let mut headers = head.headers;
    headers.remove("host");
    let call = seen.client.request(head.method, format!("{}{path}", seen.beyond)).headers(headers).body(body);
    match call.send().await {
        Ok(beyond) => {
            let (status, retry_after) = (beyond.status(), beyond.headers().get("retry-after").cloned());
            // A truncated answer is passed on truncated.
            let mut passed = match beyond.bytes().await {
                Ok(body) => answer(status, Body::from(body)),
                Err(error) => answer(status, broken(error)),
            };
            if let Some(value) = retry_after {
                passed.headers_mut().insert("retry-after", value);
            }
            passed
        }
        Err(error) => answer(StatusCode::OK, broken(error)),
    }
}

fn answer(status: StatusCode, body: Body) -> Response<Body> {
    Response::builder().status(status).header("content-type", "application/json").body(body).unwrap()
}

fn broken(error: reqwest::Error) -> Body {
    Body::from_stream(futures::stream::once(async move { Err::<Vec<u8>, _>(error) }))
}

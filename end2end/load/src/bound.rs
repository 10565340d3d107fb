//! The bound: a server that does for an order what cannot be left out, except to store it.
//!
//! It parses the same order into the same type, hashes it and its key, and answers with as many bytes as Docket.
//! It runs in a process of its own, on the runtime that Docket uses.

use std::io;
use std::process::Stdio;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use orders::OrderRequest;
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// Serves until the process is stopped, and prints the address. `answer_bytes` is the length of each answer.
pub async fn serve(answer_bytes: usize) -> io::Result<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    let answer = Bytes::from(vec![b' '; answer_bytes]);
    axum::serve(listener, Router::new().route("/api/v1/orders", post(accept)).with_state(answer)).await
}

async fn accept(State(answer): State<Bytes>, headers: HeaderMap, body: Bytes) -> Response {
    let Ok(request) = serde_json::from_slice::<OrderRequest>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let key = headers.get("idempotency-key").map(|key| key.as_bytes()).unwrap_or_default();
    let hash = Sha256::new().chain_update(key).chain_update(request.customer.email).chain_update(&body);
    let hash = hash.finalize();
    let etag = format!("\"{:02x}{:02x}\"", hash[0], hash[1]);
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::ETAG, etag.as_str())];
    (StatusCode::ACCEPTED, headers, answer).into_response()
}

/// A running bound; it is stopped when this is dropped.
pub struct Bound {
    /// Its address.
    pub address: String,
    _process: Child,
}

impl Bound {
    /// Starts this program as the bound.
    pub async fn start(answer_bytes: usize) -> io::Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(["--serve-bound", &answer_bytes.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut line = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output).read_line(&mut line).await?;
        }
        let address = line.trim().strip_prefix("http://").unwrap_or_default().to_owned();
        Ok(Self { address, _process: process })
    }
}

use axum::{
    Json, Router,
    extract::{Path, Request, State, rejection::JsonRejection},
    http::{Method, StatusCode, header::RETRY_AFTER},
    middleware::Next,
    response::{IntoResponse as _, Response},
    routing::{get, put},
};
use serde_json::json;

use super::{
    Sandbox,
    connection::{ConnectionCut, ConnectionHandle},
    faults::{FaultEffect, FaultRequest, SimulatedService},
};

pub fn routes() -> Router<Sandbox> {
    Router::new().route("/faults", get(show)).route("/faults/{service}", put(set))
}

/// Applies the service's fault to a call, or lets the call through.
pub async fn apply(sandbox: Sandbox, played: SimulatedService, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let connection = request.extensions().get::<ConnectionHandle>().cloned();
    match sandbox.faults().apply(played, reads) {
        FaultEffect::None => next.run(request).await,
        FaultEffect::Reset => cut(connection, ConnectionCut::Reset).await,
        FaultEffect::LoseAnswer => {
            drop(next.run(request).await);
            cut(connection, ConnectionCut::Closed).await
        }
        FaultEffect::Wait(latency) => {
            // A task of its own: a slow service still performs a call whose caller has left.
            let late = tokio::spawn(async move {
                tokio::time::sleep(latency).await;
                next.run(request).await
            });
            late.await.unwrap_or_else(|_| error(StatusCode::INTERNAL_SERVER_ERROR, "It broke."))
        }
        FaultEffect::Error => error(StatusCode::INTERNAL_SERVER_ERROR, "A fault was switched on."),
        FaultEffect::Refuse => error(StatusCode::UNAUTHORIZED, "The key is not one that this service knows."),
        FaultEffect::RateLimit => {
            let mut response = error(StatusCode::TOO_MANY_REQUESTS, "Too many requests.");
            response.headers_mut().insert(RETRY_AFTER, 1.into());
            response
        }
    }
}

async fn show(State(sandbox): State<Sandbox>) -> Response {
    let faults = sandbox.faults();
    Json(json!({"payment": faults.get(SimulatedService::Payment), "carrier": faults.get(SimulatedService::Carrier)}))
        .into_response()
}

async fn set(
    State(sandbox): State<Sandbox>,
    Path(service): Path<String>,
    request: Result<Json<FaultRequest>, JsonRejection>,
) -> Response {
    let played = match service.as_str() {
        "payment" => SimulatedService::Payment,
        "carrier" => SimulatedService::Carrier,
        _ => return error(StatusCode::NOT_FOUND, "There are faults of payment and of carrier."),
    };
    let request = match request {
        Ok(Json(request)) => request,
        Err(rejection) => return error(rejection.status(), &rejection.body_text()),
    };
    match sandbox.faults().set(played, &request) {
        Ok(()) => Json(sandbox.faults().get(played)).into_response(),
        Err(refused) => error(StatusCode::UNPROCESSABLE_ENTITY, &refused.to_string()),
    }
}

/// Cuts the connection; the answer that this never returns is dropped with it.
async fn cut(connection: Option<ConnectionHandle>, how: ConnectionCut) -> Response {
    match connection {
        Some(connection) => connection.cut(how).await,
        None => error(StatusCode::BAD_GATEWAY, "This connection cannot be broken."),
    }
}

fn error(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({"error": {"type": "api_error", "message": message}}))).into_response()
}

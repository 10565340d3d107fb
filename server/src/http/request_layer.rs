//! What happens around every call: one layer, because each layer boxes the call once more.
//!
//! A request gets its id. It is refused without a call when its target has no path, or when it comes from another
//! site's page. A refusal is written as a problem, the answer is compressed and gets its headers, and both are counted and logged.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument as _;

use super::compression::AcceptEncoding;
use super::csrf::CsrfGuard;
use super::failure::Failure;
use super::problems::Recipient;
use super::request_log::RequestLog;
use super::state::HttpState;
use super::{security_headers, target};

/// The state of the layer.
#[derive(Clone)]
pub struct RequestLayer {
    state: HttpState,
    /// None on the internal listener, which no browser uses.
    csrf: Option<CsrfGuard>,
}

impl RequestLayer {
    /// Returns the layer of the public listener.
    pub const fn public(state: HttpState, csrf: CsrfGuard) -> Self {
        Self { state, csrf: Some(csrf) }
    }

    /// Returns the layer of the internal listener.
    pub const fn internal(state: HttpState) -> Self {
        Self { state, csrf: None }
    }

    /// Refuses what no handler should see.
    fn admit<'a>(&'a self, request: &Request) -> impl Future<Output = Result<(), Failure>> + use<'a> {
        let has_target = target::check(request);
        let is_ours = self.csrf.as_ref().map(|csrf| csrf.check(request));
        async move {
            has_target?;
            match is_ours {
                Some(is_ours) => is_ours.await,
                None => Ok(()),
            }
        }
    }
}

/// Answers a request.
pub async fn handle(State(layer): State<RequestLayer>, request: Request, next: Next) -> Response {
    let state = &layer.state;
    let log = RequestLog::begin(&request, state);
    let recipient = Recipient::of(&request);
    let encodings = AcceptEncoding::of(request.headers());
    let admitted = layer.admit(&request);
    let mut answer = match admitted.await {
        Ok(()) => next.run(request).instrument(log.span()).await,
        Err(refused) => refused.into_response(),
    };
    recipient.render(&mut answer, log.id(), state);
    let mut answer = encodings.compress(answer).await;
    security_headers::add(answer.headers_mut(), recipient.path(), &state.config.public_url);
    log.end(&mut answer, state);
    answer
}

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use orders::{Service, StepReason};
use reqwest::{
    StatusCode,
    header::{HeaderMap, RETRY_AFTER},
};
use serde::de::DeserializeOwned;

use super::{Failure, Refusal};

/// An answer of a service. Unavailability (5xx, 429) is a [`Failure`] before it gets here.
#[derive(Debug)]
pub struct Answer {
    pub(super) service: Service,
    pub(super) effect: Effect,
    pub(super) status: StatusCode,
    pub(super) content_type: String,
    pub(super) body: Vec<u8>,
    /// Whether the last answer of this service could be parsed; shared by all its answers.
    pub(super) is_readable: Arc<AtomicBool>,
}

/// Whether a call has an effect that matters when its answer is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// None: the call can be repeated.
    Read,
    /// Possibly the requested one.
    Write,
}

impl Answer {
    /// Parses a successful answer. One that cannot be parsed comes from something in between, such as a proxy, and
    /// says nothing about the effect.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        let read = serde_json::from_slice(&self.body);
        let was_readable = self.is_readable.swap(read.is_ok(), Ordering::Relaxed);
        read.map_err(|error| {
            if was_readable {
                self.warn();
            }
            unanswered(
                self.service,
                self.effect,
                format!("its answer cannot be read: {:?}", error.classify()),
            )
        })
    }

    /// Parses the body of a refusal, if it has that form.
    pub fn error<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Returns the failure of an unforeseen answer. Nothing was done, and the customer cannot correct it: the service
    /// refuses our call. An answer that is not a refusal is retried until the step's time limit; then an operator
    /// decides.
    pub fn unexpected(&self) -> Failure {
        let body = String::from_utf8_lossy(&self.body);
        let code = code(&body);
        if let Some(refusal) = Refusal::of(self.service, self.status, &code) {
            return Failure::Refused { service: self.service, refusal };
        }
        let detail = format!("it answered {} {code}", self.status.as_u16());
        tracing::warn!(
            service = self.service.as_str(),
            status = self.status.as_u16(),
            code,
            "a service gave an unforeseen answer"
        );
        transient(self.service, StepReason::NotTaken, None, detail)
    }

    /// Returns the failure of a success that does not confirm the effect.
    pub fn inconclusive(&self) -> Failure {
        unanswered(self.service, self.effect, "its answer does not say that it was done".to_owned())
    }

    /// Logs an unreadable answer without its content, which may be personal data.
    fn warn(&self) {
        let content_type: String = self.content_type.chars().take(100).collect();
        tracing::warn!(
            service = self.service.as_str(),
            status = self.status.as_u16(),
            content_type,
            length = self.body.len(),
            "the answer of a service cannot be parsed; a proxy in between may have sent it"
        );
    }
}

pub fn transient(
    service: Service,
    reason: StepReason,
    retry_after: Option<Duration>,
    detail: String,
) -> Failure {
    Failure::Transient { service, reason, retry_after, detail }
}

/// Returns the failure of a call that was sent and not answered.
pub fn unanswered(service: Service, effect: Effect, detail: String) -> Failure {
    match effect {
        Effect::Read => transient(service, StepReason::ServiceDown, None, detail),
        Effect::Write => Failure::UnknownOutcome { service, detail },
    }
}

/// Returns `Retry-After` in seconds, the form that payment services use.
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

/// Returns the service's error code. The rest of a body may contain personal data and is not logged.
fn code(body: &str) -> String {
    serde_json::from_str::<serde_json::Value>(body)
        .ok()
        .and_then(|body| Some(body["error"]["code"].as_str().or(body["error"]["type"].as_str())?.to_owned()))
        .unwrap_or_default()
}

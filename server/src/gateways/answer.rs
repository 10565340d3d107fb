use std::time::Duration;

use orders::{Service, StepReason};
use reqwest::{
    StatusCode,
    header::{HeaderMap, RETRY_AFTER},
};
use serde::de::DeserializeOwned;

use super::Failure;

/// What a service answered. Being out of order (5xx, 429, our key refused) is a [`Failure`] already.
#[derive(Debug)]
pub struct Answer {
    pub(super) service: Service,
    pub(super) effect: Effect,
    pub(super) status: StatusCode,
    pub(super) body: Vec<u8>,
}

/// What a call leaves behind when its answer does not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: it can be asked again.
    Read,
    /// Perhaps what it asked for.
    Write,
}

impl Answer {
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_slice(&self.body).map_err(|error| {
            unanswered(self.service, self.effect, format!("its answer cannot be read: {error}"))
        })
    }

    /// The class of an answer that nobody foresaw. No customer can do anything about it, so it is tried again until the
    /// step is as old as a step may be; then an operator decides.
    pub fn unexpected(&self) -> Failure {
        let body = String::from_utf8_lossy(&self.body);
        tracing::error!(
            service = self.service.as_str(),
            status = self.status.as_u16(),
            code = code(&body),
            "a service answered with what was not foreseen"
        );
        transient(
            self.service,
            StepReason::NotTaken,
            None,
            format!("it answered {} {}", self.status.as_u16(), code(&body)),
        )
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

/// The class of a call that left and was not answered.
pub fn unanswered(service: Service, effect: Effect, detail: String) -> Failure {
    match effect {
        Effect::Read => transient(service, StepReason::ServiceDown, None, detail),
        Effect::Write => Failure::UnknownOutcome { service, detail },
    }
}

/// Retry-After in seconds, the form that payment services use.
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

/// The service's own word for an error; the rest of a body may tell of people and stays out of the log.
fn code(body: &str) -> String {
    serde_json::from_str::<serde_json::Value>(body)
        .ok()
        .and_then(|body| Some(body["error"]["code"].as_str().or(body["error"]["type"].as_str())?.to_owned()))
        .unwrap_or_default()
}

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

/// What a service answered. Being out of order (5xx, 429) is a [`Failure`] already.
#[derive(Debug)]
pub struct Answer {
    pub(super) service: Service,
    pub(super) effect: Effect,
    pub(super) status: StatusCode,
    pub(super) content_type: String,
    pub(super) body: Vec<u8>,
    /// Whether the last answer of this service could be read; shared by all its answers.
    pub(super) is_readable: Arc<AtomicBool>,
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
    /// What a successful answer says. One that cannot be read comes from something in between, such as a proxy, so it says
    /// nothing about the effect.
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

    /// What the body of a refusal says, if it is of that form.
    pub fn error<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The class of an answer that nobody foresaw. Nothing was done, and no customer can do anything about it: the service
    /// refuses us. What is no refusal is tried again until the step is as old as a step may be; then an operator decides.
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
            "a service answered with what was not foreseen"
        );
        transient(self.service, StepReason::NotTaken, None, detail)
    }

    /// The class of a success that does not say that the effect is there.
    pub fn inconclusive(&self) -> Failure {
        unanswered(self.service, self.effect, "its answer does not say that it was done".to_owned())
    }

    /// Says what came in the place of an answer, without its content: it may be anything, and tell of anybody.
    fn warn(&self) {
        let content_type: String = self.content_type.chars().take(100).collect();
        tracing::warn!(
            service = self.service.as_str(),
            status = self.status.as_u16(),
            content_type,
            length = self.body.len(),
            "an answer of a service cannot be read; something between it and us may have given it"
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

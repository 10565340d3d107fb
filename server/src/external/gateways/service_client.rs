use std::{
    fmt,
    net::IpAddr,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use orders::{Service, StepReason};
use reqwest::{Client, RequestBuilder, StatusCode, Url, header::CONTENT_TYPE, redirect::Policy};

use super::{
    Failure,
    answer::{Answer, Effect, retry_after, transient, unanswered},
};

/// The HTTP client of one external service, with its address, our key and its time-out.
#[derive(Clone)]
pub struct ServiceClient {
    service: Service,
    client: Client,
    base: String,
    key: String,
    /// Whether the last answer could be parsed.
    is_readable: Arc<AtomicBool>,
}

#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    #[error("{0} is not an http or https address")]
    Address(String),
    #[error("an HTTP client cannot be created: {0}")]
    Client(#[from] reqwest::Error),
}

impl ServiceClient {
    /// `timeout` limits one whole call.
    pub fn new(
        service: Service,
        base: &str,
        key: &str,
        timeout: Duration,
    ) -> Result<ServiceClient, GatewayError> {
        let url =
            Url::parse(base).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let url = url.ok_or_else(|| GatewayError::Address(base.to_owned()))?;
        // Only the first provider of a process is installed; any one works.
        drop(rustls::crypto::ring::default_provider().install_default());
        let mut client = Client::builder()
            .timeout(timeout)
            // Shorter than the time-out of the call, so that an unreachable service is distinguished from one that
            // does not answer.
            .connect_timeout(timeout / 2)
            .redirect(Policy::none());
        if is_on_this_machine(&url) {
            // The proxy of the environment is for addresses outside this machine.
            client = client.no_proxy();
        }
        let client = client.build()?;
        Ok(ServiceClient {
            service,
            client,
            base: base.trim_end_matches('/').to_owned(),
            key: key.to_owned(),
            is_readable: Arc::new(AtomicBool::new(true)),
        })
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("{}{path}", self.base)).bearer_auth(&self.key)
    }

    /// Starts a call with an effect and its key: repeated with the same key it has its effect once.
    pub fn post(&self, path: &str, effect_key: &str) -> RequestBuilder {
        let request = self.client.post(format!("{}{path}", self.base)).bearer_auth(&self.key);
        request.header("Idempotency-Key", effect_key)
    }

    pub async fn ask(&self, request: RequestBuilder, effect: Effect) -> Result<Answer, Failure> {
        let response = request.send().await.map_err(|error| self.unsent_or_unanswered(&error, effect))?;
        let status = response.status();
        if is_out_of_order(status) {
            let pause = retry_after(response.headers());
            let reason = if status == StatusCode::TOO_MANY_REQUESTS {
                StepReason::ServiceBusy
            } else {
                StepReason::ServiceFault
            };
            return Err(transient(self.service, reason, pause, format!("it answered {}", status.as_u16())));
        }
        let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let content_type = content_type.unwrap_or("none").to_owned();
        let body = response.bytes().await.map_err(|error| self.unsent_or_unanswered(&error, effect))?;
        let (service, is_readable) = (self.service, self.is_readable.clone());
        Ok(Answer { service, effect, status, content_type, body: body.into(), is_readable })
    }

    fn unsent_or_unanswered(&self, error: &reqwest::Error, effect: Effect) -> Failure {
        if error.is_connect() || error.is_builder() {
            return transient(self.service, StepReason::ServiceDown, None, "no connection".to_owned());
        }
        let what = if error.is_timeout() { "no answer in time" } else { "the connection broke" };
        unanswered(self.service, effect, what.to_owned())
    }
}

/// Whether the service is unavailable or too slow. An unsupported call is a refusal instead.
fn is_out_of_order(status: StatusCode) -> bool {
    (status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED)
        || matches!(
            status,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY
        )
}

/// Without the key, which is a secret.
impl fmt::Debug for ServiceClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceClient")
            .field("service", &self.service)
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

fn is_on_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

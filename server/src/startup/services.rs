//! The external services: the configured ones, and the sandbox for the others.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::sync::watch;

use super::error::StartError;
use super::task::{listen, named, stopped};
use crate::config::{ExternalService, ServeConfig};
use crate::identity::installation_secret::InstallationSecret;
use crate::identity::webhook_signature::secret_of;
use crate::listener::Phase;
use crate::sandbox::{self, Sandbox, SandboxConfig};
use crate::startup::running::Tasks;

/// The addresses of payment and carrier: the configured services, and the sandbox for the others.
pub(super) struct ServiceEndpoints {
    pub(super) payment: ExternalService,
    pub(super) carrier: ExternalService,
    pub(super) sandbox: Option<SocketAddr>,
}

/// Where the sandbox's carrier sends its webhooks, and their secret.
pub(super) struct Reports {
    pub(super) to: SocketAddr,
    pub(super) secret: Option<String>,
}

/// Returns the secret of the carrier's webhooks. For the simulated carrier it is derived from the installation
/// secret, so it is the same after each start.
pub(super) fn carrier_secret(config: &ServeConfig, installation: &InstallationSecret) -> Option<String> {
    match (&config.carrier.carrier_secret, &config.services.shipping) {
        (Some(set), _) => Some(set.clone()),
        (None, Some(_)) => None,
        (None, None) => Some(secret_of(installation.derive("carrier reports"))),
    }
}

/// Returns the services, and starts the sandbox if one is not configured.
pub(super) async fn find(
    config: &ServeConfig,
    reports: Reports,
    rear: &mut Tasks,
    ending: watch::Receiver<Phase>,
) -> Result<ServiceEndpoints, StartError> {
    let (payment, carrier) = (config.services.payment.clone(), config.services.shipping.clone());
    if let (Some(payment), Some(carrier)) = (payment.clone(), carrier.clone()) {
        return Ok(ServiceEndpoints { payment, carrier, sandbox: None });
    }
    let (door, address) = listen(config.sandbox.listen).await?;
    let sandbox = Sandbox::open(SandboxConfig {
        data: config.sandbox.data.clone(),
        pickup_seconds: config.carrier.pickup_seconds,
        delivery_seconds: config.carrier.delivery_seconds,
        notify_url: carrier
            .is_none()
            .then(|| format!("http://{}/api/v1/carrier-events", local_address(reports.to))),
        carrier_secret: reports.secret,
    })?;
    rear.spawn(named("the sandbox", sandbox::serve(door, sandbox, stopped(ending))));
    let endpoints = ExternalService::sandbox(format!("http://{address}"));
    Ok(ServiceEndpoints {
        payment: payment.unwrap_or_else(|| endpoints.clone()),
        carrier: carrier.unwrap_or(endpoints),
        sandbox: Some(address),
    })
}

/// Returns the address under which this machine reaches its own listener.
fn local_address(listener: SocketAddr) -> SocketAddr {
    let ip = match listener.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listener.port())
}

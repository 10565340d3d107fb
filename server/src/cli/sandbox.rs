//! `docket sandbox`

use std::pin::pin;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::process::{Failure, block_on, exit_at_once};
use crate::config::{Log, SandboxSettings, Sources, StoreConfig};
use crate::platform::telemetry;
use crate::sandbox::{Sandbox, SandboxConfig, serve};
use crate::startup::running::StopSignals;

pub(super) fn run(sources: &Sources) -> Result<(), Failure> {
    let settings = SandboxSettings::read(sources, &StoreConfig::read(sources)?)?;
    telemetry::start(&Log::read(sources)?);
    block_on(async {
        let mut signals = StopSignals::listen()?;
        let listener = TcpListener::bind(settings.place.listen)
            .await
            .map_err(|error| format!("The sandbox cannot listen at {}: {error}.", settings.place.listen))?;
        let address = listener.local_addr()?;
        let sandbox = Sandbox::open(SandboxConfig {
            data: settings.place.data,
            pickup_seconds: settings.carrier.pickup_seconds,
            delivery_seconds: settings.carrier.delivery_seconds,
            notify_url: settings.notify_url,
            carrier_secret: settings.carrier.carrier_secret,
        })?;
        println!("The sandbox is at http://{address}");
        let (stop, stopping) = oneshot::channel::<()>();
        let serving = serve(listener, sandbox, async { drop(stopping.await) });
        let mut serving = pin!(serving);
        tokio::select! {
            () = serving.as_mut() => return Ok(()),
            _ = signals.next() => drop(stop),
        }
        tokio::select! {
            () = serving => Ok(()),
            _ = signals.next() => exit_at_once(),
        }
    })
}

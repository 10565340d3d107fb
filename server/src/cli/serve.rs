//! `docket serve`

use std::process;

use super::{Failure, block_on};
use crate::config::{ServeConfig, Sources};
use crate::shutdown::StopSignals;
use crate::site::Site;
use crate::{startup, telemetry};

pub(super) fn run(sources: &Sources) -> Result<(), Failure> {
    let config = ServeConfig::read(sources)?;
    telemetry::start(&config.log);
    for variable in sources.unknown_variables() {
        tracing::warn!("{variable} is not a setting of this version and changes nothing");
    }
    let site = Site::find()?;
    block_on(async {
        let mut signals = StopSignals::listen()?;
        let mut running = startup::start(&config, Some(&site)).await?;
        println!("Docket is at {}", running.public_url);
        let ended = tokio::select! {
            () = signals.next() => {
                tracing::info!("stopping: no new work, streams end, what is running finishes or is handed back");
                Ok(())
            }
            fault = running.fault() => Err(Failure::from(fault)),
        };
        tokio::select! {
            () = running.stop() => ended,
            () = signals.next() => {
                tracing::warn!("told to stop a second time: exiting at once");
                process::exit(1)
            }
        }
    })
}

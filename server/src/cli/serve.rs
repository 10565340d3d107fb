//! `docket serve`

use super::process::{Failure, block_on, exit_at_once};
use crate::config::{ServeConfig, Sources};
use crate::http::site::Site;
use crate::platform::telemetry;
use crate::startup;
use crate::startup::running::{Fault, StopSignals};

pub(super) fn run(sources: &Sources) -> Result<(), Failure> {
    let config = ServeConfig::read(sources)?;
    telemetry::start(&config.log);
    for variable in sources.unknown_variables() {
        tracing::warn!("{variable} is not a setting of this version and changes nothing");
    }
    let site = Site::find()?;
    block_on(async {
        let mut signals = StopSignals::listen()?;
        let starting = startup::start(&config, Some(&site));
        let mut running = tokio::select! {
            running = starting => running?,
            () = signals.next() => return Ok(()),
        };
        println!("Docket is at {}", running.public_url);
        let fault = tokio::select! {
            () = signals.next() => None,
            fault = running.fault() => Some(fault),
        };
        let end = async {
            match fault {
                None => {
                    tracing::info!(
                        "stopping: no new work is taken, streams end, running work finishes or is handed back"
                    );
                    running.stop().await;
                    Ok(())
                }
                Some(fault @ Fault::StoreGaveUp) => {
                    running.give_up().await;
                    Err(Failure::from(fault))
                }
                Some(fault) => {
                    running.stop().await;
                    Err(Failure::from(fault))
                }
            }
        };
        tokio::select! {
            ended = end => ended,
            () = signals.next() => exit_at_once(),
        }
    })
}

//! `docket serve`

use super::process::{Failure, block_on, exit_at_once};
use crate::config::{ServeConfig, Sources};
use crate::http::site::Site;
use crate::platform::telemetry;
use crate::startup;
use crate::startup::running::{Fault, StopSignal, StopSignals};

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
            _ = signals.next() => return Ok(()),
        };
        println!("Docket is at {}", running.public_url);
        let cause = tokio::select! {
            signal = signals.next() => Ok(signal),
            fault = running.fault() => Err(fault),
        };
        let end = async {
            match cause {
                Ok(StopSignal::Terminate) => {
                    tracing::info!(
                        drain.seconds = config.work.drain.as_secs(),
                        "stopping: no job is taken and streams end; orders are accepted for this long, then running \
                         work finishes or is handed back"
                    );
                    running.drain_and_stop().await;
                    Ok(())
                }
                Ok(StopSignal::Interrupt) => {
                    tracing::info!(
                        "stopping: no new work is taken, streams end, running work finishes or is handed back"
                    );
                    running.stop().await;
                    Ok(())
                }
                Err(fault @ Fault::StoreGaveUp) => {
                    running.give_up().await;
                    Err(Failure::from(fault))
                }
                Err(fault) => {
                    running.stop().await;
                    Err(Failure::from(fault))
                }
            }
        };
        tokio::select! {
            ended = end => ended,
            _ = signals.next() => exit_at_once(),
        }
    })
}

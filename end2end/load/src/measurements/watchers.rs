//! What it costs that thousands watch one order.
//!
//! Each watcher is a server-sent event stream of the order, opened with an API key, because a session may have twenty
//! streams. The server is started with a limit of connections per address that allows them. All queues are paused, so the
//! order is idle until it is cancelled, which every watcher is told of. The streams share the machine with the server, so the
//! processor time of the client is printed too.

use std::ffi::OsStr;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::Value;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use crate::bench::{Bench, Outcome};
use crate::client::{ClientError, Request};
use crate::event_stream::EventStream;
use crate::order::{path, submission};
use crate::process::processor_time;
use crate::server::send;
use crate::table::millis;

/// So many streams are opened at the same time.
const OPENING: usize = 64;
/// So many streams have one local address: fewer than it has ports.
const PER_ADDRESS: u32 = 10_000;
/// Files and connections besides the streams.
const OTHERS: u32 = 200;
/// A watcher that is not told by then has been forgotten.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The event was not measured.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("a stream had an event before there was one")]
    TooEarly,
    #[error("a client panicked: {0}")]
    Panic(#[from] tokio::task::JoinError),
}

/// Opens `watchers` streams of one order, and cancels it.
pub async fn run(bench: &Bench, watchers: u32) -> Outcome {
    if watchers == 0 {
        return Ok(());
    }
    if let Err(limit) = allow_open_files(u64::from(watchers + OTHERS)) {
        println!("{watchers} watchers need as many open files, of which {limit} are allowed: skipped");
        return Ok(());
    }
    let connections = (watchers + OTHERS).to_string();
    let setting = ("DOCKET_MAX_CONNECTIONS_PER_ADDRESS", OsStr::new(&connections));
    let server = bench.server_with(&[setting]).await?;
    server.pause_queues().await?;
    let order: Value =
        serde_json::from_slice(&send(&server.address, submission(&server.key, "watched", 0)).await?)?;
    let path = path(&order);
    let request =
        Request::get(format!("{path}/events")).by(&server.key).header("accept", "text/event-stream");

    let (before, started) = (server.usage()?, Instant::now());
    let mut streams = Streams::open(&server.address, &request, watchers).await?;
    let (opened, after) = (started.elapsed(), server.usage()?);
    let grown = after.resident_kib.saturating_sub(before.resident_kib);
    println!(
        "{watchers} streams of one order, opened in {:.1} s, take {:.1} KiB of the server's memory each",
        opened.as_secs_f64(),
        grown as f64 / f64::from(watchers)
    );

    let (requested, used_before) = (Instant::now(), processor_time());
    server.desk(Request::post(format!("{path}/cancel"))).await?;
    let mut arrivals = timeout(TIMEOUT, streams.arrivals()).await??;
    let used = processor_time() - used_before;
    arrivals.sort_unstable();
    let (Some(first), Some(last)) = (arrivals.first(), arrivals.last()) else { return Ok(()) };
    println!(
        "  an event reaches the first {} and the last {} after the request: {} between them; the client works {} for it",
        millis(*first - requested),
        millis(*last - requested),
        millis(*last - *first),
        millis(used)
    );
    Ok(())
}

/// Open streams, each of which waits for one event.
struct Streams {
    waiting: JoinSet<Result<(Instant, EventStream), ClientError>>,
    /// Those that had it. They stay open, because a stream that is closed is work for both processes.
    told: Vec<EventStream>,
}

impl Streams {
    /// Opens streams, and returns when each waits.
    async fn open(address: &str, request: &Request, count: u32) -> Result<Self, WatchError> {
        let (address, request) = (Arc::<str>::from(address), Arc::new(request.clone()));
        let opening = Arc::new(Semaphore::new(OPENING));
        let (waiting, mut all_wait) = mpsc::unbounded_channel::<()>();
        let mut streams = JoinSet::new();
        for number in 0..count {
            let (address, request) = (address.clone(), request.clone());
            let (opening, waiting) = (opening.clone(), waiting.clone());
            streams.spawn(async move {
                let permit = opening.acquire_owned().await.map_err(io::Error::other)?;
                let stream = EventStream::open(local_address(number), &address, &request).await?;
                drop((permit, waiting));
                Ok((stream.event().await?, stream))
            });
        }
        drop(waiting);
        // Each stream that is open, or could not be opened, has dropped its sender.
        while all_wait.recv().await.is_some() {}
        if let Some(ended) = streams.try_join_next() {
            ended??;
            return Err(WatchError::TooEarly);
        }
        Ok(Self { waiting: streams, told: Vec::with_capacity(count as usize) })
    }

    /// Returns when the event arrived at each.
    async fn arrivals(&mut self) -> Result<Vec<Instant>, WatchError> {
        let mut arrivals = Vec::with_capacity(self.waiting.len());
        while let Some(joined) = self.waiting.join_next().await {
            let (arrived, stream) = joined??;
            arrivals.push(arrived);
            self.told.push(stream);
        }
        Ok(arrivals)
    }
}

/// Returns the local address of a stream.
fn local_address(number: u32) -> Ipv4Addr {
    Ipv4Addr::from(Ipv4Addr::LOCALHOST.to_bits() + number / PER_ADDRESS)
}

/// Allows this process, and those that it starts, so many open files, or returns how many are allowed.
fn allow_open_files(files: u64) -> Result<(), u64> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= files) {
        return Ok(());
    }
    // Only a privileged process may raise the maximum.
    let maximum = maximum.map(|maximum| maximum.max(files));
    let raised = Rlimit { current: Some(files), maximum };
    setrlimit(Resource::Nofile, raised).map_err(|_| getrlimit(Resource::Nofile).maximum.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_local_address_has_more_streams_than_ports() {
        assert_eq!(local_address(PER_ADDRESS - 1), Ipv4Addr::new(127, 0, 0, 1));
        assert_eq!(local_address(PER_ADDRESS), Ipv4Addr::new(127, 0, 0, 2));
    }
}

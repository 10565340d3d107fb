//! What the commands of the program share: their error, their runtime, and the store that they open.

use std::process;
use std::sync::Arc;

use crate::config::{Sources, StoreConfig};
use crate::store::Store;
use crate::store::sqlite::{OpenError, SqliteConfig, SqliteStore};

/// Why a command failed: a sentence for the person who ran it.
pub(super) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs a command on a runtime with at least four threads, because rendering a page may keep one busy for a while.
pub(super) fn block_on<T>(command: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let threads = std::thread::available_parallelism().map_or(4, |cores| cores.get().max(4));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()?;
    let done = runtime.block_on(command);
    // What is still running was told to stop and did not.
    runtime.shutdown_background();
    done
}

/// Exits the process after a second stop signal.
pub(super) fn exit_at_once() -> ! {
    tracing::warn!("second stop signal: exiting at once");
    process::exit(1)
}

/// Opens the store for a short command without event subscribers.
pub(super) async fn open_store(sources: &Sources) -> Result<Arc<dyn Store>, Failure> {
    let path = StoreConfig::read(sources)?.file;
    let opened: Result<_, OpenError> =
        SqliteStore::open(&SqliteConfig { path, public_url: String::new() }, Box::new(drop)).await;
    Ok(opened?)
}

/// Messages for people go to standard error, so that standard output has only the requested output.
#[expect(clippy::print_stderr, reason = "the command line is where people read it")]
pub(super) fn print_message(sentence: &str) {
    eprintln!("{sentence}");
}

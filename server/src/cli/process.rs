//! What the commands of the program share: their error, their runtime, and the store that they open.

use std::fs::File;
use std::process;
use std::sync::Arc;

use crate::config::{Sources, StoreConfig};
use crate::startup::{self, StartError};
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

/// Opens the store for a short command without event subscribers, also beside a running server.
pub(super) async fn open_store(sources: &Sources) -> Result<Arc<dyn Store>, Failure> {
    let config = StoreConfig::read(sources)?;
    let _lock = lock_to_migrate(&config)?;
    let file = SqliteConfig { path: config.file, public_url: String::new() };
    let opened: Result<_, OpenError> = SqliteStore::open(&file, Box::new(drop)).await;
    Ok(opened?)
}

/// Locks a database of an earlier version, whose tables a running server of that version could no longer read.
fn lock_to_migrate(store: &StoreConfig) -> Result<Option<File>, Failure> {
    if !SqliteStore::is_outdated(&store.file)? {
        return Ok(None);
    }
    match startup::lock(store) {
        Ok(lock) => {
            print_message("The database is migrated to this version; with many orders this takes minutes.");
            Ok(Some(lock))
        }
        Err(StartError::Taken(file)) => Err(format!(
            "{} belongs to an earlier version of Docket and is being served: restart the server with this version \
             first.",
            file.display()
        )
        .into()),
        Err(error) => Err(error.into()),
    }
}

/// Messages for people go to standard error, so that standard output has only the requested output.
#[expect(clippy::print_stderr, reason = "the command line is where people read it")]
pub(super) fn print_message(sentence: &str) {
    eprintln!("{sentence}");
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::*;
    use crate::store::sqlite::migration_tests::outdated_database;

    fn sources(database: &Path) -> Sources {
        let variable = ("DOCKET_DATABASE_URL".to_owned(), format!("sqlite://{}", database.display()));
        Sources::of(BTreeMap::new(), BTreeMap::from([variable]), "docket.toml", "").unwrap()
    }

    #[tokio::test]
    async fn a_command_does_not_migrate_the_database_of_a_running_server() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("docket.db");
        outdated_database(&database).await;
        let sources = sources(&database);
        let server = startup::lock(&StoreConfig::read(&sources).unwrap()).unwrap();
        let refused = open_store(&sources).await.err().unwrap().to_string();
        assert!(refused.ends_with("restart the server with this version first."), "{refused}");
        assert!(SqliteStore::is_outdated(&database).unwrap());

        drop(server);
        open_store(&sources).await.unwrap().close().await;
        assert!(!SqliteStore::is_outdated(&database).unwrap());
    }

    #[tokio::test]
    async fn a_command_works_beside_a_server_of_its_version_and_on_a_new_database() {
        let folder = tempfile::tempdir().unwrap();
        let sources = sources(&folder.path().join("docket.db"));
        let _server = startup::lock(&StoreConfig::read(&sources).unwrap()).unwrap();
        for _ in 0..2 {
            open_store(&sources).await.unwrap().close().await;
        }
    }
}

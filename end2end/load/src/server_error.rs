//! What can be wrong with the measured server.

use std::io;
use std::path::PathBuf;

use crate::client::ClientError;

/// The server could not be started or used.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    #[error("{} cannot be run: {error}; build it with `cargo build --release -p server`, or name it with --docket", .program.display())]
    Program { program: PathBuf, error: io::Error },
    #[error("the server's folder or process cannot be used: {0}")]
    Io(#[from] io::Error),
    #[error("`docket {0}` failed: {1}")]
    Failed(&'static str, String),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("{0} {1} was answered with {2}")]
    Status(&'static str, String, hyper::StatusCode),
    #[error("the answer to a request is not as the API documents it: {0}")]
    Answer(#[from] serde_json::Error),
    #[error("{0} orders cannot be confirmed, so the time until all are is not measured")]
    NotConfirmable(u64),
}

//! Why the server cannot start.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use queue::StoreError;

use crate::catalog::CatalogError;
use crate::external::gateways::{GatewayError, MailerError};
use crate::http::RouterError;
use crate::identity::secret_file::SecretFileError;
use crate::identity::webhook_signature::MalformedSecret;
use crate::sandbox::SandboxError;
use crate::store::ReadError;
use crate::store::sqlite::OpenError;

/// The server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address cannot be bound.
    #[error("Docket cannot listen at {address}: {error}.")]
    Listen { address: SocketAddr, error: io::Error },
    /// Two servers on one SQLite file would claim each other's jobs.
    #[error("Another docket already serves {}.", .0.display())]
    Taken(PathBuf),
    /// The folder of the database cannot be used.
    #[error("The folder of {} cannot be used: {error}.", .file.display())]
    Folder { file: PathBuf, error: io::Error },
    /// The secret file belongs to another database.
    #[error(
        "{} holds the secret of the links of another database than this one: move it to another place and start again.",
        .0.display()
    )]
    ForeignSecret(PathBuf),
    #[error(transparent)]
    Secret(#[from] SecretFileError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Write(#[from] StoreError),
    #[error("the sample shop cannot be loaded: {0}")]
    Catalog(#[from] CatalogError),
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    #[error("an external service cannot be used: {0}")]
    Gateway(#[from] GatewayError),
    #[error(transparent)]
    Mailer(#[from] MailerError),
    #[error(transparent)]
    Router(#[from] RouterError),
    #[error("DOCKET_CARRIER_SECRET cannot be used: {0}")]
    CarrierSecret(#[from] MalformedSecret),
    #[error("the operating system has no randomness: {0}")]
    Randomness(#[from] getrandom::Error),
}

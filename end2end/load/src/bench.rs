//! What every measurement needs: the programs, and how long and with how many connections to measure.

use std::error::Error;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::time::Duration;

use hyper::StatusCode;

use crate::client::Request;
use crate::installation::Installation;
use crate::measure::{MeasureError, Measured, measure};
use crate::order;
use crate::server::{Server, send};
use crate::server_error::ServerError;

/// The result of a measurement: its figures are printed, and an error says why there are none.
pub type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// The programs and settings of a run.
pub struct Bench {
    /// The program to measure.
    pub docket: PathBuf,
    /// Where the databases are kept.
    pub folder: PathBuf,
    /// The built site; none when there is none.
    pub site: Option<PathBuf>,
    /// The numbers of concurrent connections.
    pub concurrency: Vec<usize>,
    /// How long each rate is measured.
    pub duration: Duration,
    /// The address of the bound; empty until it is started.
    pub bound_address: String,
}

impl Bench {
    /// Creates a new installation.
    pub async fn installation(&self) -> Result<Installation, ServerError> {
        Installation::create(&self.docket, &self.folder).await
    }

    /// Starts a server on a new database.
    pub async fn server(&self) -> Result<Server, ServerError> {
        self.server_with(&[]).await
    }

    /// Starts a server on a new database, with these environment variables.
    pub async fn server_with(&self, environment: &[(&str, &OsStr)]) -> Result<Server, ServerError> {
        Server::start(self.installation().await?, environment).await
    }

    /// Returns the largest number of connections.
    pub fn most_connections(&self) -> usize {
        self.concurrency.iter().copied().max().unwrap_or(1)
    }

    /// Measures the bound.
    pub async fn bound(&self, connections: usize) -> Result<Measured, MeasureError> {
        self.accepted(&self.bound_address, "", connections).await
    }

    /// Measures accepted orders.
    pub async fn accepted(
        &self,
        address: &str,
        key: &str,
        connections: usize,
    ) -> Result<Measured, MeasureError> {
        let submit = order::submissions(key, connections);
        measure(address, connections, self.duration, StatusCode::ACCEPTED, submit).await
    }

    /// Measures a request that is answered with 200.
    pub async fn answered(
        &self,
        address: &str,
        connections: usize,
        request: Request,
    ) -> Result<Measured, MeasureError> {
        measure(address, connections, self.duration, StatusCode::OK, move |_| request.clone()).await
    }

    /// Returns the length of the answer to an order.
    pub async fn answer_bytes(&self) -> Result<usize, ServerError> {
        let server = self.server().await?;
        Ok(send(&server.address, order::submission(&server.key, "answer", 0)).await?.len())
    }
}

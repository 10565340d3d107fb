//! What every module may use: randomness, private files, failpoints, the log.

pub mod entropy;
pub mod failpoint;
pub mod private_files;
pub mod telemetry;

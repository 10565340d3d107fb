//! The program `docket`.

use std::process::ExitCode;

fn main() -> ExitCode {
    server::cli::run()
}

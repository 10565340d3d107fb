//! The program `docket`.
// The type of a page is as deep as its elements are nested.
#![recursion_limit = "512"]

use std::process::ExitCode;

fn main() -> ExitCode {
    server::cli::run()
}

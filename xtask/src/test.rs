//! `cargo xtask test`: all checks and tests.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use crate::browser;
use crate::build::{self, Profile};
use crate::cargo_checks;
use crate::dependencies;
use crate::progress::{Progress, say};
use crate::test_count::TestCount;
use crate::torture;
use crate::workspace::Workspace;

#[derive(Args)]
pub struct Choice {
    /// Only what needs no browser: formatting, lints, Rust tests, fault injection
    #[arg(long, conflicts_with = "browser")]
    fast: bool,
    /// Only the browser tests
    #[arg(long)]
    browser: bool,
    /// With --browser: arguments after `--` are passed to `playwright test`
    #[arg(last = true, requires = "browser")]
    playwright_args: Vec<String>,
}

pub fn test(workspace: &Workspace, choice: &Choice) -> Result<ExitCode> {
    let rust_steps =
        if choice.browser { 0 } else { cargo_checks::STEPS + dependencies::STEPS + torture::STEPS };
    let browser_steps = if choice.fast { 0 } else { build::STEPS + browser::STEPS };
    let mut progress = Progress::of(rust_steps + browser_steps);

    let mut sum = TestCount::default();
    if !choice.browser {
        sum = sum.and(cargo_checks::run(workspace, &mut progress)?);
        dependencies::check(workspace, &mut progress)?;
        sum = sum.and(torture::smoke_test(workspace, &mut progress)?);
    }
    if !choice.fast {
        let built = build::docket(workspace, Profile::Dev, &mut progress)?;
        sum = sum.and(browser::run(workspace, &built, &choice.playwright_args, &mut progress)?);
    }
    say(format_args!("tests: {} passed, {} failed", sum.passed, sum.failed));
    Ok(if sum.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

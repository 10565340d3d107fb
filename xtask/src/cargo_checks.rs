//! Formatting, lints, and the tests in Rust.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::nginx;
use crate::postgres;
use crate::progress::{Progress, say};
use crate::shell;
use crate::test_count::TestCount;
use crate::workspace::Workspace;

/// How many steps [`run`] announces.
pub const STEPS: usize = 4;

/// The crate for the browser. It is never built together with the others: the server's features of the app would be
/// unified with it, and event handlers would vanish.
const BROWSER_ONLY: &str = "frontend";

pub fn run(workspace: &Workspace, progress: &mut Progress) -> Result<TestCount> {
    progress.step("Formatting", || {
        obtain(workspace, "fmt", "rustfmt")?;
        shell::run(workspace.cargo().args(["fmt", "--all", "--", "--check"]))
            .context("the formatting differs: run `cargo fmt --all`")
    })?;
    progress.step("Lints", || {
        obtain(workspace, "clippy", "clippy")?;
        shell::run(&mut clippy(workspace, &server_side(workspace)))
    })?;
    progress.step("Lints of what the browser gets", || {
        shell::run(&mut clippy(workspace, &["--package", BROWSER_ONLY]))
    })?;
    progress.step("Tests in Rust", || {
        let (nginx, postgres) = (nginx::obtain(workspace)?, postgres::obtain()?);
        let mut cargo = workspace.cargo();
        cargo.args(["test", "--no-fail-fast"]).args(server_side(workspace));
        cargo.env("DOCKET_NGINX", nginx).env("DOCKET_POSTGRES", postgres);
        counted(&mut cargo, result_of)
    })
}

fn clippy(workspace: &Workspace, crates: &[&str]) -> Command {
    let mut cargo = workspace.cargo();
    cargo.args(["clippy", "--all-targets"]).args(crates).args(["--", "--deny", "warnings"]);
    cargo
}

fn server_side(workspace: &Workspace) -> Vec<&str> {
    let crates = workspace.crates.iter().filter(|name| *name != BROWSER_ONLY);
    crates.flat_map(|name| ["--package", name.as_str()]).collect()
}

/// Installs a component that a minimal toolchain does not have.
fn obtain(workspace: &Workspace, subcommand: &str, component: &str) -> Result<()> {
    if shell::succeeds(workspace.cargo().args([subcommand, "--version"])) {
        return Ok(());
    }
    say(format_args!("      rustup component add {component}"));
    shell::run(Command::new("rustup").args(["component", "add", component])).with_context(|| {
        format!("`cargo {subcommand}` is missing: install {component}, with rustup or your system's packages")
    })
}

/// Runs tests with their output visible, and sums up the counts that `result_of` finds.
pub fn counted(tests: &mut Command, result_of: impl Fn(&str) -> Option<TestCount>) -> Result<TestCount> {
    let mut child = tests.stdout(Stdio::piped()).spawn().context("the tests could not be started")?;
    let output = child.stdout.take().context("the tests have no output")?;
    let mut sum = TestCount::default();
    for line in BufReader::new(output).lines() {
        let line = line?;
        say(&line);
        if let Some(tally) = result_of(&line) {
            sum = sum.and(tally);
        }
    }
    let status = child.wait()?;
    if !status.success() && sum.failed == 0 {
        bail!("the tests ended with {status} and none failed: the lines above say why");
    }
    ensure!(sum.passed + sum.failed > 0, "no test was run");
    Ok(sum)
}

/// Parses `test result: ok. 12 passed; 0 failed; …`.
fn result_of(line: &str) -> Option<TestCount> {
    let counts = line.strip_prefix("test result: ")?.split_once(". ")?.1;
    let count = |word: &str| {
        let part = counts.split("; ").find_map(|part| part.strip_suffix(word))?;
        part.trim().parse().ok()
    };
    Some(TestCount { passed: count("passed")?, failed: count("failed")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_of_a_test_program_is_counted() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        let tally = result_of(line).unwrap();
        assert_eq!((tally.passed, tally.failed), (12, 3));
    }

    #[test]
    fn other_lines_are_not_counted() {
        assert!(result_of("test orders::money ... ok").is_none());
    }
}

//! The tests in a real browser.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::build::Docket;
use crate::debian;
use crate::npm;
use crate::progress::{Progress, say};
use crate::shell;
use crate::test_count::TestCount;
use crate::workspace::Workspace;

/// How many steps [`run`] announces.
pub const STEPS: usize = 2;

/// Where a Chromium may already be.
const PROGRAMS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
const BY_HAND: &str =
    "Install Chromium, and name the program in DOCKET_CHROMIUM if it is not on the search path.";

/// Runs Playwright against this server and its site.
pub fn run(
    workspace: &Workspace,
    docket: &Docket,
    arguments: &[String],
    progress: &mut Progress,
) -> Result<TestCount> {
    let folder = workspace.root.join("end2end/browser");
    let chromium = progress.step("Find Chromium and the npm packages", || {
        npm::install_locked(&folder)?;
        obtain_chromium(&folder)
    })?;
    progress.step("Tests in the browser", || {
        shell::run(npx(&folder).arg("tsc")).context("the browser tests have errors of type")?;
        let report = workspace.target.join("browser-tests.json");
        let mut playwright = npx(&folder);
        playwright.args(["playwright", "test", "--reporter=list,json"]).args(arguments);
        playwright.env("PLAYWRIGHT_JSON_OUTPUT_FILE", &report).env("LEPTOS_SITE_ROOT", &docket.site);
        playwright.env("DOCKET_BIN", &docket.program);
        playwright.env("DOCKET_CHROMIUM", chromium.unwrap_or_default());
        counted(&mut playwright, &report)
    })
}

/// Returns the browser to use; none is the one that Playwright has installed.
fn obtain_chromium(folder: &Path) -> Result<Option<PathBuf>> {
    if let Some(named) = env::var_os("DOCKET_CHROMIUM") {
        return Ok(Some(named.into()));
    }
    if let Some(found) = PROGRAMS.iter().find_map(|program| shell::find(program)) {
        return Ok(Some(found));
    }
    if debian::is_here() {
        debian::install(&["chromium"], BY_HAND)?;
        return Ok(shell::find("chromium"));
    }
    say("      npx playwright install chromium");
    shell::run(npx(folder).args(["playwright", "install", "chromium"]))
        .with_context(|| format!("Chromium is missing. {BY_HAND}"))?;
    Ok(None)
}

fn npx(folder: &Path) -> Command {
    let mut command = Command::new("npx");
    command.arg("--no-install").current_dir(folder);
    command
}

/// Runs Playwright with its output visible, and reads the counts from its report.
fn counted(playwright: &mut Command, report: &Path) -> Result<TestCount> {
    if report.exists() {
        fs::remove_file(report)?;
    }
    let outcome = shell::run(playwright);
    let Ok(json) = fs::read_to_string(report) else {
        bail!("Playwright left no report: the lines above say why");
    };
    let stats = &serde_json::from_str::<Value>(&json)?["stats"];
    let count = |name: &str| stats[name].as_u64().unwrap_or_default();
    let tally = TestCount { passed: count("expected") + count("flaky"), failed: count("unexpected") };
    match outcome {
        Err(error) if tally.failed == 0 => Err(error),
        _ => Ok(tally),
    }
}

//! An experiment, its input, and its findings.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

use crate::system::{Paths, Workdir};

/// An experiment.
#[derive(Debug, Clone)]
pub struct Experiment {
    /// Its name for `--only`.
    pub name: &'static str,
    /// What it does.
    pub description: &'static str,
    /// What must hold beside the twelve invariants.
    pub pass: &'static str,
    /// Whether it is part of the test command.
    pub is_smoke_test: bool,
    /// What it needs from the machine.
    pub requires: &'static [Requirement],
    /// Runs it.
    pub run: fn(RunConfig) -> BoxFuture<'static, Result<Findings>>,
}

/// What not every machine has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requirement {
    /// `strace`, with the permission to trace.
    Strace,
    /// Mounts in a namespace of its own.
    Mounts,
    /// A file system in a file, which can be shut down as by a power cut.
    PowerCut,
    /// The program with failpoints.
    Failpoints,
    /// `schemathesis`, which `cargo xtask torture` installs where there is Python.
    Schemathesis,
    /// Tens of thousands of open files, in this process and in each that it starts.
    Files,
}

/// The input of an experiment.
#[derive(Debug, Clone)]
pub struct RunConfig {
    pub paths: Paths,
    /// The seed of all random choices.
    pub seed: u64,
    pub scale: Scale,
    /// How long orders and watchers may take to become quiet after everything is healed.
    pub time_limit: Duration,
}

/// The scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Less than a minute each; part of the test command.
    Smoke,
    /// A few minutes each.
    Usual,
    /// The full scale of the promises.
    Full,
}

/// The findings.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub struct Findings {
    /// Measurements, in the order of the report.
    pub figures: Vec<(String, String)>,
    /// Violations.
    pub violations: Vec<String>,
    /// The folder that was kept for an investigation.
    pub left_in: Option<PathBuf>,
}

/// How an experiment ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Verdict {
    /// Without violations.
    Passed(Findings),
    /// With violations.
    Failed(Findings),
    /// This machine cannot run it, and why.
    Skipped(String),
    /// The experiment itself failed.
    Broken(String),
}

impl RunConfig {
    /// Uses the program with failpoints.
    ///
    /// # Errors
    /// When none was given.
    pub fn with_failpoints(mut self) -> Result<Self> {
        self.paths.docket = self.paths.failpoints.clone().context("no program with failpoints was given")?;
        Ok(self)
    }

    /// Returns the value for the scale.
    pub fn pick<T>(&self, smoke: T, usual: T, full: T) -> T {
        match self.scale {
            Scale::Smoke => smoke,
            Scale::Usual => usual,
            Scale::Full => full,
        }
    }
}

impl Findings {
    /// Adds a measurement.
    pub fn figure(&mut self, name: &str, value: impl ToString) {
        self.figures.push((name.to_owned(), value.to_string()));
    }

    /// Adds a violation.
    pub fn violation(&mut self, what: impl ToString) {
        self.violations.push(what.to_string());
    }

    /// Adds a violation unless the condition holds.
    pub fn expect(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
        if !holds {
            self.violation(otherwise());
        }
    }

    /// Adds the findings of one part of an experiment.
    pub fn include(&mut self, part: &str, found: Self) {
        self.figures
            .extend(found.figures.into_iter().map(|(name, value)| (format!("{part}: {name}"), value)));
        self.violations.extend(found.violations.into_iter().map(|what| format!("{part}: {what}")));
        self.left_in = self.left_in.take().or(found.left_in);
    }

    /// Keeps the folder when there are violations.
    pub fn with_evidence(mut self, workdir: Workdir) -> Self {
        if !self.violations.is_empty() {
            self.left_in = Some(workdir.keep());
        }
        self
    }

    /// Returns the measurements in one line.
    pub fn summary(&self) -> String {
        let figures = self.figures.iter().map(|(name, value)| format!("{name} {value}"));
        figures.collect::<Vec<_>>().join(" · ")
    }
}

impl From<Result<Findings>> for Verdict {
    fn from(ended: Result<Findings>) -> Self {
        match ended {
            Ok(findings) if findings.violations.is_empty() => Self::Passed(findings),
            Ok(findings) => Self::Failed(findings),
            Err(error) => Self::Broken(format!("{error:#}")),
        }
    }
}

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
    /// The name for `--only`.
    pub name: &'static str,
    /// The faults that it injects, and under which load.
    pub description: &'static str,
    /// The conditions under which it passes, beside the twelve invariants.
    pub pass: &'static str,
    /// Whether it is part of the test command.
    pub is_smoke_test: bool,
    /// What it needs from the machine.
    pub requires: &'static [Requirement],
    /// The experiment itself.
    pub run: fn(RunConfig) -> BoxFuture<'static, Result<Findings>>,
}

/// A program or permission that not every machine has.
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
    OpenFiles,
}

/// The input of an experiment.
#[derive(Debug, Clone)]
pub struct RunConfig {
    pub paths: Paths,
    /// The seed of all random choices.
    pub seed: u64,
    pub scale: Scale,
    /// How long orders and watchers may take to become quiet after all faults are cleared.
    pub time_limit: Duration,
}

/// The scale of an experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Less than a minute each; part of the test command.
    Smoke,
    /// A few minutes each.
    Usual,
    /// The full scale, which takes hours.
    Full,
}

/// The findings of an experiment.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub struct Findings {
    /// Measurements, in the order of the report.
    pub figures: Vec<(String, String)>,
    /// Violations of the invariants or of the experiment's own conditions, each a sentence.
    pub violations: Vec<String>,
    /// The folder that was kept for an investigation.
    pub kept_folder: Option<PathBuf>,
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
    pub fn violation(&mut self, description: impl ToString) {
        self.violations.push(description.to_string());
    }

    /// Adds a violation unless the condition holds.
    pub fn expect(&mut self, holds: bool, description: impl FnOnce() -> String) {
        if !holds {
            self.violation(description());
        }
    }

    /// Adds the findings of one part of an experiment.
    pub fn include(&mut self, part: &str, findings: Self) {
        self.figures
            .extend(findings.figures.into_iter().map(|(name, value)| (format!("{part}: {name}"), value)));
        self.violations
            .extend(findings.violations.into_iter().map(|violation| format!("{part}: {violation}")));
        self.kept_folder = self.kept_folder.take().or(findings.kept_folder);
    }

    /// Keeps the working directory when there are violations.
    pub fn keep_folder_if_violated(mut self, workdir: Workdir) -> Self {
        if !self.violations.is_empty() {
            self.kept_folder = Some(workdir.keep());
        }
        self
    }

    /// Returns the measurements in one line.
    pub fn summary(&self) -> String {
        let figures = self.figures.iter().map(|(name, value)| format!("{name} {value}"));
        figures.collect::<Vec<_>>().join(" · ")
    }
}

impl Verdict {
    /// Returns its name in the report.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Passed(_) => "passed",
            Self::Failed(_) => "FAILED",
            Self::Skipped(_) => "skipped",
            Self::Broken(_) => "BROKEN",
        }
    }
}

impl From<Result<Findings>> for Verdict {
    fn from(result: Result<Findings>) -> Self {
        match result {
            Ok(findings) if findings.violations.is_empty() => Self::Passed(findings),
            Ok(findings) => Self::Failed(findings),
            Err(error) => Self::Broken(format!("{error:#}")),
        }
    }
}

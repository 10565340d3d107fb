//! What an experiment is, what it is given, and what it finds.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

use crate::system::{Ground, Place};

/// One way to break things.
#[derive(Debug, Clone)]
pub struct Experiment {
    /// How `--only` names it.
    pub name: &'static str,
    /// What is done, in a few words.
    pub how: &'static str,
    /// What must come out, beside the twelve invariants.
    pub pass: &'static str,
    /// Whether it is among those that run with every test.
    pub in_slice: bool,
    /// What the machine must have for it.
    pub needs: &'static [Need],
    /// Does it.
    pub run: fn(Bench) -> BoxFuture<'static, Result<Findings>>,
}

/// What not every machine has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// `strace`, allowed to trace.
    Strace,
    /// Mounts of its own, in a namespace of its own.
    Mounts,
    /// A file system in a file, which can be cut off as if its power were.
    PowerCut,
    /// A program that was built with failpoints.
    Failpoints,
    /// `schemathesis`, which `cargo xtask torture` installs where there is Python.
    Schemathesis,
    /// Tens of thousands of open files, in this process and in each that it starts.
    Files,
}

/// What an experiment is given.
#[derive(Debug, Clone)]
pub struct Bench {
    pub ground: Ground,
    /// Everything that is drawn is drawn from it.
    pub seed: u64,
    pub scale: Scale,
    /// After everything is healed, so long may orders still move and watchers still hear.
    pub patience: Duration,
}

/// How much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Less than a minute each; runs with every test.
    Slice,
    /// A few minutes each.
    Usual,
    /// As much as the promises ask for.
    Full,
}

/// What came out.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub struct Findings {
    /// Figures, in the order in which they are told.
    pub facts: Vec<(String, String)>,
    /// What must not be.
    pub violations: Vec<String>,
    /// Where everything is left for whoever looks into it.
    pub left_in: Option<PathBuf>,
}

/// How an experiment ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Ending {
    /// Nothing was violated.
    Passed(Findings),
    /// Something was.
    Failed(Findings),
    /// This machine cannot do it, and why.
    Skipped(String),
    /// It could not be carried through.
    Broken(String),
}

impl Bench {
    /// With the program that has failpoints.
    ///
    /// # Errors
    /// When none was given.
    pub fn with_failpoints(mut self) -> Result<Self> {
        self.ground.docket =
            self.ground.failpoints.clone().context("no program with failpoints was given")?;
        Ok(self)
    }

    /// What fits the scale.
    pub fn pick<T>(&self, slice: T, usual: T, full: T) -> T {
        match self.scale {
            Scale::Slice => slice,
            Scale::Usual => usual,
            Scale::Full => full,
        }
    }
}

impl Findings {
    /// Notes a figure.
    pub fn fact(&mut self, name: &str, value: impl ToString) {
        self.facts.push((name.to_owned(), value.to_string()));
    }

    /// Notes what must not be.
    pub fn violation(&mut self, what: impl ToString) {
        self.violations.push(what.to_string());
    }

    /// Notes what must not be, unless it is not.
    pub fn expect(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
        if !holds {
            self.violation(otherwise());
        }
    }

    /// Takes in what one part of an experiment found.
    pub fn include(&mut self, part: &str, found: Self) {
        self.facts.extend(found.facts.into_iter().map(|(name, value)| (format!("{part}: {name}"), value)));
        self.violations.extend(found.violations.into_iter().map(|what| format!("{part}: {what}")));
        self.left_in = self.left_in.take().or(found.left_in);
    }

    /// Leaves everything at its place when there is something to look into.
    pub fn with_evidence(mut self, place: Place) -> Self {
        if !self.violations.is_empty() {
            self.left_in = Some(place.leave());
        }
        self
    }

    /// The figures in one line.
    pub fn told(&self) -> String {
        let facts = self.facts.iter().map(|(name, value)| format!("{name} {value}"));
        facts.collect::<Vec<_>>().join(" · ")
    }
}

impl From<Result<Findings>> for Ending {
    fn from(ended: Result<Findings>) -> Self {
        match ended {
            Ok(findings) if findings.violations.is_empty() => Self::Passed(findings),
            Ok(findings) => Self::Failed(findings),
            Err(error) => Self::Broken(format!("{error:#}")),
        }
    }
}

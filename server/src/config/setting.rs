//! One thing that can be set, and what is said when it is set wrong.

use std::fmt;

/// One thing that can be set.
#[derive(Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its name in `docket.toml`. The flag and the variable are made of it: `lease_seconds`, `--lease-seconds`,
    /// `DOCKET_LEASE_SECONDS`.
    pub name: &'static str,
    /// What a value looks like, in capital letters.
    pub value: &'static str,
    /// What holds when nobody sets it, as it would be written.
    pub default: Option<&'static str>,
    /// What it means, for `--help`.
    pub meaning: &'static str,
    /// A value that is never shown.
    pub secret: bool,
}

impl Setting {
    /// Its variable.
    pub fn variable(&self) -> String {
        format!("DOCKET_{}", self.name.to_ascii_uppercase())
    }

    /// Its flag, without the dashes in front.
    pub fn flag(&self) -> String {
        self.name.replace('_', "-")
    }
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    Flag,
    Environment,
    /// The file of that name.
    File(String),
}

/// A setting that nobody can start with: one sentence that names it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Wrong(pub(super) String);

/// A value that somebody set.
#[derive(Debug, Clone)]
pub(super) struct Given<'a> {
    pub setting: &'static Setting,
    pub text: &'a str,
    pub origin: &'a Origin,
}

impl Given<'_> {
    /// Says that the value is not what it must be.
    pub(super) fn must_be(&self, expected: &str) -> Wrong {
        if self.setting.secret {
            Wrong(format!("{self} must be {expected}."))
        } else {
            Wrong(format!("{self} must be {expected}, not {:?}.", self.text))
        }
    }
}

/// The name under which it was set.
impl fmt::Display for Given<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.origin {
            Origin::Flag => write!(f, "--{}", self.setting.flag()),
            Origin::Environment => f.write_str(&self.setting.variable()),
            Origin::File(file) => write!(f, "{} in {file}", self.setting.name),
        }
    }
}

//! One setting, and the error of an invalid value.

use std::fmt;

/// One setting.
#[derive(Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its name in `docket.toml`. The flag and the variable are derived from it: `lease_seconds`, `--lease-seconds`,
    /// `DOCKET_LEASE_SECONDS`.
    pub name: &'static str,
    /// The placeholder of its value, in capital letters.
    pub value: &'static str,
    /// The default, as it would be written.
    pub default: Option<&'static str>,
    /// Its meaning, for `--help`.
    pub meaning: &'static str,
    /// Whether its value is never shown.
    pub secret: bool,
}

impl Setting {
    /// Returns its environment variable.
    pub fn variable(&self) -> String {
        format!("DOCKET_{}", self.name.to_ascii_uppercase())
    }

    /// Returns its flag, without the leading dashes.
    pub fn flag(&self) -> String {
        self.name.replace('_', "-")
    }
}

/// The source of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    Flag,
    Environment,
    /// This file.
    File(String),
}

/// An invalid setting: one sentence that names it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidSetting(pub(super) String);

/// A given value.
#[derive(Debug, Clone)]
pub(super) struct Given<'a> {
    pub setting: &'static Setting,
    pub text: &'a str,
    pub origin: &'a Origin,
}

impl Given<'_> {
    /// Returns the error of an invalid value.
    pub(super) fn must_be(&self, expected: &str) -> InvalidSetting {
        if self.setting.secret {
            InvalidSetting(format!("{self} must be {expected}."))
        } else {
            InvalidSetting(format!("{self} must be {expected}, not {:?}.", self.text))
        }
    }
}

/// The name under which it was given.
impl fmt::Display for Given<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.origin {
            Origin::Flag => write!(f, "--{}", self.setting.flag()),
            Origin::Environment => f.write_str(&self.setting.variable()),
            Origin::File(file) => write!(f, "{} in {file}", self.setting.name),
        }
    }
}

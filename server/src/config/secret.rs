use std::path::PathBuf;

use super::{InvalidSetting, Setting, Sources, StoreConfig};

/// The installation secret, from which the secrets of private links, sessions and webhooks are derived.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretConfig {
    /// The secret, when it is set: `DOCKET_SECRET`.
    pub given: Option<String>,
    /// The file that has it otherwise: beside the database, with its name and the ending `secret`.
    pub file: PathBuf,
}

const SECRET: Setting = Setting {
    name: "secret",
    value: "SECRET",
    default: None,
    meaning: "The installation secret, from which private links are made, at least 32 characters; in a file beside the database when it is not set",
    secret: true,
};

impl SecretConfig {
    pub(super) const SETTINGS: &[&Setting] = &[&SECRET];

    pub(super) fn read(sources: &Sources, store: &StoreConfig) -> Result<Self, InvalidSetting> {
        let given = sources.optional(
            &SECRET,
            "at least 32 characters that nobody can guess, such as openssl rand -base64 32 prints",
            |text| Some(text.trim().to_owned()).filter(|text| is_long_enough(text)),
        )?;
        Ok(Self { given, file: store.file.with_extension("secret") })
    }
}

impl std::fmt::Debug for SecretConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecretConfig").field("file", &self.file).finish_non_exhaustive()
    }
}

/// Whether a secret has enough characters that trying all of them is hopeless.
pub fn is_long_enough(secret: &str) -> bool {
    const MIN_CHARACTERS: usize = 32;
    secret.chars().count() >= MIN_CHARACTERS
}

use std::path::{Path, PathBuf};

use super::{InvalidSetting, Setting, Sources};

/// The store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreConfig {
    /// The SQLite file: `DOCKET_DATABASE_URL`, `sqlite://data/docket.db`.
    pub file: PathBuf,
}

const DATABASE_URL: Setting = Setting {
    name: "database_url",
    value: "URL",
    default: Some("sqlite://data/docket.db"),
    meaning: "The database: sqlite:// and a file, which is created when it is missing",
    // The addresses of other databases contain a password.
    secret: true,
};

impl StoreConfig {
    /// Its one setting.
    pub const SETTINGS: &[&Setting] = &[&DATABASE_URL];

    /// Reads the setting.
    ///
    /// # Errors
    /// When it does not name a file.
    pub fn read(sources: &Sources) -> Result<Self, InvalidSetting> {
        if let Some(given) = sources.given(&DATABASE_URL)
            && given.text.starts_with("postgres")
        {
            return Err(InvalidSetting(format!(
                "{given} asks for Postgres, which this version does not have yet: use sqlite:// and a file."
            )));
        }
        let file = sources.required(
            &DATABASE_URL,
            "sqlite:// and a file, such as sqlite://data/docket.db",
            |url| {
                let path = url.strip_prefix("sqlite://")?;
                // An in-memory database would lose acknowledged orders.
                let file = !path.is_empty() && !path.ends_with('/') && !path.contains([':', '?']);
                file.then(|| PathBuf::from(path))
            },
        )?;
        Ok(Self { file })
    }

    /// Returns the path of a file beside the database.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.file.parent().unwrap_or(Path::new("")).join(name)
    }
}

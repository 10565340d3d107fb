use tracing_subscriber::EnvFilter;

use super::{InvalidSetting, Setting, Sources};

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// A filter of `tracing`: `DOCKET_LOG`, `info`.
    pub filter: String,
    /// `DOCKET_LOG_FORMAT`, `text`.
    pub format: LogFormat,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs: one JSON object a line.
    Json,
}

const LOG: Setting = Setting {
    name: "log",
    value: "FILTER",
    default: Some("info"),
    meaning: "The log level, or a filter such as info,server=debug",
    secret: false,
};
const LOG_FORMAT: Setting = Setting {
    name: "log_format",
    value: "FORMAT",
    default: Some("text"),
    meaning: "The log format: text or json",
    secret: false,
};

impl Log {
    /// Both settings, for every long-running command.
    pub const SETTINGS: &[&Setting] = &[&LOG, &LOG_FORMAT];

    /// Reads both settings.
    ///
    /// # Errors
    /// When one of them is invalid.
    pub fn read(sources: &Sources) -> Result<Self, InvalidSetting> {
        let filter = sources.required(&LOG, "a level or a filter such as info,server=debug", |text| {
            EnvFilter::try_new(text).ok().map(|_| text.to_owned())
        })?;
        let format = sources.required(&LOG_FORMAT, "text or json", |text| match text {
            "text" => Some(LogFormat::Text),
            "json" => Some(LogFormat::Json),
            _ => None,
        })?;
        Ok(Self { filter, format })
    }
}

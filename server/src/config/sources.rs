//! The sources of values, and how they are parsed.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;
use std::{env, fs, io};

use reqwest::Url;

use super::all;
use super::setting::{Given, InvalidSetting, Origin, Setting};

/// The default file.
const FILE: &str = "docket.toml";

/// All given values.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    values: BTreeMap<&'static str, (String, Origin)>,
    unknown: Vec<String>,
}

impl Sources {
    /// Reads flags, this process's environment, and the given file, or `docket.toml` if it exists.
    ///
    /// # Errors
    /// When the file cannot be read or has an unknown setting.
    pub fn gather(
        flags: BTreeMap<&'static str, String>,
        file: Option<&Path>,
    ) -> Result<Self, InvalidSetting> {
        let path = file.unwrap_or(Path::new(FILE));
        let name = path.display().to_string();
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound && file.is_none() => String::new(),
            Err(error) => return Err(InvalidSetting(format!("The file {name} cannot be read: {error}."))),
        };
        let mut environment = BTreeMap::new();
        for (variable, value) in env::vars_os() {
            let Some(variable) = variable.to_str().filter(|name| name.starts_with("DOCKET_")) else {
                continue;
            };
            let value =
                value.into_string().map_err(|_| InvalidSetting(format!("{variable} is not a text.")))?;
            environment.insert(variable.to_owned(), value);
        }
        Self::of(flags, environment, &name, &text)
    }

    /// The same from the caller's values.
    ///
    /// # Errors
    /// When the file has an unknown setting.
    pub fn of(
        flags: BTreeMap<&'static str, String>,
        environment: BTreeMap<String, String>,
        file_name: &str,
        file: &str,
    ) -> Result<Self, InvalidSetting> {
        let mut sources = Self::default();
        sources.take_file(file_name, file)?;
        for (variable, value) in environment {
            match all().find(|setting| setting.variable() == variable) {
                // An empty variable counts as unset.
                Some(_) if value.is_empty() => {}
                Some(setting) => sources.set(setting, value, Origin::Environment),
                None => sources.unknown.push(variable),
            }
        }
        for (name, value) in flags {
            if let Some(setting) = all().find(|setting| setting.name == name) {
                sources.set(setting, value, Origin::Flag);
            }
        }
        Ok(sources)
    }

    /// Returns variables that have our prefix and are unknown.
    pub fn unknown_variables(&self) -> &[String] {
        &self.unknown
    }

    fn take_file(&mut self, file: &str, text: &str) -> Result<(), InvalidSetting> {
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            let line = error.span().map_or(1, |span| text[..span.start].lines().count().max(1));
            InvalidSetting(format!("The file {file} cannot be read: line {line}: {}.", error.message()))
        })?;
        for (key, value) in table {
            // The same names everywhere: `DOCKET_LISTEN` and `internal-listen` are accepted here too.
            let name = key.to_ascii_lowercase().replace('-', "_");
            let name = name.strip_prefix("docket_").unwrap_or(&name);
            let Some(setting) = all().find(|setting| setting.name == name) else {
                return Err(InvalidSetting(format!("{key} in {file} is not a setting.")));
            };
            let value = match value {
                toml::Value::String(text) => text,
                toml::Value::Integer(number) => number.to_string(),
                toml::Value::Boolean(yes) => yes.to_string(),
                _ => {
                    return Err(InvalidSetting(format!(
                        "{key} in {file} must be a text, a whole number, true or false."
                    )));
                }
            };
            self.set(setting, value, Origin::File(file.to_owned()));
        }
        Ok(())
    }

    fn set(&mut self, setting: &'static Setting, value: String, origin: Origin) {
        self.values.insert(setting.name, (value, origin));
    }

    /// Returns the given value, if any.
    pub(super) fn given(&self, setting: &'static Setting) -> Option<Given<'_>> {
        let (text, origin) = self.values.get(setting.name)?;
        Some(Given { setting, text, origin })
    }

    /// Parses the given value, if any.
    pub(super) fn optional<T>(
        &self,
        setting: &'static Setting,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, InvalidSetting> {
        let Some(given) = self.given(setting) else { return Ok(None) };
        parse(given.text).map(Some).ok_or_else(|| given.must_be(expected))
    }

    /// Parses the given value, or the default.
    pub(super) fn required<T>(
        &self,
        setting: &'static Setting,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, InvalidSetting> {
        match self.optional(setting, expected, &parse)? {
            Some(value) => Ok(value),
            None => setting
                .default
                .and_then(parse)
                .ok_or_else(|| InvalidSetting(format!("{} must be set: {expected}.", setting.variable()))),
        }
    }

    /// Returns a whole number.
    pub(super) fn whole(
        &self,
        setting: &'static Setting,
        range: RangeInclusive<u64>,
    ) -> Result<u64, InvalidSetting> {
        let expected = format!("a whole number from {} to {}", range.start(), range.end());
        self.required(setting, &expected, |text| text.parse().ok().filter(|n| range.contains(n)))
    }

    /// Returns a duration in whole seconds.
    pub(super) fn seconds(
        &self,
        setting: &'static Setting,
        range: RangeInclusive<u64>,
    ) -> Result<Duration, InvalidSetting> {
        self.whole(setting, range).map(Duration::from_secs)
    }

    /// Returns a boolean.
    pub(super) fn boolean(&self, setting: &'static Setting) -> Result<bool, InvalidSetting> {
        self.required(setting, "true or false", |text| match text {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        })
    }

    /// Returns a socket address.
    pub(super) fn address(&self, setting: &'static Setting) -> Result<SocketAddr, InvalidSetting> {
        self.required(setting, "an IP address and a port, such as 127.0.0.1:3000", |text| text.parse().ok())
    }

    /// Returns a web address without its trailing slash.
    pub(super) fn web_address(&self, setting: &'static Setting) -> Result<Option<String>, InvalidSetting> {
        self.optional(setting, "an address that begins with http:// or https://", |text| {
            let url = Url::parse(text).ok()?;
            let plain = url.query().is_none() && url.fragment().is_none() && url.has_host();
            (plain && matches!(url.scheme(), "http" | "https")).then(|| text.trim_end_matches('/').to_owned())
        })
    }
}

//! The countries that can be ordered to.

use std::collections::HashMap;
use std::sync::LazyLock;

/// One country, territory or area of ISO 3166-1, or one that post treats like a country (Kosovo, Ascension, Tristan
/// da Cunha).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Country {
    /// ISO 3166-1 alpha-2, capital letters.
    pub code: &'static str,
    /// Its English name.
    pub name: &'static str,
    /// The format of an address, in the placeholders of libaddressinput with `|` between lines; empty for [`USUAL`].
    format: &'static str,
    /// The format in Latin letters, where it differs.
    latin: &'static str,
}

/// The rows by country code. Every order looks one up.
static ROWS: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let rows = lines(include_str!("countries.tsv"));
    rows.filter_map(|line| line.split_once('\t').map(|(code, _)| (code, line))).collect()
});

/// The format that most countries use.
const USUAL: &str = "%N|%O|%A|%C";

/// Returns all countries, sorted by name.
pub fn countries() -> impl Iterator<Item = Country> {
    lines(include_str!("countries.tsv")).map(Country::read)
}

impl Country {
    /// Returns the country with this code in capital letters.
    pub fn of(code: &str) -> Option<Self> {
        ROWS.get(code).map(|line| Self::read(line))
    }

    fn read(line: &'static str) -> Self {
        let mut columns = line.split('\t');
        let mut next = || columns.next().unwrap_or_default();
        Self { code: next(), name: next(), format: next(), latin: next() }
    }

    /// Returns the format of an address, in the country's own script or in Latin letters.
    pub(super) fn written(self, in_latin: bool) -> &'static str {
        match (self.format, self.latin) {
            (_, latin) if in_latin && !latin.is_empty() => latin,
            ("", _) => USUAL,
            (format, _) => format,
        }
    }
}

/// Returns the lines of a table without the comments at its beginning.
pub(super) fn lines(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.starts_with('#'))
}

/// Returns the placeholders of a format in their order.
pub(super) fn letters(format: &str) -> impl Iterator<Item = char> {
    format.split('%').skip(1).filter_map(|part| part.chars().next())
}

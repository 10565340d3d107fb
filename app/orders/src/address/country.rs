//! The countries that can be ordered to.

/// One country, territory or area of ISO 3166-1, or one that post is sent to like one (Kosovo, Ascension, Tristan da Cunha).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Country {
    /// ISO 3166-1 alpha-2, capital letters.
    pub code: &'static str,
    /// Its English name.
    pub name: &'static str,
    /// How an address is written there, in the placeholders of libaddressinput and with `|` between lines; empty is the
    /// usual way.
    format: &'static str,
    /// The same in Latin letters, where that differs.
    latin: &'static str,
}

/// How most of the world writes an address.
const USUAL: &str = "%N|%O|%A|%C";

/// All countries by their names.
pub fn countries() -> impl Iterator<Item = Country> {
    lines(include_str!("countries.tsv")).map(Country::read)
}

impl Country {
    /// The country of a code in capital letters.
    pub fn of(code: &str) -> Option<Self> {
        let is_it = |line: &&str| line.split_once('\t').is_some_and(|(own, _)| own == code);
        lines(include_str!("countries.tsv")).find(is_it).map(Self::read)
    }

    fn read(line: &'static str) -> Self {
        let mut columns = line.split('\t');
        let mut next = || columns.next().unwrap_or_default();
        Self { code: next(), name: next(), format: next(), latin: next() }
    }

    /// How an address is written, in the country's own letters or in Latin ones.
    pub(super) fn written(self, in_latin: bool) -> &'static str {
        match (self.format, self.latin) {
            (_, latin) if in_latin && !latin.is_empty() => latin,
            ("", _) => USUAL,
            (format, _) => format,
        }
    }
}

/// The lines of a table below the comments at its beginning.
pub(super) fn lines(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.starts_with('#'))
}

/// The placeholders of a format, in their order.
pub(super) fn letters(format: &str) -> impl Iterator<Item = char> {
    format.split('%').skip(1).filter_map(|part| part.chars().next())
}

//! Why a catalogue file is refused.

use std::fmt;

/// A catalogue file that cannot be imported. Each text continues "cannot be imported: ".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogError {
    /// It is empty.
    #[error("it is empty")]
    Empty,
    /// It has only headings.
    #[error("there is no product below its headings")]
    NoProduct,
    /// It is not a table of text.
    #[error("it is {0}. Save the products as CSV and import that file (in Excel: Save as, CSV UTF-8)")]
    OtherFormat(&'static str),
    /// It has bytes that its encoding does not define.
    #[error("it has bytes that are no {0} text. Save it as CSV UTF-8, or say what it is with --encoding")]
    Undecodable(&'static str),
    /// Required columns are missing.
    #[error(
        "it has no column for {}. Its columns are {}. Say which ones to use with --columns {}",
        list(.missing, "and"),
        quoted(.found),
        example(.missing)
    )]
    MissingColumns {
        /// The fields without a column.
        missing: Vec<&'static str>,
        /// The headings of the file.
        found: Vec<String>,
    },
    /// `--columns` names a heading that does not exist.
    #[error("it has no column {heading:?}, which --columns names for {field}. Its columns are {}", quoted(.found))]
    UnknownHeading {
        /// The field.
        field: &'static str,
        /// Its heading, as given.
        heading: String,
        /// The headings of the file.
        found: Vec<String>,
    },
    /// Two columns have the same heading, and it is needed.
    #[error(
        "it has the column {heading:?} twice, as column {first} and column {second}: rename or delete one"
    )]
    DoubleColumn {
        /// The heading.
        heading: String,
        /// Counted from 1.
        first: usize,
        /// Counted from 1.
        second: usize,
    },
    /// Every product is left out; the sentences say why.
    #[error("it has no product that can be sold. {}", .0.join(" "))]
    NothingToSell(Vec<String>),
    /// Other products of the shop have prices in another currency.
    #[error(
        "its prices are in {currency}, and {count} product{} of the shop that {} not in it ha{} prices in {other}. A shop has \
         one currency: set DOCKET_CURRENCY to {other}, or name every product of the shop in the file",
        if *.count == 1 { "" } else { "s" },
        if *.count == 1 { "is" } else { "are" },
        if *.count == 1 { "s" } else { "ve" }
    )]
    OtherCurrency {
        /// The currency of the import.
        currency: orders::Currency,
        /// The other currency.
        other: orders::Currency,
        /// How many products have it.
        count: usize,
    },
    /// Lines with errors: all of them, in the order of the file.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Lines(Vec<LineError>),
}

/// An error in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineError {
    /// The line at which its product begins, counted from 1; line breaks within quotation marks count.
    pub line: u64,
    /// What is wrong, and what would be right.
    pub reason: String,
}

impl LineError {
    pub(super) fn new(line: u64, reason: impl Into<String>) -> Self {
        Self { line, reason: reason.into() }
    }
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

/// Joins words: "a", "a and b", "a, b and c".
fn list(words: &[&str], last: &str) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [rest @ .., end] => format!("{} {last} {end}", rest.join(", ")),
    }
}

fn quoted(headings: &[String]) -> String {
    let headings: Vec<String> = headings.iter().map(|heading| format!("{heading:?}")).collect();
    list(&headings.iter().map(String::as_str).collect::<Vec<_>>(), "and")
}

fn example(missing: &[&str]) -> String {
    missing.iter().map(|field| format!("{field}=HEADING")).collect::<Vec<_>>().join(",")
}

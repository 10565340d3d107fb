//! Splits text into rows of cells, and recognises the delimiter.

use std::collections::HashSet;

use csv::{ReaderBuilder, StringRecord};

use super::error::{CatalogError, LineError};

/// The possible delimiters. Among equally good ones the last wins.
const DELIMITERS: [char; 4] = ['|', '\t', ';', ','];
/// How many rows are examined to recognise the delimiter.
const SAMPLE_ROWS: usize = 50;

/// A file as a table.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) delimiter: char,
    pub(super) headings: Vec<String>,
    pub(super) rows: Vec<Row>,
    /// How often the headings are repeated between the rows, as in joined files.
    pub(super) repeated_headings: usize,
    /// Rows that do not match the headings.
    pub(super) errors: Vec<LineError>,
}

/// The trimmed cells of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// The line at which it begins, counted from 1.
    pub(super) line: u64,
    cells: Vec<String>,
}

impl Row {
    /// Returns the cell in a column; empty when there is none.
    pub(super) fn cell(&self, column: Option<usize>) -> &str {
        column.and_then(|column| self.cells.get(column)).map_or("", String::as_str)
    }

    fn is_blank(&self) -> bool {
        self.cells.iter().all(String::is_empty)
    }
}

impl Table {
    /// Parses a text. `is_known` tells which headings have a meaning, which helps to recognise the delimiter.
    pub(super) fn read(text: &str, is_known: impl Fn(&str) -> bool) -> Result<Self, CatalogError> {
        let (given, text, first_line) = given_delimiter(text);
        let delimiter = given.unwrap_or_else(|| recognise(text, is_known));
        let mut rows: Vec<Row> = records(text, delimiter, first_line).filter(|row| !row.is_blank()).collect();
        if rows.is_empty() {
            return Err(CatalogError::Empty);
        }
        let headings = rows.remove(0).cells;
        let mut errors = Vec::new();
        if let Some(row) =
            rows.last().filter(|row| is_unclosed(text, first_line, delimiter, row, headings.len()))
        {
            errors.push(LineError::new(row.line, "a quotation mark opens here or later and is never closed"));
            rows.pop();
        }
        let all = rows.len();
        rows.retain(|row| row.cells != headings);
        let repeated_headings = all - rows.len();
        if !is_ended_by_a_delimiter(&rows, headings.len()) {
            let too_long = rows.iter().filter(|row| row.cells.len() > headings.len());
            errors.extend(
                too_long.map(|row| LineError::new(row.line, too_many_cells(row, headings.len(), delimiter))),
            );
        }
        let wrong: HashSet<u64> = errors.iter().map(|error| error.line).collect();
        rows.retain(|row| !wrong.contains(&row.line));
        if rows.is_empty() && errors.is_empty() {
            return Err(CatalogError::NoProduct);
        }
        Ok(Self { delimiter, headings, rows, repeated_headings, errors })
    }
}

/// Whether every row ends with an additional delimiter, as some programs write it. A blank last cell in only one row
/// means that a text contained a delimiter.
fn is_ended_by_a_delimiter(rows: &[Row], headings: usize) -> bool {
    rows.iter().all(|row| row.cells.len() == headings + 1 && row.cells[headings].is_empty())
}

fn too_many_cells(row: &Row, headings: usize, delimiter: char) -> String {
    let cells = row.cells.len();
    format!(
        "has {cells} cells and there are {headings} headings: a text with {delimiter:?} in it must stand in quotation marks"
    )
}

/// Returns the delimiter that Excel declares in the first line, `sep=;`, the rest of the text, and its first line
/// number.
fn given_delimiter(text: &str) -> (Option<char>, &str, u64) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let given = first.trim_matches('"').strip_prefix("sep=").and_then(|sign| sign.chars().next());
    match given {
        Some(delimiter) if delimiter.is_ascii() => (Some(delimiter), rest, 2),
        _ => (None, text, 1),
    }
}

/// Recognises the delimiter: the most known headings, then the most rows as long as their heading, then the most
/// columns.
fn recognise(text: &str, is_known: impl Fn(&str) -> bool) -> char {
    let score = |delimiter: &char| {
        let mut rows = records(text, *delimiter, 1).filter(|row| !row.is_blank());
        let headings = rows.next().map(|row| row.cells).unwrap_or_default();
        let known = headings.iter().filter(|heading| is_known(heading)).count();
        let as_long = rows.take(SAMPLE_ROWS).filter(|row| row.cells.len() == headings.len()).count();
        let columns = headings.len();
        (known, if columns > 1 { as_long + 1 } else { 0 }, columns)
    };
    DELIMITERS.into_iter().max_by_key(score).unwrap_or(',')
}

/// Returns the rows of a text with this delimiter, without empty lines.
fn records(text: &str, delimiter: char, first_line: u64) -> impl Iterator<Item = Row> {
    let delimiter = u8::try_from(delimiter).unwrap_or(b',');
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let (mut line, mut counted_to) = (first_line, 0);
    std::iter::from_fn(move || {
        let mut record = StringRecord::new();
        // Any text can be split this way; rows of the wrong length are reported.
        if !reader.read_record(&mut record).unwrap_or(false) {
            return None;
        }
        let begun_at =
            record.position().map_or(counted_to, |position| position.byte() as usize).min(text.len());
        let empty_lines = text[begun_at..].bytes().take_while(|byte| *byte == b'\n').count();
        let begins_at = begun_at + empty_lines;
        line += text[counted_to..begins_at].bytes().filter(|byte| *byte == b'\n').count() as u64;
        counted_to = begins_at;
        Some(Row { line, cells: record.iter().map(trimmed).collect() })
    })
}

fn trimmed(cell: &str) -> String {
    cell.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}')).to_owned()
}

/// Whether the last row swallowed the rest of the file because a quotation mark is never closed.
fn is_unclosed(text: &str, first_line: u64, delimiter: char, last: &Row, headings: usize) -> bool {
    let is_odd = text.bytes().filter(|byte| *byte == b'"').count() % 2 == 1;
    let swallowed = last.cells.len() < headings || last.cells.iter().any(|cell| cell.contains('\n'));
    let mut lines = text.lines().skip((last.line - first_line) as usize);
    is_odd
        && swallowed
        && lines.any(|line| line.split(delimiter).any(|cell| cell.trim_start().starts_with('"')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Table {
        Table::read(text, |heading| ["sku", "name", "price"].contains(&heading)).unwrap()
    }

    fn cells(table: &Table) -> Vec<Vec<&str>> {
        let all = 0..table.headings.len();
        table.rows.iter().map(|row| all.clone().map(|column| row.cell(Some(column))).collect()).collect()
    }

    #[test]
    fn the_delimiter_is_recognised() {
        for delimiter in DELIMITERS {
            let text = format!("sku{delimiter}name{delimiter}price\nmug{delimiter}Mug{delimiter}12\n");
            let table = read(&text);
            assert_eq!(table.delimiter, delimiter);
            assert_eq!(cells(&table), [["mug", "Mug", "12"]]);
        }
    }

    #[test]
    fn the_delimiter_is_recognised_among_decimal_commas_and_unknown_headings() {
        let table = read("Artikel;Text;VK\na;Rot, groß, rund;12,50\nb;Blau, klein;9,00\n");
        assert_eq!(table.delimiter, ';');
        assert_eq!(cells(&table)[0], ["a", "Rot, groß, rund", "12,50"]);
    }

    #[test]
    fn the_delimiter_of_a_sep_line_is_used_and_the_line_counted() {
        let table = read("sep=;\nsku;name\nmug;Mug\n");
        assert_eq!((table.delimiter, table.rows[0].line), (';', 3));
    }

    #[test]
    fn lines_are_counted_through_quoted_line_breaks_and_empty_lines() {
        let table = read("\n\nsku,name,price\nmug,\"Blue\nmug\",1\n\n \n,,\ncup,Cup,2\n\n\n");
        assert_eq!(table.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [4, 9]);
        assert_eq!(cells(&table)[0], ["mug", "Blue\nmug", "1"]);
    }

    #[test]
    fn headings_that_stand_there_again_are_counted_and_are_no_rows() {
        let table = read("sku,name\nmug,Mug\nsku,name\ncup,Cup\n");
        assert_eq!((table.rows.len(), table.repeated_headings), (2, 1));
    }

    #[test]
    fn a_row_with_more_cells_than_headings_is_named() {
        let table = read("sku,name,price\nmug,Mug,1\ncup,Cup, blue,2\npot,Pot,12,\n");
        assert_eq!(table.rows.len(), 1);
        assert_eq!(table.errors.iter().map(|error| error.line).collect::<Vec<_>>(), [3, 4]);
    }

    #[test]
    fn a_delimiter_at_the_end_of_every_row_makes_no_cell() {
        let table = read("sku,name,price\nmug,Mug,1,\ncup,Cup,2,\n");
        assert_eq!((table.rows.len(), table.errors.len()), (2, 0));
    }

    #[test]
    fn a_quotation_mark_that_is_never_closed_is_named() {
        let table = read("sku,name,price\nmug,Mug,1\ncup,\"Cup,2\njar,Jar,3\n");
        assert_eq!(
            table.errors,
            [LineError::new(3, "a quotation mark opens here or later and is never closed")]
        );
        assert_eq!(table.rows.len(), 1);
        let inch = read("sku,name,price\nruler,12\" ruler,1\nlast,12\" rule,2\nend,5\" end,3\n");
        assert!(inch.errors.is_empty(), "{:?}", inch.errors);
    }

    #[test]
    fn a_file_without_rows_is_refused() {
        assert_eq!(Table::read("", |_| false).unwrap_err(), CatalogError::Empty);
        assert_eq!(Table::read("\n \n", |_| false).unwrap_err(), CatalogError::Empty);
        assert_eq!(Table::read("sku,name\n\n", |_| false).unwrap_err(), CatalogError::NoProduct);
    }
}

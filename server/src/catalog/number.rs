//! Numbers as people and programs write them: `1250`, `1,250.00`, `1.250,00`, `1 250,00`, `1'250.00`.
//!
//! The form of nearly every number shows which mark is the decimal mark. One form is ambiguous: a single mark with
//! three digits behind it, `1.250`. The other numbers of the file, or the currency, then decide.

use std::collections::BTreeSet;

/// The decimal mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DecimalMark {
    /// `12.50`
    Point,
    /// `12,50`
    Comma,
}

impl DecimalMark {
    fn of(mark: char) -> Self {
        if mark == ',' { Self::Comma } else { Self::Point }
    }

    const fn other(self) -> Self {
        match self {
            Self::Point => Self::Comma,
            Self::Comma => Self::Point,
        }
    }

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Point => "point",
            Self::Comma => "comma",
        }
    }
}

/// A number as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) is_negative: bool,
    form: Form,
    /// The decimal mark that its form shows.
    tells: Option<DecimalMark>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// The digits before and after the decimal mark.
    Clear(String, String),
    /// The digits before and after an ambiguous mark.
    Either(String, String, DecimalMark),
}

/// The digits of a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Digits {
    pub(super) whole: String,
    pub(super) fraction: String,
}

/// What a mark with three digits behind it means in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marks {
    /// This mark is the decimal mark, the other one separates thousands.
    Decimal(DecimalMark),
    /// Either mark is a decimal mark.
    AllDecimal,
    /// Either mark separates thousands.
    AllThousands,
    /// It cannot be determined.
    Unknown,
}

impl Number {
    /// Parses digits and marks; `None` when it is not a number.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let unsigned = text.strip_prefix(['-', '−']).unwrap_or(text);
        let is_negative = unsigned.len() < text.len();
        let (form, tells) = form_of(unsigned.trim_start())?;
        Some(Self { is_negative, form, tells })
    }

    /// Returns its digits; `None` when its mark is ambiguous.
    pub(super) fn digits(&self, marks: Marks) -> Option<Digits> {
        let (whole, fraction) = match (&self.form, marks) {
            (Form::Clear(whole, fraction), _) => (whole.clone(), fraction.clone()),
            (Form::Either(..), Marks::Unknown) => return None,
            (Form::Either(before, after, mark), marks)
                if marks == Marks::Decimal(*mark) || marks == Marks::AllDecimal =>
            {
                (before.clone(), after.clone())
            }
            (Form::Either(before, after, _), _) => (format!("{before}{after}"), String::new()),
        };
        Some(Digits { whole, fraction })
    }

    /// Returns both possible values of an ambiguous number.
    pub(super) fn both(&self) -> Option<[String; 2]> {
        match &self.form {
            Form::Clear(..) => None,
            Form::Either(before, after, _) => {
                let decimals = after.trim_end_matches('0');
                let small = if decimals.is_empty() { before.clone() } else { format!("{before}.{decimals}") };
                Some([format!("{before}{after}"), small])
            }
        }
    }
}

/// Determines what a mark with three digits behind it means, from all numbers of a file and the decimals of the
/// currency.
pub(super) fn marks_among<'n>(numbers: impl Iterator<Item = &'n Number>, decimals: usize) -> Marks {
    let (mut told, mut unclear) = (BTreeSet::new(), BTreeSet::new());
    for number in numbers {
        told.extend(number.tells);
        if let Form::Either(_, _, mark) = number.form {
            unclear.insert(mark);
        }
    }
    match (told.len(), decimals) {
        (1, _) => told.first().map_or(Marks::Unknown, |mark| Marks::Decimal(*mark)),
        // Amounts without decimals have no decimal mark, and amounts with three decimals show all three.
        (0, 0) => Marks::AllThousands,
        (0, 3..) if unclear.len() == 1 => Marks::AllDecimal,
        _ => Marks::Unknown,
    }
}

fn form_of(text: &str) -> Option<(Form, Option<DecimalMark>)> {
    let spaced: Vec<&str> = text.split(is_spacing).collect();
    if let [.., last] = spaced[..]
        && spaced.len() > 1
    {
        let (whole_end, fraction, mark) = match last.find(['.', ',']) {
            Some(at) => (&last[..at], &last[at + 1..], last[at..].chars().next().map(DecimalMark::of)),
            None => (last, "", None),
        };
        let mut groups = spaced.clone();
        groups.pop();
        groups.push(whole_end);
        let clear = are_groups(&groups) && is_digits(fraction);
        return clear.then(|| (Form::Clear(groups.concat(), fraction.to_owned()), mark));
    }
    let marks: Vec<(usize, char)> = text.char_indices().filter(|(_, c)| matches!(c, '.' | ',')).collect();
    let Some(&(last_at, last)) = marks.last() else {
        return is_number(text).then(|| (Form::Clear(text.to_owned(), String::new()), None));
    };
    let (before, after) = (&text[..last_at], &text[last_at + 1..]);
    let mark = DecimalMark::of(last);
    let of_last = marks.iter().filter(|(_, mark)| *mark == last).count();
    if of_last == marks.len() && of_last > 1 {
        let groups: Vec<&str> = text.split(last).collect();
        return are_groups(&groups)
            .then(|| (Form::Clear(groups.concat(), String::new()), Some(mark.other())));
    }
    if of_last < marks.len() {
        let groups: Vec<&str> = before.split(['.', ',']).collect();
        let clear = of_last == 1 && are_groups(&groups) && is_digits(after);
        return clear.then(|| (Form::Clear(groups.concat(), after.to_owned()), Some(mark)));
    }
    if !is_digits(before) || !is_digits(after) || before.is_empty() && after.is_empty() {
        return None;
    }
    if after.len() == 3 && (1..=3).contains(&before.len()) && !before.starts_with('0') {
        return Some((Form::Either(before.to_owned(), after.to_owned(), mark), None));
    }
    let whole = if before.is_empty() { "0" } else { before };
    let tells = (!after.is_empty()).then_some(mark);
    Some((Form::Clear(whole.to_owned(), after.to_owned()), tells))
}

/// Blanks and apostrophes only separate thousands.
fn is_spacing(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}' | '\'' | '’')
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && is_digits(text)
}

/// Whether these are groups of thousands: three digits each but the first; in India also two.
fn are_groups(groups: &[&str]) -> bool {
    let [first, inner @ .., last] = groups else { return groups.iter().all(|group| is_number(group)) };
    (1..=3).contains(&first.len())
        && inner.iter().all(|group| matches!(group.len(), 2 | 3))
        && last.len() == 3
        && groups.iter().all(|group| is_digits(group))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, marks: Marks) -> Option<(String, String)> {
        Number::read(text)?.digits(marks).map(|digits| (digits.whole, digits.fraction))
    }

    fn among(texts: &[&str], decimals: usize) -> Marks {
        let numbers: Vec<Number> = texts.iter().map(|text| Number::read(text).unwrap()).collect();
        marks_among(numbers.iter(), decimals)
    }

    #[test]
    fn most_numbers_are_clear_by_their_form() {
        for (text, whole, fraction) in [
            ("1250", "1250", ""),
            ("12.50", "12", "50"),
            ("12,50", "12", "50"),
            ("12,5", "12", "5"),
            (",5", "0", "5"),
            ("12.", "12", ""),
            ("0.250", "0", "250"),
            ("1250.000", "1250", "000"),
            ("1,250.00", "1250", "00"),
            ("1.250,00", "1250", "00"),
            ("1.234.567", "1234567", ""),
            ("1.234.567,5", "1234567", "5"),
            ("12,34,567.00", "1234567", "00"),
            ("1 250,00", "1250", "00"),
            ("1\u{a0}250,00", "1250", "00"),
            ("1\u{202f}250", "1250", ""),
            ("1'250.00", "1250", "00"),
            ("1’250", "1250", ""),
            ("1 250.500", "1250", "500"),
        ] {
            assert_eq!(value(text, Marks::Unknown), Some((whole.to_owned(), fraction.to_owned())), "{text}");
        }
    }

    #[test]
    fn a_single_mark_before_three_digits_is_decided_by_the_file() {
        assert_eq!(value("1.250", Marks::Unknown), None);
        let (thousands, decimals) = (("1250".to_owned(), String::new()), ("1".to_owned(), "250".to_owned()));
        assert_eq!(value("1.250", Marks::Decimal(DecimalMark::Comma)), Some(thousands.clone()));
        assert_eq!(value("1.250", Marks::Decimal(DecimalMark::Point)), Some(decimals.clone()));
        assert_eq!(value("1,250", Marks::AllThousands), Some(thousands));
        assert_eq!(value("1,250", Marks::AllDecimal), Some(decimals));
        assert_eq!(Number::read("1.250").unwrap().both(), Some(["1250".to_owned(), "1.25".to_owned()]));
        assert_eq!(Number::read("1.25").unwrap().both(), None);
    }

    #[test]
    fn the_numbers_of_a_file_tell_its_decimal_mark() {
        let (point, comma) = (Marks::Decimal(DecimalMark::Point), Marks::Decimal(DecimalMark::Comma));
        assert_eq!(among(&["1.250", "9.99"], 2), point);
        assert_eq!(among(&["1.250", "9,99"], 2), comma);
        assert_eq!(among(&["1.250", "1.234.567"], 2), comma);
        assert_eq!(among(&["1.250", "1 000,5"], 2), comma);
        assert_eq!(among(&["1.250", "1250.000"], 2), point);
        assert_eq!(among(&["1.250", "12", "1,250"], 2), Marks::Unknown);
        assert_eq!(among(&["1.250", "9.99", "9,99"], 2), Marks::Unknown, "they contradict each other");
    }

    #[test]
    fn where_the_numbers_do_not_tell_the_decimals_of_the_currency_do() {
        assert_eq!(among(&["1.250", "900"], 0), Marks::AllThousands);
        assert_eq!(among(&["1.250", "12.500"], 3), Marks::AllDecimal);
        assert_eq!(among(&["1.250", "1,250"], 3), Marks::Unknown);
        assert_eq!(among(&["1.250", "12.50"], 3), Marks::Decimal(DecimalMark::Point));
    }

    #[test]
    fn a_negative_number_is_reported() {
        assert!(Number::read("-2").unwrap().is_negative && Number::read("−12,50").unwrap().is_negative);
        assert!(!Number::read("2").unwrap().is_negative);
    }

    #[test]
    fn text_that_is_not_a_number_is_refused() {
        for text in [
            "", ".", ",", "-", "twelve", "1e3", "1.2.3", "1,2,3", "1.25,0.5", "1..2", "12 5", "1 2500", "١٢",
            "1_000",
        ] {
            assert_eq!(Number::read(text), None, "{text}");
        }
    }
}

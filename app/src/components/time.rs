//! Times: in UTC when rendered by the server, in the reader's time zone in the browser.

use leptos::prelude::*;
use orders::{Date, MONTHS, Timestamp};

use crate::components::element::span;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeFormat {
    /// `14:02`
    Clock,
    /// `Tue 14:02`
    DayAndClock,
    /// `23 November, 14:02`
    DateAndClock,
    /// `23 November 2026, 14:02`
    Full,
}

/// A time in calendar fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Calendar {
    year: i64,
    month: usize,
    day: u32,
    weekday: usize,
    hour: u32,
    minute: u32,
}

const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

#[component]
pub fn Time(at: Timestamp, format: TimeFormat) -> impl IntoView {
    let text = if cfg!(target_arch = "wasm32") {
        here(at).to_text(format)
    } else {
        utc(at).to_text(format) + " UTC"
    };
    view! { <time datetime=at.to_string()>{text}</time> }.into_any()
}

impl Calendar {
    fn to_text(self, format: TimeFormat) -> String {
        let clock = format!("{:02}:{:02}", self.hour, self.minute);
        let (day, month) = (self.day, MONTHS[self.month % 12]);
        match format {
            TimeFormat::Clock => clock,
            TimeFormat::DayAndClock => format!("{} {clock}", WEEKDAYS[self.weekday % 7]),
            TimeFormat::DateAndClock => format!("{day} {month}, {clock}"),
            TimeFormat::Full => format!("{day} {month} {}, {clock}", self.year),
        }
    }
}

/// Returns the calendar time in the browser's time zone.
fn here(at: Timestamp) -> Calendar {
    // Exact for every time until the year 287396.
    #[expect(clippy::cast_precision_loss, reason = "JavaScript counts milliseconds in floating point")]
    let date = js_sys::Date::new(&(at.as_millis() as f64).into());
    Calendar {
        year: i64::from(date.get_full_year()),
        month: date.get_month() as usize,
        day: date.get_date(),
        weekday: date.get_day() as usize,
        hour: date.get_hours(),
        minute: date.get_minutes(),
    }
}

fn utc(at: Timestamp) -> Calendar {
    let Date { year, month, day } = at.date();
    let minutes = at.as_millis().div_euclid(60_000);
    let small = |number: i64| u32::try_from(number).unwrap_or(0);
    Calendar {
        year,
        month: month.saturating_sub(1) as usize,
        day,
        // 1970-01-01 was a Thursday.
        weekday: small((minutes.div_euclid(24 * 60) + 4).rem_euclid(7)) as usize,
        hour: small(minutes.div_euclid(60).rem_euclid(24)),
        minute: small(minutes.rem_euclid(60)),
    }
}

/// A part of a sentence to recognise: its text, and its time if it is one.
pub type NamedText = (String, Option<(Timestamp, TimeFormat)>);

/// A part of a sentence: words, a time, or something that is not broken over lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'a> {
    Words(&'a str),
    Time(Timestamp, TimeFormat),
    Unbroken(&'a str),
}

/// Returns the spellings of a time in [`orders::wording`], in UTC.
pub fn spellings(at: Timestamp) -> [NamedText; 3] {
    [
        (at.date_and_clock(), Some((at, TimeFormat::Full))),
        (at.day_and_clock(), Some((at, TimeFormat::DayAndClock))),
        (at.clock(), Some((at, TimeFormat::Clock))),
    ]
}

/// Returns a sentence of [`orders::wording`] with its recognised parts as elements.
pub fn words(text: &str, named: &[NamedText]) -> Vec<AnyView> {
    let piece = |piece: Piece<'_>| match piece {
        Piece::Words(words) => words.to_owned().into_any(),
        Piece::Time(at, format) => view! { <Time at=at format=format /> }.into_any(),
        Piece::Unbroken(words) => span("unbroken", words.to_owned()),
    };
    pieces(text, named).into_iter().map(piece).collect()
}

fn pieces<'a>(text: &'a str, named: &[NamedText]) -> Vec<Piece<'a>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    // The first part in the text, and among those the longest, because `Tue 14:05` ends with `14:05`.
    while let Some((at, (spelling, time))) = named
        .iter()
        .filter(|(spelling, _)| !spelling.is_empty())
        .filter_map(|named| Some((rest.find(named.0.as_str())?, named)))
        .min_by_key(|(at, _)| *at)
    {
        let (before, from) = rest.split_at(at);
        let (itself, after) = from.split_at(spelling.len());
        pieces.extend((at > 0).then_some(Piece::Words(before)));
        pieces.push(time.map_or(Piece::Unbroken(itself), |(at, format)| Piece::Time(at, format)));
        rest = after;
    }
    pieces.extend((!rest.is_empty()).then_some(Piece::Words(rest)));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUNDAY_TEN: Timestamp = Timestamp::from_millis(1_763_892_000_000);

    #[test]
    fn times_are_formatted_in_utc() {
        assert_eq!(utc(SUNDAY_TEN).to_text(TimeFormat::DateAndClock), "23 November, 10:00");
        assert_eq!(utc(SUNDAY_TEN).to_text(TimeFormat::Full), "23 November 2025, 10:00");
        assert_eq!(utc(SUNDAY_TEN).to_text(TimeFormat::DayAndClock), "Sun 10:00");
        let leap_day = Timestamp::from_millis(1_709_251_140_000);
        assert_eq!(utc(leap_day).to_text(TimeFormat::DateAndClock), "29 February, 23:59");
        assert_eq!(utc(Timestamp::from_millis(0)).to_text(TimeFormat::DateAndClock), "1 January, 00:00");
        assert_eq!(utc(Timestamp::from_millis(-1)).to_text(TimeFormat::DateAndClock), "31 December, 23:59");
    }

    #[test]
    fn the_times_in_a_sentence_are_found() {
        let ten = Piece::Time(SUNDAY_TEN, TimeFormat::Clock);
        let sunday = Piece::Time(SUNDAY_TEN, TimeFormat::DayAndClock);
        let named = spellings(SUNDAY_TEN);
        assert_eq!(
            pieces("We try again at 10:00 UTC. Soon.", &named),
            [Piece::Words("We try again at "), ten, Piece::Words(". Soon.")]
        );
        assert_eq!(
            pieces("Held until Sun 10:00 UTC.", &named),
            [Piece::Words("Held until "), sunday, Piece::Words(".")]
        );
        assert_eq!(
            pieces(&format!("Until {}", SUNDAY_TEN.date_and_clock()), &named)[1],
            Piece::Time(SUNDAY_TEN, TimeFormat::Full)
        );
        assert_eq!(pieces("Nothing was charged.", &named), [Piece::Words("Nothing was charged.")]);
        assert_eq!(pieces("", &[]), []);
    }

    #[test]
    fn unbroken_parts_of_a_sentence_are_found() {
        let named = [("SP-1".to_owned(), None), (String::new(), None)];
        assert_eq!(
            pieces("Sandbox Post carries it as SP-1.", &named),
            [Piece::Words("Sandbox Post carries it as "), Piece::Unbroken("SP-1"), Piece::Words(".")]
        );
    }
}

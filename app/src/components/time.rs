//! Times: in UTC as the server writes them, in the reader's own time where the browser does.

use leptos::prelude::*;
use orders::{Date, Timestamp};

/// How a time is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `14:02`
    Clock,
    /// `Tue 14:02`
    DayAndClock,
    /// `23 November, 14:02`
    DateAndClock,
}

/// A point in time as a calendar shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Calendar {
    month: usize,
    day: u32,
    weekday: usize,
    hour: u32,
    minute: u32,
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/// One point in time.
#[component]
pub fn Time(at: Timestamp, form: Form) -> impl IntoView {
    let text = if cfg!(target_arch = "wasm32") { here(at).write(form) } else { utc(at).write(form) + " UTC" };
    view! { <time datetime=at.to_string()>{text}</time> }.into_any()
}

impl Calendar {
    fn write(self, form: Form) -> String {
        let clock = format!("{:02}:{:02}", self.hour, self.minute);
        match form {
            Form::Clock => clock,
            Form::DayAndClock => format!("{} {clock}", WEEKDAYS[self.weekday % 7]),
            Form::DateAndClock => format!("{} {}, {clock}", self.day, MONTHS[self.month % 12]),
        }
    }
}

/// In the time zone of the browser.
fn here(at: Timestamp) -> Calendar {
    // Exact for every time until the year 287396.
    #[expect(clippy::cast_precision_loss, reason = "JavaScript counts milliseconds in floating point")]
    let date = js_sys::Date::new(&(at.as_millis() as f64).into());
    Calendar {
        month: date.get_month() as usize,
        day: date.get_date(),
        weekday: date.get_day() as usize,
        hour: date.get_hours(),
        minute: date.get_minutes(),
    }
}

/// In UTC.
fn utc(at: Timestamp) -> Calendar {
    let Date { month, day, .. } = at.date();
    let minutes = at.as_millis().div_euclid(60_000);
    let small = |number: i64| u32::try_from(number).unwrap_or(0);
    Calendar {
        month: month.saturating_sub(1) as usize,
        day,
        // 1970-01-01 was a Thursday.
        weekday: small((minutes.div_euclid(24 * 60) + 4).rem_euclid(7)) as usize,
        hour: small(minutes.div_euclid(60).rem_euclid(24)),
        minute: small(minutes.rem_euclid(60)),
    }
}

/// A sentence, or a time within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'a> {
    Words(&'a str),
    Time(Timestamp, Form),
}

/// A sentence of [`orders::wording`], with those of the times that it names (written there in UTC) as times.
pub fn words(text: &str, times: &[Timestamp]) -> Vec<AnyView> {
    let piece = |piece: Piece<'_>| match piece {
        Piece::Words(words) => words.to_owned().into_any(),
        Piece::Time(at, form) => view! { <Time at=at form=form /> }.into_any(),
    };
    pieces(text, times).into_iter().map(piece).collect()
}

fn pieces<'a>(text: &'a str, times: &[Timestamp]) -> Vec<Piece<'a>> {
    let spellings = |at: &Timestamp| {
        [
            (at.day_and_clock(), Piece::Time(*at, Form::DayAndClock)),
            (at.clock(), Piece::Time(*at, Form::Clock)),
        ]
    };
    let spellings: Vec<_> = times.iter().flat_map(spellings).collect();
    let mut pieces = Vec::new();
    let mut rest = text;
    // Of all spellings the first in the text, and of those the longest, for `Tue 14:05` ends in `14:05`.
    while let Some((at, spelling, piece)) = spellings
        .iter()
        .filter_map(|(spelling, piece)| Some((rest.find(spelling.as_str())?, spelling, *piece)))
        .min_by_key(|(at, ..)| *at)
    {
        pieces.extend((at > 0).then(|| Piece::Words(&rest[..at])));
        pieces.push(piece);
        rest = &rest[at + spelling.len()..];
    }
    pieces.extend((!rest.is_empty()).then_some(Piece::Words(rest)));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUNDAY_TEN: Timestamp = Timestamp::from_millis(1_763_892_000_000);

    #[test]
    fn a_time_is_written_as_the_calendar_has_it() {
        assert_eq!(utc(SUNDAY_TEN).write(Form::DateAndClock), "23 November, 10:00");
        assert_eq!(utc(SUNDAY_TEN).write(Form::DayAndClock), "Sun 10:00");
        let leap_day = Timestamp::from_millis(1_709_251_140_000);
        assert_eq!(utc(leap_day).write(Form::DateAndClock), "29 February, 23:59");
        assert_eq!(utc(Timestamp::from_millis(0)).write(Form::DateAndClock), "1 January, 00:00");
        assert_eq!(utc(Timestamp::from_millis(-1)).write(Form::DateAndClock), "31 December, 23:59");
    }

    #[test]
    fn the_times_in_a_sentence_are_found() {
        let ten = Piece::Time(SUNDAY_TEN, Form::Clock);
        let sunday = Piece::Time(SUNDAY_TEN, Form::DayAndClock);
        assert_eq!(
            pieces("We try again at 10:00 UTC. Soon.", &[SUNDAY_TEN]),
            [Piece::Words("We try again at "), ten, Piece::Words(". Soon.")]
        );
        assert_eq!(
            pieces("Held until Sun 10:00 UTC.", &[SUNDAY_TEN]),
            [Piece::Words("Held until "), sunday, Piece::Words(".")]
        );
        assert_eq!(pieces("Nothing was charged.", &[SUNDAY_TEN]), [Piece::Words("Nothing was charged.")]);
        assert_eq!(pieces("", &[]), []);
    }
}

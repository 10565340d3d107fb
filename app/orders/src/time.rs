//! Points in time, as whole milliseconds.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time: milliseconds since 1970-01-01T00:00:00Z.
///
/// On the wire it is RFC 3339 in UTC with exactly three decimals, `2026-11-23T10:00:00.000Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// A text that is not an RFC 3339 time.
#[derive(Debug, thiserror::Error)]
#[error("not a time such as 2026-11-23T10:00:00.000Z")]
pub struct NotATime;

/// A calendar day in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date {
    /// The year.
    pub year: i64,
    /// The month, 1 to 12.
    pub month: u32,
    /// The day of the month, from 1.
    pub day: u32,
}

const DAY_MS: i64 = 86_400_000;

/// The names of the months.
pub const MONTHS: [&str; 12] = [
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

impl Timestamp {
    /// The earliest time, 0000-01-01T00:00:00.000Z: RFC 3339 writes years with four digits.
    pub const MIN: Self = Self(-62_167_219_200_000);
    /// The latest time, 9999-12-30T00:00:00.000Z.
    pub const MAX: Self = Self(253_402_128_000_000);

    /// Returns the time this many milliseconds after the epoch, clamped to [`Self::MIN`] and [`Self::MAX`].
    pub const fn from_millis(millis: i64) -> Self {
        if millis > Self::MAX.0 {
            Self::MAX
        } else if millis < Self::MIN.0 {
            Self::MIN
        } else {
            Self(millis)
        }
    }

    /// Milliseconds since the epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Returns this time plus a duration, clamped to [`Self::MAX`].
    pub fn plus(self, duration: Duration) -> Self {
        Self::from_millis(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// Returns how long after `earlier` this is; zero when it is not after.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Returns the time of day in UTC, `14:05 UTC`, for texts that are read where no time zone is known.
    pub fn clock(self) -> String {
        let minutes = self.0.div_euclid(60_000).rem_euclid(24 * 60);
        format!("{:02}:{:02} UTC", minutes / 60, minutes % 60)
    }

    /// Returns its day in UTC.
    pub fn date(self) -> Date {
        Date::of(self.0.div_euclid(DAY_MS))
    }

    /// Returns the day in UTC, `23 November 2026`.
    pub fn day(self) -> String {
        let Date { year, month, day } = self.date();
        let month = usize::try_from(month).unwrap_or(0).saturating_sub(1);
        format!("{day} {} {year}", MONTHS[month % 12])
    }

    /// Returns day and time of day in UTC, `23 November 2026, 14:05 UTC`.
    pub fn date_and_clock(self) -> String {
        format!("{}, {}", self.day(), self.clock())
    }

    /// Returns weekday and time of day in UTC, `Tue 14:05 UTC`.
    pub fn day_and_clock(self) -> String {
        // 1970-01-01 was a Thursday.
        const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
        let day = usize::try_from(self.0.div_euclid(DAY_MS).rem_euclid(7)).unwrap_or(0);
        format!("{} {}", DAYS[day], self.clock())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Date { year, month, day } = self.date();
        let millis = self.0.rem_euclid(DAY_MS);
        let (hour, minute) = (millis / 3_600_000, millis / 60_000 % 60);
        let (second, milli) = (millis / 1_000 % 60, millis % 1_000);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
    }
}

impl FromStr for Timestamp {
    type Err = NotATime;

    /// Parses RFC 3339: a date, a time of day with any number of decimals, and `Z` or an offset.
    fn from_str(text: &str) -> Result<Self, NotATime> {
        read(text.as_bytes()).ok_or(NotATime)
    }
}

fn read(text: &[u8]) -> Option<Timestamp> {
    let (head, mut rest) = text.split_at_checked(19)?;
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if marks.iter().any(|(at, mark)| head[*at].to_ascii_uppercase() != *mark) {
        return None;
    }
    let (year, month, day) = (number(&head[..4])?, number(&head[5..7])?, number(&head[8..10])?);
    let (hour, minute, second) = (number(&head[11..13])?, number(&head[14..16])?, number(&head[17..])?);
    let days = days_before(year, month, day);
    let exists = (1..=12).contains(&month) && Date::of(days) == Date::from((year, month, day));
    // A leap second counts as the last second of its minute.
    if !exists || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut millis = days * DAY_MS + ((hour * 60 + minute) * 60 + second.min(59)) * 1_000;
    if let [b'.', decimals @ ..] = rest {
        let digits = decimals.iter().take_while(|c| c.is_ascii_digit()).count();
        let (decimals, after) = decimals.split_at(digits);
        let mut three = [b'0'; 3];
        for (place, digit) in three.iter_mut().zip(decimals) {
            *place = *digit;
        }
        millis += number(&three).filter(|_| (1..=9).contains(&digits))?;
        rest = after;
    }
    let east = match rest {
        [b'Z' | b'z'] => 0,
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (number(&[*h1, *h2])?, number(&[*m1, *m2])?);
            let minutes = (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)?;
            if *sign == b'-' { -minutes } else { minutes }
        }
        _ => return None,
    };
    Some(Timestamp::from_millis(millis - east * 60_000))
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |number, c| c.is_ascii_digit().then(|| number * 10 + i64::from(c - b'0')))
}

/// Returns the number of days between 1970-01-01 and a date, by Howard Hinnant's `days_from_civil`.
fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let era = year.div_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let year_of_era = year.rem_euclid(400);
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

impl Date {
    /// Returns the date this many days after 1970-01-01, by Howard Hinnant's `civil_from_days`.
    fn of(days: i64) -> Self {
        let days = days + 719_468;
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let month = (from_march + 2) % 12 + 1;
        let year = days.div_euclid(146_097) * 400 + year_of_era + i64::from(month <= 2);
        Self::from((year, month, day_of_year - (153 * from_march + 2) / 5 + 1))
    }
}

impl From<(i64, i64, i64)> for Date {
    fn from((year, month, day): (i64, i64, i64)) -> Self {
        let small = |number: i64| u32::try_from(number).unwrap_or(0);
        Self { year, month: small(month), day: small(day) }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_with_exactly_three_decimals_and_read_back() {
        let time = Timestamp::from_millis(1_763_892_000_000);
        assert_eq!(time.to_string(), "2025-11-23T10:00:00.000Z");
        assert_eq!(time.to_string().parse::<Timestamp>().unwrap(), time);
    }

    #[test]
    fn no_time_is_beyond_what_can_be_written() {
        let end = Timestamp::from_millis(0).plus(Duration::MAX);
        assert_eq!(end.to_string(), "9999-12-30T00:00:00.000Z");
        let beginning = Timestamp::from_millis(i64::MIN);
        assert_eq!(beginning.to_string(), "0000-01-01T00:00:00.000Z");
        assert_eq!(beginning.to_string().parse::<Timestamp>().unwrap(), Timestamp::MIN);
    }

    #[test]
    fn a_time_is_parsed_as_rfc_3339() {
        let read = |text: &str| text.parse().map(Timestamp::as_millis).ok();
        assert_eq!(read("2025-11-23T10:00:00Z"), Some(1_763_892_000_000));
        assert_eq!(read("2025-11-23T11:30:00.5+01:30"), Some(1_763_892_000_500));
        assert_eq!(read("2025-11-23t09:59:60.123456789z"), Some(1_763_891_999_123));
        assert_eq!(read("2024-02-29T23:59:59.999-00:00"), Some(1_709_251_199_999));
        for text in [
            "",
            "2025-11-23",
            "2025-11-23T10:00:00",
            "2025-02-29T10:00:00Z",
            "2025-13-01T10:00:00Z",
            "2025-00-10T10:00:00Z",
            "2025-11-23T24:00:00Z",
            "2025-11-23T10:00:00.Z",
            "2025-11-23T10:00:00+1:00",
            "2025-11-23T10:00:00Zulu",
            "20a5-11-23T10:00:00Z",
            "2025-11-23T10:00:0ü",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn every_day_has_a_date_that_leads_back_to_it() {
        for days in -719_528..=2_932_895 {
            let Date { year, month, day } = Date::of(days);
            assert_eq!(days_before(year, i64::from(month), i64::from(day)), days);
        }
        assert_eq!(Date::of(-719_528), Date { year: 0, month: 1, day: 1 });
        assert_eq!(Date::of(11_016), Date { year: 2000, month: 2, day: 29 });
    }

    #[test]
    fn a_text_names_day_and_clock_in_utc() {
        assert_eq!(Timestamp::from_millis(1_763_892_000_000).day_and_clock(), "Sun 10:00 UTC");
        assert_eq!(Timestamp::from_millis(0).day_and_clock(), "Thu 00:00 UTC");
        assert_eq!(Timestamp::from_millis(1_763_892_000_000).date_and_clock(), "23 November 2025, 10:00 UTC");
        assert_eq!(Timestamp::from_millis(1_767_225_599_999).day(), "31 December 2025");
    }
}

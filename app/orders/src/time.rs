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

impl Timestamp {
    /// The first time there is, 0000-01-01T00:00:00.000Z: RFC 3339 writes years with four digits.
    pub const MIN: Self = Self(-62_167_219_200_000);
    /// The last time there is, 9999-12-30T00:00:00.000Z.
    pub const MAX: Self = Self(253_402_128_000_000);

    /// The time that many milliseconds after the epoch, or the nearest one that there is.
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

    /// This time plus a duration, at most the last there is.
    pub fn plus(self, duration: Duration) -> Self {
        Self::from_millis(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long after `earlier` this is; zero when it is not after.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The time of day in UTC, `14:05 UTC`, for texts that are read where no time zone is known.
    pub fn clock(self) -> String {
        let minutes = self.0.div_euclid(60_000).rem_euclid(24 * 60);
        format!("{:02}:{:02} UTC", minutes / 60, minutes % 60)
    }

    /// Weekday and time of day in UTC, `Tue 14:05 UTC`.
    pub fn day_and_clock(self) -> String {
        // 1970-01-01 was a Thursday.
        const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
        let day = usize::try_from(self.0.div_euclid(86_400_000).rem_euclid(7)).unwrap_or(0);
        format!("{} {}", DAYS[day], self.clock())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const PRINTER: jiff::fmt::temporal::DateTimePrinter =
            jiff::fmt::temporal::DateTimePrinter::new().precision(Some(3));
        let time = jiff::Timestamp::from_millisecond(self.0).map_err(|_| fmt::Error)?;
        f.write_str(&PRINTER.timestamp_to_string(&time))
    }
}

impl FromStr for Timestamp {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        let time: jiff::Timestamp = text.parse().map_err(|_| NotATime)?;
        Ok(Self::from_millis(time.as_millisecond()))
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
    fn a_text_names_day_and_clock_in_utc() {
        assert_eq!(Timestamp::from_millis(1_763_892_000_000).day_and_clock(), "Sun 10:00 UTC");
        assert_eq!(Timestamp::from_millis(0).day_and_clock(), "Thu 00:00 UTC");
    }
}

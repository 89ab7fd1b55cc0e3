//! Dates and times: units, epochs and the calendar, the same in both generations.
//!
//! ```text
//!  Date       i32  days since 2000-01-01
//!  Time       i32  milliseconds since midnight, negative and beyond a day allowed
//!  Timestamp  i64  nanoseconds since 2000-01-01T00:00:00 UTC     (years 1707 to 2292)
//!  Timespan   i64  nanoseconds
//! ```

use core::fmt;

use zerocopy::{FromBytes, Immutable, IntoBytes};

/// A day, as days since 2000-01-01 of the Gregorian calendar. Displays as `2024.01.15`.
#[derive(Clone, Copy, Default, Eq, Hash, Ord, PartialEq, PartialOrd, FromBytes, Immutable, IntoBytes)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(transparent)]
pub struct Date(pub i32);

/// A time of day in milliseconds since midnight. Displays as `12:34:56.789`.
#[derive(Clone, Copy, Default, Eq, Hash, Ord, PartialEq, PartialOrd, FromBytes, Immutable, IntoBytes)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(transparent)]
pub struct Time(pub i32);

/// A moment in nanoseconds since 2000-01-01T00:00:00 UTC. Displays as `2024.01.15D10:30:00.123456789`.
#[derive(Clone, Copy, Default, Eq, Hash, Ord, PartialEq, PartialOrd, FromBytes, Immutable, IntoBytes)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(transparent)]
pub struct Timestamp(pub i64);

/// A length of time in nanoseconds. Displays as `1D02:03:04.000000005`.
#[derive(Clone, Copy, Default, Eq, Hash, Ord, PartialEq, PartialOrd, FromBytes, Immutable, IntoBytes)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(transparent)]
pub struct Timespan(pub i64);

impl Date {
    /// The sentinel that stands for «no date».
    pub const NULL: Date = Date(i32::MIN);

    /// From a year, a month (1 to 12) and a day of the month (1 to 31); `None` where there is no such day or it
    /// is too far from 2000 for an `i32`.
    pub const fn from_ymd(year: i32, month: u8, day: u8) -> Option<Date> {
        if month < 1 || month > 12 || day < 1 || day > days_in(year, month) {
            return None;
        }
        // Years begin in March, so that the day which comes and goes is the last one.
        let shifted = if month > 2 { year as i64 } else { year as i64 - 1 };
        let era = shifted.div_euclid(YEARS_PER_ERA);
        let year_of_era = shifted.rem_euclid(YEARS_PER_ERA);
        let month_index = (month as i64 + 9) % 12;
        let day_of_year = (153 * month_index + 2) / 5 + day as i64 - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let days = era * DAYS_PER_ERA + day_of_era - DAYS_FROM_MARCH_0000;
        if days <= i32::MIN as i64 || days > i32::MAX as i64 { None } else { Some(Date(days as i32)) }
    }

    /// Year, month (1 to 12) and day of the month (1 to 31).
    pub const fn ymd(self) -> (i32, u8, u8) {
        let days = self.0 as i64 + DAYS_FROM_MARCH_0000;
        let era = days.div_euclid(DAYS_PER_ERA);
        let day_of_era = days.rem_euclid(DAYS_PER_ERA);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / (DAYS_PER_ERA - 1)) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_index = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_index + 2) / 5 + 1;
        let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
        let year = year_of_era + era * YEARS_PER_ERA + (month <= 2) as i64;
        (year as i32, month as u8, day as u8)
    }

    /// The calendar year.
    pub const fn year(self) -> i32 {
        self.ymd().0
    }

    /// The month, 1 to 12.
    pub const fn month(self) -> u8 {
        self.ymd().1
    }

    /// The day of the month, 1 to 31.
    pub const fn day(self) -> u8 {
        self.ymd().2
    }
}

impl Time {
    /// The sentinel that stands for «no time».
    pub const NULL: Time = Time(i32::MIN);

    /// From hour (0 to 23), minute (0 to 59), second (0 to 59) and millisecond (0 to 999).
    pub const fn from_hms_milli(hour: u8, minute: u8, second: u8, milli: u16) -> Option<Time> {
        if hour > 23 || minute > 59 || second > 59 || milli > 999 {
            return None;
        }
        Some(Time(((hour as i32 * 60 + minute as i32) * 60 + second as i32) * 1000 + milli as i32))
    }

    /// Hours, minutes (0 to 59), seconds (0 to 59) and milliseconds (0 to 999) of the distance from midnight; for
    /// a negative time the same of its absolute value.
    pub const fn hms_milli(self) -> (u16, u8, u8, u16) {
        let millis = self.0.unsigned_abs();
        let seconds = millis / 1000;
        let minutes = seconds / 60;
        ((minutes / 60) as u16, (minutes % 60) as u8, (seconds % 60) as u8, (millis % 1000) as u16)
    }
}

impl Timestamp {
    /// The sentinel that stands for «no moment».
    pub const NULL: Timestamp = Timestamp(i64::MIN);

    /// From a day and the nanoseconds since its midnight; `None` where that leaves the years 1707 to 2292, or
    /// where the nanoseconds are a day or more.
    pub const fn from_date_and_nanos(date: Date, nanos: u64) -> Option<Timestamp> {
        if nanos >= NANOS_PER_DAY as u64 {
            return None;
        }
        let moment = date.0 as i128 * NANOS_PER_DAY as i128 + nanos as i128;
        if moment <= i64::MIN as i128 || moment > i64::MAX as i128 {
            None
        } else {
            Some(Timestamp(moment as i64))
        }
    }

    /// From nanoseconds since 1970-01-01T00:00:00 UTC.
    pub const fn from_unix_nanos(nanos: i128) -> Option<Timestamp> {
        let Some(moment) = nanos.checked_sub(UNIX_TO_2000_NANOS) else { return None };
        if moment <= i64::MIN as i128 || moment > i64::MAX as i128 {
            None
        } else {
            Some(Timestamp(moment as i64))
        }
    }

    /// Nanoseconds since 1970-01-01T00:00:00 UTC.
    pub const fn unix_nanos(self) -> i128 {
        self.0 as i128 + UNIX_TO_2000_NANOS
    }

    /// The day.
    pub const fn date(self) -> Date {
        Date(self.0.div_euclid(NANOS_PER_DAY) as i32)
    }

    /// Nanoseconds since the day's midnight.
    pub const fn nanos_of_day(self) -> u64 {
        self.0.rem_euclid(NANOS_PER_DAY) as u64
    }

    /// Displays as ISO 8601 with microseconds: `2025-09-15T21:33:39.932434`.
    pub const fn iso(self) -> Iso {
        Iso(self)
    }
}

/// A [`Timestamp`] that displays as ISO 8601 with microseconds.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Iso(Timestamp);

impl fmt::Display for Iso {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.0.date().ymd();
        let (hours, minutes, seconds, nanos) = clock(self.0.nanos_of_day());
        let micros = nanos / 1000;
        write!(f, "{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.{micros:06}")
    }
}

impl Timespan {
    /// The sentinel that stands for «no length».
    pub const NULL: Timespan = Timespan(i64::MIN);
}

#[cfg(feature = "std")]
impl From<std::time::SystemTime> for Timestamp {
    /// The moment in UTC; outside the years 1707 to 2292 the null timestamp.
    fn from(time: std::time::SystemTime) -> Timestamp {
        let nanos = match time.duration_since(std::time::UNIX_EPOCH) {
            Ok(after) => i128::try_from(after.as_nanos()),
            Err(before) => i128::try_from(before.duration().as_nanos()).map(|nanos| -nanos),
        };
        nanos.ok().and_then(Timestamp::from_unix_nanos).unwrap_or(Timestamp::NULL)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Date::NULL {
            return f.write_str("0Nd");
        }
        let (year, month, day) = self.ymd();
        write!(f, "{year:04}.{month:02}.{day:02}")
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Time::NULL {
            return f.write_str("0Nt");
        }
        let sign = if self.0 < 0 { "-" } else { "" };
        let (hours, minutes, seconds, millis) = self.hms_milli();
        write!(f, "{sign}{hours:02}:{minutes:02}:{seconds:02}.{millis:03}")
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Timestamp::NULL {
            return f.write_str("0Np");
        }
        let (hours, minutes, seconds, nanos) = clock(self.nanos_of_day());
        write!(f, "{}D{hours:02}:{minutes:02}:{seconds:02}.{nanos:09}", self.date())
    }
}

impl fmt::Display for Timespan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Timespan::NULL {
            return f.write_str("0Nn");
        }
        let sign = if self.0 < 0 { "-" } else { "" };
        let total = self.0.unsigned_abs();
        let days = total / NANOS_PER_DAY as u64;
        let (hours, minutes, seconds, nanos) = clock(total % NANOS_PER_DAY as u64);
        write!(f, "{sign}{days}D{hours:02}:{minutes:02}:{seconds:02}.{nanos:09}")
    }
}

macro_rules! debug_as_display {
    ($($ty:ident)*) => {$(
        impl fmt::Debug for $ty {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($ty), "({})"), self)
            }
        }
    )*};
}

debug_as_display!(Date Time Timestamp Timespan);

const fn clock(nanos_of_day: u64) -> (u64, u64, u64, u64) {
    let seconds = nanos_of_day / 1_000_000_000;
    let minutes = seconds / 60;
    (minutes / 60, minutes % 60, seconds % 60, nanos_of_day % 1_000_000_000)
}

const fn days_in(year: i32, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

const NANOS_PER_DAY: i64 = 86_400_000_000_000;
const UNIX_TO_2000_NANOS: i128 = 946_684_800_000_000_000;
const YEARS_PER_ERA: i64 = 400;
const DAYS_PER_ERA: i64 = 146_097;
/// From 0000-03-01 to 2000-01-01.
const DAYS_FROM_MARCH_0000: i64 = 730_425;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_real_servers_have_their_calendar_fields() {
        assert_eq!(Date::from_ymd(2000, 1, 1), Some(Date(0)));
        assert_eq!(Date::from_ymd(2024, 1, 15), Some(Date(0x224c)));
        assert_eq!(Date::from_ymd(1999, 12, 31), Some(Date(-1)));
        assert_eq!(Date::from_ymd(1970, 1, 1), Some(Date(-10_957)));
        assert_eq!(Date(0x224c).ymd(), (2024, 1, 15));
        assert_eq!((Date(-1).year(), Date(-1).month(), Date(-1).day()), (1999, 12, 31));
    }

    #[test]
    fn every_day_of_a_thousand_years_comes_back() {
        let mut previous = Date(-365_000).ymd();
        for days in -364_999..365_000 {
            let (year, month, day) = Date(days).ymd();
            assert_eq!(Date::from_ymd(year, month, day), Some(Date(days)));
            assert!((year, month, day) > previous);
            previous = (year, month, day);
        }
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        assert_eq!(Date::from_ymd(2023, 2, 29), None);
        assert!(Date::from_ymd(2000, 2, 29).is_some());
        assert_eq!(Date::from_ymd(1900, 2, 29), None);
        assert_eq!(Date::from_ymd(2024, 13, 1), None);
        assert_eq!(Date::from_ymd(2024, 0, 1), None);
        assert_eq!(Date::from_ymd(i32::MAX, 1, 1), None);
    }

    #[test]
    fn extremes_display_without_a_panic() {
        for days in [i32::MIN, i32::MIN + 1, i32::MAX] {
            assert!(!std::format!("{} {}", Date(days), Time(days)).is_empty());
        }
        for nanos in [i64::MIN, i64::MIN + 1, i64::MAX] {
            assert!(!std::format!("{} {}", Timestamp(nanos), Timespan(nanos)).is_empty());
        }
    }

    #[test]
    fn text_is_that_of_the_servers() {
        assert_eq!(std::format!("{}", Timestamp(0x0a87_31c8_a862_5d15)), "2024.01.15D10:30:00.123456789");
        assert_eq!(std::format!("{}", Time(45_296_789)), "12:34:56.789");
        assert_eq!(std::format!("{}", Time(-3_600_000)), "-01:00:00.000");
        assert_eq!(std::format!("{}", Timespan(90_001_000_000_000)), "1D01:00:01.000000000");
        assert_eq!(std::format!("{} {}", Date::NULL, Timespan::NULL), "0Nd 0Nn");
    }

    #[test]
    fn unix_time_shifts_by_thirty_years() {
        let moment = Timestamp::from_unix_nanos(1_757_972_019_932_434_000).unwrap();
        assert_eq!(std::format!("{}", moment.iso()), "2025-09-15T21:33:39.932434");
        assert_eq!(moment.unix_nanos(), 1_757_972_019_932_434_000);
        assert_eq!(Timestamp::from_date_and_nanos(moment.date(), moment.nanos_of_day()), Some(moment));
        assert_eq!(Timestamp::from_unix_nanos(i128::from(i64::MAX) * 2), None);
    }
}

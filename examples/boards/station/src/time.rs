//! The time, of which a board knows only how long ago it started: from the answers of a server.

use core::time::Duration;

use rayforce_ipc::wire::Timestamp;

/// What is known of the difference between the server's time (UTC) and the time since the start: two bounds, between
/// which it lies. Each answer may narrow them; while none comes they widen, because clocks do not go equally fast.
///
/// Servers of wire 1 tell nanoseconds; those of wire 3 whole seconds (seen on 2.0.0 and 2.4.0). There an answer halves
/// the doubt where the question is asked [just when](ServerTime::next_question) the server's second is expected to
/// change.
#[derive(Clone, Copy, Debug, Default)]
pub struct ServerTime {
    /// In nanoseconds, and the time since the start at which they were so.
    bounds: Option<(i64, i64, Duration)>,
    /// From the last question to its answer.
    travel: Duration,
}

impl ServerTime {
    /// Nothing is known.
    pub const fn new() -> Self {
        ServerTime { bounds: None, travel: Duration::ZERO }
    }

    /// The server was asked for its time, by `(timestamp 'utc)`: when the question went out, and when the answer was
    /// there.
    pub fn answered(&mut self, sent: Duration, received: Duration, answer: Timestamp) {
        let whole_seconds = answer.0 % NANOS_PER_SECOND == 0;
        let resolution = if whole_seconds { NANOS_PER_SECOND } else { 1 };
        let low = answer.0.saturating_sub(nanos(received));
        let high = answer.0.saturating_add(resolution).saturating_sub(nanos(sent));
        let (low, high) = match self.at(received) {
            Some((old_low, old_high)) if old_low <= high && low <= old_high => {
                (low.max(old_low), high.min(old_high))
            }
            // The first one; or the server's clock was set.
            _ => (low, high),
        };
        self.bounds = Some((low, high, received));
        self.travel = received.saturating_sub(sent);
    }

    /// The moment of a time since the start, as well as it is known; null while nothing is known.
    pub fn moment(&self, uptime: Duration) -> Timestamp {
        let Some((low, high, _)) = self.bounds else { return Timestamp::NULL };
        Timestamp(middle(low, high).saturating_add(nanos(uptime)))
    }

    /// How far a moment may be wrong; none while nothing is known.
    pub fn doubt(&self, now: Duration) -> Option<Duration> {
        let (low, high) = self.at(now)?;
        Some(Duration::from_nanos(high.abs_diff(low) / 2))
    }

    /// Whether moments are right to 20 ms, or to what the way to the server permits.
    pub fn is_good(&self, now: Duration) -> bool {
        self.doubt(now).is_some_and(|doubt| doubt <= BEST_DOUBT + self.travel)
    }

    /// How long to wait with the next question so that its answer tells the most.
    pub fn next_question(&self, now: Duration) -> Duration {
        let Some((low, high, _)) = self.bounds else { return Duration::ZERO };
        let into_second = middle(low, high).saturating_add(nanos(now)).rem_euclid(NANOS_PER_SECOND);
        Duration::from_nanos(NANOS_PER_SECOND.abs_diff(into_second))
    }

    /// The bounds, widened by what the clocks may have drifted apart meanwhile.
    fn at(&self, now: Duration) -> Option<(i64, i64)> {
        let (low, high, since) = self.bounds?;
        let drift = nanos(now.saturating_sub(since)) / NANOS_PER_SECOND * DRIFT_NANOS_PER_SECOND;
        Some((low.saturating_sub(drift), high.saturating_add(drift)))
    }
}

fn nanos(time: Duration) -> i64 {
    i64::try_from(time.as_nanos()).unwrap_or(i64::MAX)
}

const fn middle(low: i64, high: i64) -> i64 {
    low.saturating_add((high.abs_diff(low) / 2) as i64)
}

const BEST_DOUBT: Duration = Duration::from_millis(20);
const NANOS_PER_SECOND: i64 = 1_000_000_000;
/// 100 ppm: of two crystals that are wrong by 50 each, in different directions.
const DRIFT_NANOS_PER_SECOND: i64 = 100_000;

#[cfg(test)]
mod tests {
    use super::*;

    /// The server's time when the board starts.
    const START: i64 = 849_000_000_123_456_789;

    fn ask(time: &mut ServerTime, sent_ms: u64, travel_ms: u64, resolution: i64) {
        let evaluated = START + nanos(Duration::from_millis(sent_ms + travel_ms));
        let answer = Timestamp(evaluated - evaluated % resolution);
        time.answered(Duration::from_millis(sent_ms), Duration::from_millis(sent_ms + 2 * travel_ms), answer);
    }

    fn error(time: &ServerTime, now: Duration) -> Duration {
        Duration::from_nanos(time.moment(now).0.abs_diff(START + nanos(now)))
    }

    #[test]
    fn nothing_is_known_before_the_first_answer() {
        let time = ServerTime::new();
        assert_eq!(time.moment(Duration::from_secs(5)), Timestamp::NULL);
        assert_eq!((time.doubt(Duration::ZERO), time.next_question(Duration::ZERO)), (None, Duration::ZERO));
    }

    #[test]
    fn nanoseconds_leave_half_of_the_way_in_doubt() {
        let mut time = ServerTime::new();
        ask(&mut time, 1000, 3, 1);
        let now = Duration::from_millis(1006);
        assert_eq!(time.doubt(now), Some(Duration::from_millis(3)));
        assert!(error(&time, now) <= Duration::from_micros(1));
    }

    #[test]
    fn each_question_at_the_change_of_the_second_halves_the_doubt() {
        let mut time = ServerTime::new();
        ask(&mut time, 700, 1, NANOS_PER_SECOND);
        let mut now = Duration::from_millis(702);
        for _ in 0..10 {
            let before = time.doubt(now).unwrap();
            now += time.next_question(now);
            ask(&mut time, u64::try_from(now.as_millis()).unwrap(), 1, NANOS_PER_SECOND);
            now += Duration::from_millis(2);
            let doubt = time.doubt(now).unwrap();
            assert!(doubt <= before / 2 + Duration::from_millis(2), "{before:?} {doubt:?}");
            assert!(error(&time, now) <= doubt);
        }
        assert!(time.doubt(now).unwrap() < Duration::from_millis(5));
    }

    #[test]
    fn doubt_grows_while_nobody_asks() {
        let mut time = ServerTime::new();
        ask(&mut time, 0, 1, 1);
        let day = Duration::from_secs(86_400);
        let (first, now) = (Duration::from_millis(2), Duration::from_millis(2) + day);
        assert_eq!(time.doubt(first), Some(Duration::from_millis(1)));
        assert_eq!(time.doubt(now), Some(Duration::from_millis(8641)));
        assert!(time.is_good(first) && !time.is_good(now));
        ask(&mut time, 86_400_000, 1, 1);
        assert_eq!(time.doubt(now), Some(Duration::from_millis(1)));
    }

    #[test]
    fn a_clock_that_was_set_is_believed() {
        let mut time = ServerTime::new();
        ask(&mut time, 0, 1, 1);
        let (now, set) = (Duration::from_secs(10), Timestamp(START - 3_600_000_000_000));
        time.answered(now, now, set);
        assert!(time.moment(now).0.abs_diff(set.0) <= 1);
    }
}

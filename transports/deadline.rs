//! A deadline by a clock that is asked.

use core::time::Duration;

use crate::client::since;

/// When an instant was, and how long after it waits end.
///
/// What is ready at the first attempt is moved whatever the limit is, so that one of zero asks without waiting. Later
/// attempts must be within the limit, ready or not: a flood that never lets anybody wait is no way around it.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Deadline {
    since: Duration,
    limit: Duration,
    is_tried: bool,
}

impl Deadline {
    /// One that has passed.
    pub(super) const fn passed() -> Self {
        Deadline { since: Duration::ZERO, limit: Duration::ZERO, is_tried: false }
    }

    /// One from now on. A limit of `Duration::MAX` never passes.
    pub(super) const fn after(now: Duration, limit: Duration) -> Self {
        Deadline { since: now, limit, is_tried: false }
    }

    /// Begins an attempt; whether there is time for one.
    pub(super) fn begin(&mut self, now: Duration) -> bool {
        !core::mem::replace(&mut self.is_tried, true) || !self.has_passed(now)
    }

    pub(super) fn has_passed(&self, now: Duration) -> bool {
        since(self.since, now) >= self.limit
    }

    /// The longest wait that ends in time; none where it may last for ever.
    #[cfg(any(feature = "async", feature = "smoltcp"))]
    pub(super) fn left(&self, now: Duration) -> Option<Duration> {
        (self.limit != Duration::MAX).then(|| since(since(self.since, now), self.limit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn the_first_attempt_may_come_late_and_no_other() {
        let mut deadline = Deadline::after(ms(5), ms(10));
        assert!(deadline.begin(ms(15)));
        assert!(!deadline.begin(ms(15)));
        assert!(deadline.has_passed(ms(15)));
        let mut deadline = Deadline::after(ms(5), ms(10));
        assert!(deadline.begin(ms(5)) && deadline.begin(ms(14)) && !deadline.begin(ms(15)));
    }

    #[test]
    fn the_greatest_limit_is_for_ever() {
        let mut deadline = Deadline::after(ms(5), Duration::MAX);
        assert!(deadline.begin(ms(5)) && deadline.begin(Duration::from_secs(1 << 40)));
    }
}

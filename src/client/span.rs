//! Subtraction of times that cannot panic: that of `Duration` has an overflow check which the compiler cannot rule out.

use core::time::Duration;

/// `later - earlier`; zero where that is less.
pub(crate) const fn since(earlier: Duration, later: Duration) -> Duration {
    let (whole, part) = (later.as_secs(), later.subsec_nanos());
    let (secs, nanos) = match (whole.checked_sub(earlier.as_secs()), part.checked_sub(earlier.subsec_nanos()))
    {
        (Some(secs), Some(nanos)) => (secs, nanos),
        (Some(secs @ 1..), None) => (secs - 1, part + NANOS_PER_SEC - earlier.subsec_nanos()),
        _ => (0, 0),
    };
    // Always so, and the compiler sees it now.
    if nanos < NANOS_PER_SEC { Duration::new(secs, nanos) } else { Duration::ZERO }
}

const NANOS_PER_SEC: u32 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_what_a_saturating_subtraction_gives() {
        let times = [
            Duration::ZERO,
            Duration::new(0, 1),
            Duration::new(0, 999_999_999),
            Duration::new(1, 0),
            Duration::new(1, 999_999_999),
            Duration::new(2, 500_000_000),
            Duration::new(u64::MAX, 0),
            Duration::MAX,
        ];
        for later in times {
            for earlier in times {
                assert_eq!(since(earlier, later), later.saturating_sub(earlier), "{later:?} - {earlier:?}");
            }
        }
    }
}

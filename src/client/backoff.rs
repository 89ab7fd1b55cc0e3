//! How long to wait before the next attempt to connect.

use core::time::Duration;

use crate::client::random::Random;
use crate::error::Error;

/// A policy of reconnecting, without a clock: it says how long to wait, and the caller waits.
///
/// The first attempt is made at once. Before the second the wait is the [first delay](Backoff::first_delay), then
/// twice that, and so on up to the [greatest](Backoff::greatest_delay). Of each wait one half is fixed and the other
/// is drawn by lot («equal jitter»): clients that lost the same server do not all come back at once, as they would with
/// fixed waits, and none comes back right away, as it might if the whole wait were drawn. The same seed draws the
/// same waits; so each client needs another, such as the serial number of its device.
///
/// Takes 32 bytes, on a microcontroller also.
///
/// ```
/// use core::time::Duration;
///
/// use rayforce_ipc::client::Backoff;
///
/// let serial_number = 17;
/// let mut backoff = Backoff::new(serial_number).attempt_limit(Some(3));
/// assert_eq!(backoff.next_delay(), Some(Duration::ZERO));
/// let second = backoff.next_delay().unwrap();
/// assert!((50..=100).contains(&second.as_millis()));
/// let third = backoff.next_delay().unwrap();
/// assert!((100..=200).contains(&third.as_millis()));
/// assert_eq!(backoff.next_delay(), None);
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Backoff {
    random: Random,
    first_ms: u32,
    greatest_ms: u32,
    /// Of the next attempt but the first, before the lot is drawn.
    delay_ms: u32,
    attempt: u32,
    attempt_limit: Option<u32>,
}

impl Backoff {
    /// The defaults: 100 ms, doubled up to 30 s, for ever. Any seed will do, also 0.
    pub const fn new(seed: u64) -> Self {
        Backoff {
            random: Random::new(seed),
            first_ms: 100,
            greatest_ms: 30_000,
            delay_ms: 100,
            attempt: 0,
            attempt_limit: None,
        }
    }

    /// The wait before the second attempt, in whole milliseconds: 1 at least, about 49 days at most. One above the
    /// greatest counts as that. Begins anew, as [`reset`](Backoff::reset) does.
    #[must_use]
    pub const fn first_delay(mut self, delay: Duration) -> Self {
        self.first_ms = millis(delay);
        self.reset();
        self
    }

    /// The longest wait, in whole milliseconds: 1 at least, about 49 days at most.
    #[must_use]
    pub const fn greatest_delay(mut self, delay: Duration) -> Self {
        self.greatest_ms = millis(delay);
        self
    }

    /// How many attempts are made, the first one included, until a [reset](Backoff::reset). None: for ever.
    #[must_use]
    pub const fn attempt_limit(mut self, limit: Option<u32>) -> Self {
        self.attempt_limit = limit;
        self
    }

    /// How long to wait before the next attempt, which counts as made. `None`: enough were made.
    pub fn next_delay(&mut self) -> Option<Duration> {
        if self.attempt_limit.is_some_and(|limit| self.attempt >= limit) {
            return None;
        }
        self.attempt = self.attempt.saturating_add(1);
        if self.attempt == 1 {
            return Some(Duration::ZERO);
        }
        let longest = self.delay_ms.min(self.greatest_ms);
        self.delay_ms = longest.saturating_mul(2);
        let half = longest / 2;
        let wait = longest - half + self.random.up_to(half);
        // A division of 32 bits, which `Duration::from_millis` would do with 64.
        Some(Duration::new(u64::from(wait / 1_000), wait % 1_000 * 1_000_000))
    }

    /// Begins anew: the next attempt is made at once. To be called when a connection has proved to work, as by an
    /// answer: where a server accepts connections only to drop them, one that is called after each handshake makes
    /// attempts without a wait.
    pub const fn reset(&mut self) {
        self.attempt = 0;
        self.delay_ms = self.first_ms;
    }

    /// How many attempts were made since the beginning or the last [reset](Backoff::reset).
    pub const fn attempt(&self) -> u32 {
        self.attempt
    }
}

/// An attempt to connect again that is about to be made.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Retry<'a, E> {
    /// Its number: 1 is the first since the policy [began anew](Backoff::reset).
    pub attempt: u32,
    /// How long is waited before it.
    pub delay: Duration,
    /// Why the attempt before failed; none before the first of the call.
    pub cause: Option<&'a Error<E>>,
}

/// In whole milliseconds, not 0: waits of nothing would never grow.
const fn millis(delay: Duration) -> u32 {
    let millis = delay.as_secs().saturating_mul(1_000).saturating_add(delay.subsec_millis() as u64);
    match millis {
        0 => 1,
        1..=LONGEST_MS => millis as u32,
        _ => u32::MAX,
    }
}

const LONGEST_MS: u64 = u32::MAX as u64;

#[cfg(test)]
mod tests {
    use super::*;

    use std::vec::Vec;

    fn waits(backoff: &mut Backoff, count: usize) -> Vec<u128> {
        (0..count).map_while(|_| backoff.next_delay()).map(|delay| delay.as_millis()).collect()
    }

    #[test]
    fn waits_double_from_half_to_whole_up_to_the_greatest() {
        let longest = [100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000, 30_000];
        for seed in 0..1_000 {
            let waits = waits(&mut Backoff::new(seed), longest.len() + 1);
            assert_eq!(waits[0], 0);
            for (wait, longest) in waits[1..].iter().zip(longest) {
                assert!((longest / 2..=longest).contains(wait), "{seed}: {wait} of {longest}");
            }
        }
    }

    #[test]
    fn the_lot_reaches_both_ends() {
        let mut backoff = Backoff::new(0).first_delay(Duration::from_millis(8));
        let mut seen = [false; 9];
        for _ in 0..1_000 {
            backoff.reset();
            seen[waits(&mut backoff, 2)[1] as usize] = true;
        }
        assert_eq!(seen, [false, false, false, false, true, true, true, true, true]);
    }

    #[test]
    fn a_seed_draws_the_same_and_another_something_else() {
        for seed in [0, 1, u64::MAX] {
            let own = waits(&mut Backoff::new(seed), 20);
            assert_eq!(waits(&mut Backoff::new(seed), 20), own);
            assert_ne!(waits(&mut Backoff::new(seed.wrapping_add(1)), 20), own);
        }
    }

    #[test]
    fn neighbouring_seeds_draw_unlike_first_waits() {
        let mut first: Vec<_> = (0..50).map(|seed| waits(&mut Backoff::new(seed), 2)[1]).collect();
        first.sort_unstable();
        first.dedup();
        assert!(first.len() > 25, "{first:?}");
    }

    #[test]
    fn ten_thousand_attempts_overflow_nothing() {
        for longest in [Duration::from_secs(30), Duration::MAX] {
            let mut backoff = Backoff::new(7).greatest_delay(longest);
            let waits = waits(&mut backoff, 10_000);
            assert_eq!((waits.len(), backoff.attempt()), (10_000, 10_000));
            let longest = longest.as_millis().min(u128::from(u32::MAX));
            assert!(waits[100..].iter().all(|wait| (longest / 2..=longest).contains(wait)));
        }
    }

    #[test]
    fn attempts_end_at_their_limit_until_a_reset() {
        for limit in 0..4 {
            let mut backoff = Backoff::new(1).attempt_limit(Some(limit));
            for _ in 0..2 {
                assert_eq!(waits(&mut backoff, 10).len(), limit as usize);
                assert_eq!((backoff.next_delay(), backoff.attempt()), (None, limit));
                backoff.reset();
                assert_eq!(backoff.attempt(), 0);
            }
        }
    }

    #[test]
    fn a_reset_begins_at_the_first_delay() {
        let mut backoff = Backoff::new(1);
        waits(&mut backoff, 20);
        backoff.reset();
        let waits = waits(&mut backoff, 2);
        assert!(waits[0] == 0 && (50..=100).contains(&waits[1]), "{waits:?}");
    }

    #[test]
    fn delays_stay_within_what_can_be_counted() {
        let second =
            |first, greatest| waits(&mut Backoff::new(1).first_delay(first).greatest_delay(greatest), 2)[1];
        assert_eq!(second(Duration::ZERO, Duration::from_secs(1)), 1);
        assert_eq!(second(Duration::from_nanos(1), Duration::ZERO), 1);
        assert!((1..=2).contains(&second(Duration::MAX, Duration::from_millis(2))));
        assert!(second(Duration::MAX, Duration::MAX) >= u128::from(u32::MAX / 2));
    }
}

//! Readings that are not inserted yet.

use core::cell::RefCell;
use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;

use embassy_sync::blocking_mutex::Mutex;
use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex;
use embassy_sync::signal::Signal;
use heapless::{Deque, Vec};

/// One reading. It has a number and no moment: what the time is may be known only after it was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// Counted from 0 since the start.
    pub number: u32,
    /// When it was measured: milliseconds since the start.
    pub uptime_ms: u64,
    /// The temperature.
    pub celsius: f32,
}

/// The last `N` readings that nobody has taken, for a `static`: 16 bytes each. One task measures, another delivers.
pub struct Readings<const N: usize> {
    ring: Mutex<CriticalSectionRawMutex, RefCell<Ring<N>>>,
    arrived: Signal<CriticalSectionRawMutex, ()>,
    /// Of the delivery: seconds since the start.
    last_turn: AtomicU32,
}

struct Ring<const N: usize> {
    waiting: Deque<Reading, N>,
    next_number: u32,
    overwritten: u32,
}

impl<const N: usize> Readings<N> {
    /// None yet.
    pub const fn new() -> Self {
        let ring = Ring { waiting: Deque::new(), next_number: 0, overwritten: 0 };
        Readings {
            ring: Mutex::new(RefCell::new(ring)),
            arrived: Signal::new(),
            last_turn: AtomicU32::new(0),
        }
    }

    /// Adds a reading. Where there is no room, the oldest one gives way, and is counted.
    pub fn push(&self, uptime: Duration, celsius: f32) {
        let uptime_ms = u64::try_from(uptime.as_millis()).unwrap_or(u64::MAX);
        self.ring.lock(|ring| {
            let mut ring = ring.borrow_mut();
            let reading = Reading { number: ring.next_number, uptime_ms, celsius };
            ring.next_number = ring.next_number.wrapping_add(1);
            if ring.waiting.is_full() {
                ring.waiting.pop_front();
                ring.overwritten = ring.overwritten.saturating_add(1);
            }
            // There is room.
            let _ = ring.waiting.push_back(reading);
        });
        self.arrived.signal(());
    }

    /// Moves the oldest readings into a batch, until it is full or none is left.
    pub fn take<const BATCH: usize>(&self, batch: &mut Vec<Reading, BATCH>) {
        self.ring.lock(|ring| {
            let mut ring = ring.borrow_mut();
            while !batch.is_full()
                && let Some(reading) = ring.waiting.pop_front()
            {
                let _ = batch.push(reading);
            }
        });
    }

    /// Waits for the next reading.
    pub async fn arrived(&self) {
        self.arrived.wait().await;
    }

    /// How many are waiting.
    pub fn waiting(&self) -> usize {
        self.ring.lock(|ring| ring.borrow().waiting.len())
    }

    /// How many gave way to younger ones since the start.
    pub fn overwritten(&self) -> u32 {
        self.ring.lock(|ring| ring.borrow().overwritten)
    }

    /// The delivery is at work.
    pub(crate) fn turn(&self, uptime: Duration) {
        self.last_turn.store(u32::try_from(uptime.as_secs()).unwrap_or(u32::MAX), Ordering::Relaxed);
    }

    /// Whether the delivery was at work within the last minutes: each of its waits is shorter. A watchdog is to be fed
    /// only while it is.
    pub fn is_alive(&self, uptime: Duration) -> bool {
        let since = uptime.as_secs().saturating_sub(self.last_turn.load(Ordering::Relaxed).into());
        since < LONGEST_TURN_SECS
    }
}

impl<const N: usize> Default for Readings<N> {
    fn default() -> Self {
        Self::new()
    }
}

const LONGEST_TURN_SECS: u64 = 300;

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers<const N: usize>(batch: &Vec<Reading, N>) -> std::vec::Vec<u32> {
        batch.iter().map(|reading| reading.number).collect()
    }

    #[test]
    fn the_oldest_give_way_and_are_counted() {
        let readings = Readings::<4>::new();
        for second in 0..7 {
            readings.push(Duration::from_secs(second), 20.0);
        }
        assert_eq!((readings.waiting(), readings.overwritten()), (4, 3));
        let mut batch = Vec::<_, 8>::new();
        readings.take(&mut batch);
        assert_eq!(numbers(&batch), [3, 4, 5, 6]);
        assert_eq!(batch.first().map(|reading| reading.uptime_ms), Some(3000));
    }

    #[test]
    fn a_batch_is_filled_up_and_not_beyond() {
        let readings = Readings::<8>::new();
        let mut batch = Vec::<_, 3>::new();
        for expected in [&[0][..], &[0, 1], &[0, 1, 2], &[0, 1, 2]] {
            readings.push(Duration::ZERO, 20.0);
            readings.take(&mut batch);
            assert_eq!(numbers(&batch), expected);
        }
        assert_eq!((readings.waiting(), readings.overwritten()), (1, 0));
    }

    #[test]
    fn a_delivery_that_stands_still_is_found_out() {
        let readings = Readings::<1>::new();
        assert!(readings.is_alive(Duration::from_secs(299)) && !readings.is_alive(Duration::from_secs(300)));
        readings.turn(Duration::from_secs(1000));
        assert!(
            readings.is_alive(Duration::from_secs(1299)) && !readings.is_alive(Duration::from_secs(1300))
        );
    }
}

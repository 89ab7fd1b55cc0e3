//! Milliseconds since the start, as embassy's time. The clock's interrupt wakes whoever waited for them.

use core::cell::RefCell;
use core::task::Waker;

use critical_section::Mutex;
use embassy_time_driver::Driver;
use embassy_time_queue_utils::Queue;

use crate::clock;

/// Counts interrupts of the system timer.
#[derive(Debug)]
struct Ticks {
    sleepers: Mutex<RefCell<Queue>>,
}

impl Driver for Ticks {
    fn now(&self) -> u64 {
        clock::millis()
    }

    fn schedule_wake(&self, at: u64, waker: &Waker) {
        // The next interrupt looks at all of them.
        critical_section::with(|section| self.sleepers.borrow_ref_mut(section).schedule_wake(at, waker));
    }
}

/// Wakes those whose time has come.
pub fn ticked(now: u64) {
    critical_section::with(|section| TICKS.sleepers.borrow_ref_mut(section).next_expiration(now));
}

embassy_time_driver::time_driver_impl!(static TICKS: Ticks = Ticks {
    sleepers: Mutex::new(RefCell::new(Queue::new())),
});

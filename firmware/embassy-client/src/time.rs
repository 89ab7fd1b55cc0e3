//! Milliseconds since the start, as embassy's time: an interrupt counts them, and wakes whoever waited for them.

use core::cell::{Cell, RefCell};
use core::task::Waker;

use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_rt::exception;
use critical_section::Mutex;
use embassy_time_driver::Driver;
use embassy_time_queue_utils::Queue;

/// Counts interrupts of the system timer.
#[derive(Debug)]
struct Ticks {
    millis: Mutex<Cell<u64>>,
    sleepers: Mutex<RefCell<Queue>>,
}

impl Driver for Ticks {
    fn now(&self) -> u64 {
        critical_section::with(|section| self.millis.borrow(section).get())
    }

    fn schedule_wake(&self, at: u64, waker: &Waker) {
        // The next interrupt looks at all of them.
        critical_section::with(|section| self.sleepers.borrow_ref_mut(section).schedule_wake(at, waker));
    }
}

/// Lets the timer interrupt every millisecond.
pub fn start(mut timer: SYST) {
    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(CORE_HZ / 1000 - 1);
    timer.clear_current();
    timer.enable_counter();
    timer.enable_interrupt();
}

#[exception]
fn SysTick() {
    critical_section::with(|section| {
        let now = TICKS.millis.borrow(section).get() + 1;
        TICKS.millis.borrow(section).set(now);
        TICKS.sleepers.borrow_ref_mut(section).next_expiration(now);
    });
}

embassy_time_driver::time_driver_impl!(static TICKS: Ticks = Ticks {
    millis: Mutex::new(Cell::new(0)),
    sleepers: Mutex::new(RefCell::new(Queue::new())),
});

/// Of the internal oscillator, which may be off by a third: a board would run from its crystal.
const CORE_HZ: u32 = 12_000_000;

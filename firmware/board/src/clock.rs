//! The clock of the chip, and the milliseconds that it counts.

use core::cell::Cell;
use core::time::Duration;

use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_rt::exception;
use critical_section::Mutex;
use rayforce_ipc::client::Clock;

use crate::register::Register;

/// Counts the milliseconds since the start.
#[derive(Clone, Copy, Debug)]
pub struct Uptime;

impl Clock for Uptime {
    fn uptime(&self) -> Duration {
        Duration::from_millis(millis())
    }

    fn wait(&self, duration: Duration) {
        let start = self.uptime();
        while self.uptime().saturating_sub(start) < duration {
            // The timer's interrupt ends it.
            cortex_m::asm::wfi();
        }
    }
}

/// Milliseconds since the start.
pub fn millis() -> u64 {
    critical_section::with(|section| MILLIS.borrow(section).get())
}

/// Runs the chip from the board's crystal, and lets the timer interrupt every millisecond. (The emulator keeps a clock
/// of 12.5 MHz whatever it is told, so that its milliseconds are shorter by a third.)
pub(crate) fn start(mut timer: SYST) {
    CLOCK.modify(CRYSTAL_OFF | CRYSTAL_KIND, CRYSTAL_8_MHZ);
    // It takes 20 ms to swing, and the clock until then may be as fast as 16 MHz.
    cortex_m::asm::delay(320_000);
    CLOCK.modify(CLOCK_SOURCE, 0);

    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(CORE_HZ / 1000 - 1);
    timer.clear_current();
    timer.enable_counter();
    timer.enable_interrupt();
}

#[exception]
fn SysTick() {
    let now = millis() + 1;
    critical_section::with(|section| MILLIS.borrow(section).set(now));
    #[cfg(feature = "embassy")]
    crate::time::ticked(now);
}

/// A u32 would be at its end after seven weeks, and the clock would go back.
static MILLIS: Mutex<Cell<u64>> = Mutex::new(Cell::new(0));

/// Hertz of the core.
pub const CORE_HZ: u32 = 8_000_000;

/// RCC of the system control, which comes up with the internal oscillator as it is, undivided.
// SAFETY: so the data sheet of the LM3S6965.
const CLOCK: Register = unsafe { Register::at(0x400f_e060) };
const CRYSTAL_OFF: u32 = 1 << 0;
const CLOCK_SOURCE: u32 = 3 << 4;
const CRYSTAL_KIND: u32 = 0xf << 6;
const CRYSTAL_8_MHZ: u32 = 0xe << 6;

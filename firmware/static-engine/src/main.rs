//! An engine in a `static`: two connections, one for each serial line of an LM3S6965, which any part of the firmware
//! reaches by name. Asks a server for `(+ 1 2)` and ends the emulator with status 0 if the answer is 3.
//!
//! ```text
//!  main      the engine, one question
//!  uart      a serial line as a pair of embedded-io streams, and what connects over it
//!  clock     milliseconds since the start
//!  register  what both are set by
//! ```
#![no_std]
#![no_main]

mod clock;
mod register;
mod uart;

use core::cell::Cell;
use core::panic::PanicInfo;

use cortex_m_rt::{ExceptionFrame, entry, exception};
use cortex_m_semihosting::debug::{self, EXIT_FAILURE, EXIT_SUCCESS};
use critical_section::Mutex;
use embedded_io::ErrorType;
use rayforce_ipc::client::{Buffers, Connect};
use rayforce_ipc::error::CloseReason;
use rayforce_ipc::{Engine, Error};
use static_cell::{ConstStaticCell, StaticCell};

use crate::uart::Lines;

/// As many connections as there are lines.
type Pool = Engine<'static, Lines, LINE_COUNT>;
type Failure = Error<<<Lines as Connect>::Transport as ErrorType>::Error>;

static MEMORY: ConstStaticCell<[Buffers<RECEIVE_LEN, TRANSMIT_LEN>; LINE_COUNT]> =
    ConstStaticCell::new([const { Buffers::new() }; LINE_COUNT]);
static STORAGE: StaticCell<Pool> = StaticCell::new();
/// The engine, once it is made. (Bytes of its own in here would not be zero, and so take flash as well.) That threads
/// and interrupts may share it is what the compiler demands, and the feature `critical-section` gives.
static ENGINE: Mutex<Cell<Option<&'static Pool>>> = Mutex::new(Cell::new(None));

#[entry]
fn main() -> ! {
    end(start().is_some() && ask() == Ok(3))
}

/// Makes the engine; none where that was done before.
fn start() -> Option<()> {
    clock::start(cortex_m::Peripherals::take()?.SYST);
    let memory = MEMORY.try_take()?;
    let engine = STORAGE.try_init_with(|| Engine::new(Lines, memory))?;
    critical_section::with(|section| ENGINE.borrow(section).set(Some(engine)));
    Some(())
}

/// Any part of the firmware may do this, and as often as it likes.
fn ask() -> Result<i64, Failure> {
    let engine = critical_section::with(|section| ENGINE.borrow(section).get());
    let engine = engine.ok_or(Error::Closed(CloseReason::NeverOpened))?;
    let mut connection = engine.acquire()?;
    let answer = connection.execute("(+ 1 2)")?.value()?.as_i64()?;
    connection.close()?;
    Ok(answer)
}

/// Ends the emulator, or leaves it to a debugger to go on.
fn end(well: bool) -> ! {
    debug::exit(if well { EXIT_SUCCESS } else { EXIT_FAILURE });
    loop {
        cortex_m::asm::wfi();
    }
}

#[panic_handler]
fn panic(_info: &PanicInfo<'_>) -> ! {
    end(false)
}

#[exception]
unsafe fn HardFault(_frame: &ExceptionFrame) -> ! {
    end(false)
}

const LINE_COUNT: usize = uart::LINE_COUNT;
const RECEIVE_LEN: usize = 256;
const TRANSMIT_LEN: usize = 64;

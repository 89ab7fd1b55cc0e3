//! The serial lines of an LM3S6965 (PL011), polled, as `embedded-io` streams.

use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};

use embedded_io::{ErrorKind, ErrorType, Read, ReadReady, Write, WriteReady};

use crate::clock::CORE_HZ;
use crate::register::Register;

/// One line, claimed until it is dropped.
#[derive(Debug)]
pub struct Uart {
    line: &'static Line,
    claim: &'static AtomicBool,
}

impl Uart {
    /// The first line that nobody has, started, with nothing received yet.
    ///
    /// # Errors
    /// [`UartError::AllClaimed`].
    pub fn claim() -> Result<Uart, UartError> {
        let mut lines = LINES.iter().zip(&CLAIMS);
        let free = lines.find(|(_, claim)| !claim.swap(true, Ordering::Acquire));
        let (line, claim) = free.ok_or(UartError::AllClaimed)?;
        Ok(Uart::start(line, claim))
    }

    /// Sets a claimed line to 115 200 baud, 8 bits, no parity, with queues, which are emptied.
    fn start(line: &'static Line, claim: &'static AtomicBool) -> Uart {
        CLOCKS_OF_UARTS.modify(0, line.clock_of_uart);
        CLOCKS_OF_PORTS.modify(0, line.clock_of_port);
        // A clock takes a few cycles to arrive.
        cortex_m::asm::delay(16);
        line.alternate_function.modify(0, line.pins);
        line.digital_enable.modify(0, line.pins);

        let uart = Uart { line, claim };
        uart.at(CONTROL).set(0);
        uart.at(LINE_CONTROL).set(0);
        uart.at(BAUD_WHOLE).set(BAUD_DIVISOR / 64);
        uart.at(BAUD_FRACTION).set(BAUD_DIVISOR % 64);
        uart.at(LINE_CONTROL).set(EIGHT_BITS | QUEUES);
        uart.at(CONTROL).set(ENABLE | TRANSMIT | RECEIVE);
        uart
    }

    fn is(&self, flag: u32) -> bool {
        self.at(FLAGS).get() & flag != 0
    }

    fn at(&self, offset: usize) -> Register {
        // SAFETY: `base` is the address of a UART, and `offset` that of one of its registers.
        unsafe { Register::at(self.line.base + offset) }
    }
}

impl Drop for Uart {
    fn drop(&mut self) {
        self.claim.store(false, Ordering::Release);
    }
}

impl ErrorType for Uart {
    type Error = UartError;
}

impl Read for Uart {
    fn read(&mut self, target: &mut [u8]) -> Result<usize, UartError> {
        let mut count = 0;
        for byte in target {
            // Only the first one is waited for.
            while self.is(RECEIVE_EMPTY) {
                if count > 0 {
                    return Ok(count);
                }
            }
            let data = self.at(DATA).get();
            if data & DATA_ERRORS != 0 {
                return Err(UartError::Line);
            }
            *byte = data as u8;
            count += 1;
        }
        Ok(count)
    }
}

impl ReadReady for Uart {
    fn read_ready(&mut self) -> Result<bool, UartError> {
        Ok(!self.is(RECEIVE_EMPTY))
    }
}

impl Write for Uart {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, UartError> {
        let mut count = 0;
        for byte in bytes {
            while self.is(TRANSMIT_FULL) {
                if count > 0 {
                    return Ok(count);
                }
            }
            self.at(DATA).set(u32::from(*byte));
            count += 1;
        }
        Ok(count)
    }

    /// Waits for 17 bytes at most, a millisecond and a half.
    fn flush(&mut self) -> Result<(), UartError> {
        while self.is(BUSY) {}
        Ok(())
    }
}

impl WriteReady for Uart {
    fn write_ready(&mut self) -> Result<bool, UartError> {
        Ok(!self.is(TRANSMIT_FULL))
    }
}

/// What a line can fail for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum UartError {
    /// A byte was lost or broken on the way.
    Line,
    /// Every line is claimed.
    AllClaimed,
}

impl fmt::Display for UartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            UartError::Line => "a byte was lost or broken on the line",
            UartError::AllClaimed => "every line is claimed",
        })
    }
}

impl core::error::Error for UartError {}

impl embedded_io::Error for UartError {
    fn kind(&self) -> ErrorKind {
        match self {
            UartError::Line => ErrorKind::InvalidData,
            UartError::AllClaimed => ErrorKind::AddrInUse,
        }
    }
}

/// Where a UART is, and what has to be switched on for it.
#[derive(Debug)]
struct Line {
    base: usize,
    clock_of_uart: u32,
    clock_of_port: u32,
    alternate_function: Register,
    digital_enable: Register,
    pins: u32,
}

/// UART0 on PA0 and PA1, UART1 on PD2 and PD3. With GPIOAFSEL and GPIODEN of their ports.
// SAFETY: so the data sheet of the LM3S6965, as for all addresses here.
static LINES: [Line; LINE_COUNT] = unsafe {
    [
        Line {
            base: 0x4000_c000,
            clock_of_uart: 1 << 0,
            clock_of_port: 1 << 0,
            alternate_function: Register::at(0x4000_4420),
            digital_enable: Register::at(0x4000_451c),
            pins: 0b0011,
        },
        Line {
            base: 0x4000_d000,
            clock_of_uart: 1 << 1,
            clock_of_port: 1 << 3,
            alternate_function: Register::at(0x4000_7420),
            digital_enable: Register::at(0x4000_751c),
            pins: 0b1100,
        },
    ]
};

/// Which of them are claimed.
static CLAIMS: [AtomicBool; LINE_COUNT] = [const { AtomicBool::new(false) }; LINE_COUNT];

/// How many lines there are.
pub const LINE_COUNT: usize = 2;

const BAUD: u32 = 115_200;
/// 64 times `CORE_HZ / (16 * BAUD)`, to the nearest.
const BAUD_DIVISOR: u32 = (4 * CORE_HZ + BAUD / 2) / BAUD;

/// RCGC1 and RCGC2 of the system control.
// SAFETY: as above.
const CLOCKS_OF_UARTS: Register = unsafe { Register::at(0x400f_e104) };
// SAFETY: as above.
const CLOCKS_OF_PORTS: Register = unsafe { Register::at(0x400f_e108) };
/// UARTDR: the byte, and four bits of errors.
const DATA: usize = 0x00;
const DATA_ERRORS: u32 = 0xf00;
/// UARTFR.
const FLAGS: usize = 0x18;
const BUSY: u32 = 1 << 3;
const RECEIVE_EMPTY: u32 = 1 << 4;
const TRANSMIT_FULL: u32 = 1 << 5;
/// UARTIBRD and UARTFBRD.
const BAUD_WHOLE: usize = 0x24;
const BAUD_FRACTION: usize = 0x28;
/// UARTLCRH.
const LINE_CONTROL: usize = 0x2c;
const QUEUES: u32 = 1 << 4;
const EIGHT_BITS: u32 = 3 << 5;
/// UARTCTL.
const CONTROL: usize = 0x30;
const ENABLE: u32 = 1 << 0;
const TRANSMIT: u32 = 1 << 8;
const RECEIVE: u32 = 1 << 9;

//! A serial line whose other end leads to a server.
//!
//! ```text
//!  device ── UART ── wire ── UART ── bridge ── TCP ── server
//! ```
//!
//! The bridge is whatever opens a TCP connection and carries bytes: ser2net, socat, a microcontroller with Ethernet,
//! QEMU's `-serial tcp:127.0.0.1:5000,nodelay=on`. The protocol needs nothing of it but all bytes, in their order, in both
//! directions. What there is to know:
//!
//! - **No byte may be lost.** The protocol has no flow control of its own, and a reply comes as fast as the line is. So either
//!   the UART has RTS and CTS, or an interrupt (DMA) takes what comes into a buffer of some milliseconds. A UART that
//!   reports what it lost is found out at once; with one that does not, the connection waits for its deadline.
//! - **A line tells of no end.** That a server went away shows by a wait that ends:
//!   [`Timeouts`](crate::client::Timeouts) are how soon. They have to be longer than any query, and than the longest reply takes:
//!   at 115,200 baud 11.5 bytes a millisecond, 80 KB in 7 s.
//! - **The bridge makes the connections.** It has to open a new one when the old one ended. Where the device gives up a connection
//!   whose server lives, the bridge has to be told, by a modem line or else: the server would take the opening of the
//!   next connection for a part of the old one. (2.4.0 ends it after 16 such bytes, 1.0.0 never does.)
//! - **Nagle's algorithm off** on the bridge's socket, or each byte may wait for an acknowledgement.
//! - **Nobody checks bytes.** TCP does, a wire does not: use it where it is short, or a bridge that checks.
//!
//! [`Line`] connects over a UART again and again. A UART that is not to be used again, or that can be had anew for each
//! connection, needs only [`Polled`], or `Timed` where its traits are async. A receiver and a transmitter
//! that are two objects are a [`Pair`](crate::transports::adapters::Pair).

use core::cell::{RefCell, RefMut};
use core::fmt;
use core::time::Duration;

use embedded_io::{ErrorKind, ErrorType, Read, ReadReady, Write, WriteReady};

use crate::client::{Clock, Connect};
use crate::transports::adapters::{Polled, TimedError};

/// A UART over which connections are made one after the other: the connector is `&Line`. Beside the UART and the clock it
/// takes 24 bytes.
///
/// ```
/// use embedded_io::{Read, ReadReady, Write, WriteReady};
/// use rayforce_ipc::client::{Backoff, Clock, Connection, Memory, Options};
/// use rayforce_ipc::transports::adapters::TimedError;
/// use rayforce_ipc::transports::serial::{Line, LineError};
/// use rayforce_ipc::Error;
/// # use core::ops::ControlFlow;
///
/// fn sum<U: Read + ReadReady + Write + WriteReady>(
///     uart: U,
///     clock: impl Clock + Clone,
///     memory: Memory<'_>,
/// ) -> Result<i64, Error<TimedError<LineError<U::Error>>>> {
///     let line = Line::new(uart, clock);
///     let mut connection = Connection::closed(memory);
///     let mut backoff = Backoff::new(17).attempt_limit(Some(5));
///     loop {
///         connection.reconnect(&&line, &Options::new(), &mut backoff, |_| ControlFlow::Continue(()))?;
///         match connection.execute("(+ 1 2)").and_then(|mut reply| Ok(reply.value()?.as_i64()?)) {
///             Err(error) if error.is_transient() => {} // the UART is free again, for the next attempt
///             answer => return answer,
///         }
///     }
/// }
/// ```
#[derive(Debug)]
pub struct Line<U, C> {
    uart: RefCell<U>,
    clock: C,
    silence: Duration,
}

impl<U, C> Line<U, C> {
    /// Over a UART that is set up: 8 bits, no parity.
    pub const fn new(uart: U, clock: C) -> Self {
        Line { uart: RefCell::new(uart), clock, silence: Duration::from_millis(50) }
    }

    /// How long nothing must come before a connection begins: what comes until then is of the connection before, and thrown
    /// away. Zero takes everything for the new connection. Default: 50 ms.
    #[must_use]
    pub fn silence(self, silence: Duration) -> Self {
        Line { silence, ..self }
    }

    /// The UART.
    pub fn into_inner(self) -> U {
        self.uart.into_inner()
    }
}

impl<'l, U: Read + ReadReady + Write + WriteReady, C: Clock + Clone> Connect for &'l Line<U, C> {
    type Transport = Polled<Wire<'l, U>, C>;
    type Clock = C;

    /// Waits for the line to be silent. Whether there is a server shows by the handshake.
    ///
    /// # Errors
    /// [`LineError::Taken`] where a connection has the UART; [`TimedError::TimedOut`] where the line is not silent within the
    /// limit.
    fn connect(&self, limit: Duration) -> Result<Self::Transport, TimedError<LineError<U::Error>>> {
        let mut uart = self.uart.try_borrow_mut().map_err(|_| TimedError::Stream(LineError::Taken))?;
        let start = self.clock.uptime();
        let mut heard = start;
        while let now = self.clock.uptime()
            && now.saturating_sub(heard) < self.silence
        {
            // What the UART has lost of it is no loss.
            let is_there = uart.read_ready();
            if let Ok(true) = is_there {
                let _ = uart.read(&mut [0; 16]);
            }
            if !matches!(is_there, Ok(false)) {
                heard = now;
            }
            if now.saturating_sub(start) >= limit {
                return Err(TimedError::TimedOut);
            }
            core::hint::spin_loop();
        }
        Ok(Polled::new(Wire(uart), self.clock.clone()))
    }

    fn clock(&self) -> &C {
        &self.clock
    }
}

#[cfg(feature = "defmt")]
impl<U, C> defmt::Format for Line<U, C> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "serial line");
    }
}

impl<U, C> fmt::Display for Line<U, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("serial line")
    }
}

/// The UART of a [`Line`], for one connection.
#[derive(Debug)]
pub struct Wire<'l, U>(RefMut<'l, U>);

#[cfg(feature = "defmt")]
impl<U> defmt::Format for Wire<'_, U> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Wire");
    }
}

impl<U: ErrorType> ErrorType for Wire<'_, U> {
    type Error = LineError<U::Error>;
}

impl<U: Read> Read for Wire<'_, U> {
    fn read(&mut self, target: &mut [u8]) -> Result<usize, Self::Error> {
        self.0.read(target).map_err(LineError::Uart)
    }
}

impl<U: ReadReady> ReadReady for Wire<'_, U> {
    fn read_ready(&mut self) -> Result<bool, Self::Error> {
        self.0.read_ready().map_err(LineError::Uart)
    }
}

impl<U: Write> Write for Wire<'_, U> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        self.0.write(bytes).map_err(LineError::Uart)
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        self.0.flush().map_err(LineError::Uart)
    }
}

impl<U: WriteReady> WriteReady for Wire<'_, U> {
    fn write_ready(&mut self) -> Result<bool, Self::Error> {
        self.0.write_ready().map_err(LineError::Uart)
    }
}

/// What a line can fail for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum LineError<E> {
    /// A connection has the UART.
    Taken,
    /// The UART failed.
    Uart(E),
}

impl<E: fmt::Display> fmt::Display for LineError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LineError::Taken => f.write_str("the line is taken by another connection"),
            LineError::Uart(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> core::error::Error for LineError<E> {}

impl<E: embedded_io::Error> embedded_io::Error for LineError<E> {
    fn kind(&self) -> ErrorKind {
        match self {
            LineError::Taken => ErrorKind::AddrInUse,
            LineError::Uart(error) => error.kind(),
        }
    }
}

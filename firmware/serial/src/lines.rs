//! Connects over serial lines.

use core::fmt;
use core::time::Duration;

use board::clock::Uptime;
use board::uart::{Uart, UartError};
use rayforce_ipc::client::Connect;
use rayforce_ipc::transports::adapters::{Polled, TimedError};

/// Connects over the first line that no connection has. What is on the other end of it has a connection to the
/// server already: there is nothing to wait for.
#[derive(Clone, Copy, Debug)]
pub struct Lines;

impl Connect for Lines {
    type Transport = Polled<Uart, Uptime>;
    type Clock = Uptime;

    fn connect(&self, _limit: Duration) -> Result<Self::Transport, TimedError<UartError>> {
        let uart = Uart::claim().map_err(TimedError::Stream)?;
        Ok(Polled::new(uart, Uptime))
    }

    fn clock(&self) -> &Uptime {
        &Uptime
    }
}

impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("uart")
    }
}

//! What a pool asks for.

use core::fmt;
use core::hint::black_box;
use core::time::Duration;

use board::wire::Wire;
use embedded_io::ErrorKind;
use rayforce_ipc::client::{Clock, Connect};
use rayforce_ipc::transports::adapters::{Polled, TimedError};

/// Connects to who says the pieces.
pub struct Dial(pub &'static [&'static [u8]]);

impl fmt::Display for Dial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("host=board, port=0")
    }
}

impl Connect for Dial {
    type Transport = Polled<Wire, Uptime>;
    type Clock = Uptime;

    fn connect(&self, _limit: Duration) -> Result<Self::Transport, TimedError<ErrorKind>> {
        Ok(Polled::new(Wire::new(self.0), Uptime))
    }

    fn clock(&self) -> &Uptime {
        &Uptime
    }
}

/// A clock that nobody winds.
#[derive(Clone, Copy, Debug)]
pub struct Uptime;

impl Clock for Uptime {
    fn uptime(&self) -> Duration {
        Duration::from_secs(black_box(1))
    }
}

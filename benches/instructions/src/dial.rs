//! What a pool asks for.

use std::fmt;
use std::time::Duration;

use embedded_io::ErrorKind;
use rayforce_ipc::client::asynch::{self, Timer};
use rayforce_ipc::client::{Clock, Connect};
use rayforce_ipc::transports::adapters::Unbounded;

use crate::Wire;

/// Connects to who says the pieces. Its time stands still.
pub struct Dial(pub &'static [&'static [u8]]);

impl fmt::Display for Dial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("host=memory, port=0")
    }
}

impl Clock for Dial {
    fn uptime(&self) -> Duration {
        Duration::from_secs(1)
    }
}

impl Timer for Dial {
    async fn sleep(&self, _: Duration) {}
}

impl Connect for Dial {
    type Transport = Unbounded<Wire>;
    type Clock = Dial;

    fn connect(&self, _limit: Duration) -> Result<Unbounded<Wire>, ErrorKind> {
        Ok(Unbounded(Wire::new(self.0)))
    }

    fn clock(&self) -> &Dial {
        self
    }
}

impl asynch::Connect for Dial {
    type Transport = Unbounded<Wire>;
    type Timer = Dial;

    async fn connect(&self, _limit: Duration) -> Result<Unbounded<Wire>, ErrorKind> {
        Ok(Unbounded(Wire::new(self.0)))
    }

    fn timer(&self) -> &Dial {
        self
    }
}

//! A connector whose clock stands still at a moment of the day.

use std::cell::Cell;
use std::fmt;
use std::time::Duration;

use rayforce_ipc::client::{Clock, Connect};
use rayforce_ipc::transports::duplex::{self, Duplex, DuplexError, Step};
use rayforce_ipc::wire::{Date, Timestamp};

pub struct Connector<'s> {
    scripts: duplex::Connector<'s>,
    clock: Wall,
    /// How many streams it made.
    pub connected: Cell<usize>,
}

pub struct Wall;

impl<'s> Connector<'s> {
    pub const fn new(steps: &'s [Step<'s>]) -> Connector<'s> {
        Connector { scripts: duplex::Connector::new(steps), clock: Wall, connected: Cell::new(0) }
    }
}

impl<'s> Connect for Connector<'s> {
    type Transport = Duplex<'s>;
    type Clock = Wall;

    fn connect(&self, limit: Duration) -> Result<Duplex<'s>, DuplexError> {
        self.connected.set(self.connected.get() + 1);
        self.scripts.connect(limit)
    }

    fn clock(&self) -> &Wall {
        &self.clock
    }
}

impl fmt::Display for Connector<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("host=localhost, port=5000")
    }
}

impl Clock for Wall {
    fn uptime(&self) -> Duration {
        Duration::from_millis(1234)
    }

    fn wall(&self) -> Option<Timestamp> {
        let nanos = ((21 * 60 + 33) * 60 + 39) * 1_000_000_000 + 932_434_000;
        Timestamp::from_date_and_nanos(Date::from_ymd(2025, 9, 15)?, nanos)
    }
}

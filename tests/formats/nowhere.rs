//! A stream that has no `Format`, and what would connect to it.

use std::convert::Infallible;
use std::fmt;
use std::time::Duration;

use rayforce_ipc::client::{Clock, Connect, asynch};
use rayforce_ipc::transports::adapters::Unbounded;

/// Ends before its first byte.
pub struct Bare;

pub type Stream = Unbounded<Bare>;

impl embedded_io::ErrorType for Bare {
    type Error = Infallible;
}

impl embedded_io::Read for Bare {
    fn read(&mut self, _: &mut [u8]) -> Result<usize, Infallible> {
        Ok(0)
    }
}

impl embedded_io::Write for Bare {
    fn write(&mut self, _: &[u8]) -> Result<usize, Infallible> {
        Ok(0)
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl embedded_io_async::Read for Bare {
    async fn read(&mut self, _: &mut [u8]) -> Result<usize, Infallible> {
        Ok(0)
    }
}

impl embedded_io_async::Write for Bare {
    async fn write(&mut self, _: &[u8]) -> Result<usize, Infallible> {
        Ok(0)
    }

    async fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

pub struct Nowhere;

impl fmt::Display for Nowhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("host=nowhere, port=0")
    }
}

impl Clock for Nowhere {
    fn uptime(&self) -> Duration {
        Duration::ZERO
    }
}

impl asynch::Timer for Nowhere {
    async fn sleep(&self, _: Duration) {}
}

impl Connect for Nowhere {
    type Transport = Stream;
    type Clock = Self;

    fn connect(&self, _: Duration) -> Result<Stream, Infallible> {
        Ok(Unbounded(Bare))
    }

    fn clock(&self) -> &Self {
        self
    }
}

impl asynch::Connect for Nowhere {
    type Transport = Stream;
    type Timer = Self;

    async fn connect(&self, _: Duration) -> Result<Stream, Infallible> {
        Ok(Unbounded(Bare))
    }

    fn timer(&self) -> &Self {
        self
    }
}

//! What makes streams to one server.

use core::fmt;
use core::time::Duration;

use smoltcp::phy::Device;
use smoltcp::wire::IpEndpoint;

use crate::client::{Clock, Connect};
use crate::transports::deadline::Deadline;
use crate::transports::smoltcp::stack::Port;
use crate::transports::smoltcp::{SocketError, Stack, Stream};
use crate::wire::Timestamp;

/// Connects to one server, by its address.
///
/// It is also a [`Clock`], the stack's, whose waits move the stack forward.
#[derive(Clone, Copy)]
pub struct Connector<'s> {
    stack: &'s dyn Port,
    remote: IpEndpoint,
    keepalive: Option<Duration>,
}

impl<'s> Connector<'s> {
    /// To an address and port, such as `(Ipv4Addr::new(10, 0, 2, 2), 5000)`.
    pub fn new<'a: 's, D: Device, C: Clock, const N: usize>(
        stack: &'s Stack<'a, D, C, N>,
        remote: impl Into<IpEndpoint>,
    ) -> Connector<'s> {
        Connector { stack, remote: remote.into(), keepalive: Some(Duration::from_secs(10)) }
    }

    /// The silence after which the other host is asked for a sign of life, and again each time it lasts as long once more.
    /// After three times that, the connection has failed by [`SocketError::Silent`]: that is TCP's user timeout, which also
    /// ends one whose data is not acknowledged for so long. `None` never asks; only deadlines end waits then. Default: 10 s.
    ///
    /// Where many frames are lost, let it be longer: TCP waits 1 s before it sends again, then 2 s, 4 s and so on.
    #[must_use]
    pub const fn keepalive(self, silence: Option<Duration>) -> Self {
        Connector { keepalive: silence, ..self }
    }
}

impl<'s> Connect for Connector<'s> {
    type Transport = Stream<'s>;
    type Clock = Self;

    /// Waits until the server has accepted, or refused.
    fn connect(&self, limit: Duration) -> Result<Stream<'s>, SocketError> {
        let deadline = Deadline::after(self.stack.uptime(), limit);
        let slot = self.stack.dial(self.remote, self.keepalive.map(interval))?;
        let mut stream = Stream::new(self.stack, slot, deadline);
        stream.accepted()?;
        Ok(stream)
    }

    fn clock(&self) -> &Self {
        self
    }
}

impl Clock for Connector<'_> {
    fn uptime(&self) -> Duration {
        self.stack.uptime()
    }

    fn wait(&self, duration: Duration) {
        let deadline = Deadline::after(self.uptime(), duration);
        while let now = self.uptime()
            && !deadline.has_passed(now)
        {
            // Who waits within `with_interface` does so without the stack.
            let _ = self.stack.advance();
            self.stack.pass(deadline.left(now));
        }
    }

    fn wall(&self) -> Option<Timestamp> {
        self.stack.wall()
    }
}

impl fmt::Display for Connector<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "host={}, port={}", self.remote.addr, self.remote.port)
    }
}

impl fmt::Debug for Connector<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector").field("remote", &self.remote).finish_non_exhaustive()
    }
}

/// As smoltcp has it, whose clock ends after some 300,000 years.
fn interval(duration: Duration) -> smoltcp::time::Duration {
    smoltcp::time::Duration::from_micros(
        u64::try_from(duration.as_micros()).unwrap_or(u64::MAX).min(u64::MAX >> 8),
    )
}

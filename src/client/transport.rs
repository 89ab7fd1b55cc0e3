//! What a connection needs of the outside world.

use core::fmt;
use core::time::Duration;

use embedded_io::{ErrorType, Read, Write};

use crate::client::span::since;
use crate::wire::Timestamp;

/// A byte stream in both directions whose waits end.
///
/// A connection calls `read`, `write` and `flush` only. All three may move fewer bytes than they were given; `read`
/// that gives none is the end of the stream. An error of kind `Interrupted` is tried again; every other one closes
/// the connection.
pub trait Transport: Read + Write {
    /// What reaches the stream from elsewhere while a call on it waits.
    type Handle: Abort;

    /// From now on, until the next call, `read`, `write` and `flush` end within `limit`, all of them together, with
    /// an error of kind `TimedOut`. Does not wait and costs no exchange with the operating system.
    fn set_deadline(&mut self, limit: Duration);

    /// A handle for this stream.
    ///
    /// # Errors
    /// Whatever keeps the transport from giving one.
    fn handle(&self) -> Result<Self::Handle, Self::Error>;

    /// Ends the stream in good order: what was written still arrives. Waits no longer than the deadline. (At once,
    /// without regard for what was written: dropping it.)
    ///
    /// # Errors
    /// Whatever keeps the transport from it; the stream is dropped all the same.
    fn close(&mut self) -> Result<(), Self::Error> {
        self.flush()
    }

    /// Whether the other side has not ended the stream yet, as far as that can be told without waiting and without
    /// taking a byte. A transport that cannot tell says yes.
    ///
    /// It is asked of a connection that was idle in a [pool](crate::engine::Engine::acquire).
    fn is_alive(&mut self) -> bool {
        true
    }
}

impl<T: Transport> Transport for &mut T {
    type Handle = T::Handle;

    fn set_deadline(&mut self, limit: Duration) {
        T::set_deadline(self, limit);
    }

    fn handle(&self) -> Result<Self::Handle, Self::Error> {
        T::handle(self)
    }

    fn close(&mut self) -> Result<(), Self::Error> {
        T::close(self)
    }

    fn is_alive(&mut self) -> bool {
        T::is_alive(self)
    }
}

/// Ends a stream from elsewhere, such as another thread.
pub trait Abort {
    /// Ends it at once. A `read` or `write` that waits returns with an error of kind `ConnectionAborted`, as do all
    /// later ones. Does not wait; more than once is harmless, and so is a stream that is gone already.
    fn abort(&self);

    /// Asks the server to end the query that runs for this connection: one byte of TCP urgent data, which 2.4.0
    /// answers by the error `cancel` in place of the query's result, about 10 ms later; the connection goes on. The
    /// others run the query to its end, as does 2.4.0 when the byte comes before the request; with no request under
    /// way it is thrown away (seen on 0.1.5 to 2.4.0). Whether it was sent: a transport without urgent data says
    /// no, and only closing the connection helps there.
    fn cancel(&self) -> bool {
        false
    }
}

/// The handle of a transport that nothing can reach from elsewhere.
impl Abort for () {
    fn abort(&self) {}
}

/// Makes transports to one server. `Display` says which, as `host=localhost, port=5000`.
pub trait Connect: fmt::Display {
    /// What it makes.
    type Transport: Transport;
    /// What tells the time of a connection.
    type Clock: Clock;

    /// Opens a stream, within `limit`.
    ///
    /// # Errors
    /// Whatever keeps the transport from it; of kind `TimedOut` when the limit is reached.
    fn connect(&self, limit: Duration) -> Result<Self::Transport, <Self::Transport as ErrorType>::Error>;

    /// The clock.
    fn clock(&self) -> &Self::Clock;
}

/// A source of time.
pub trait Clock {
    /// Time since some fixed start. Never goes back.
    fn uptime(&self) -> Duration;

    /// Waits so long. Unless it is done otherwise, by asking the clock all the time.
    fn wait(&self, duration: Duration) {
        let start = self.uptime();
        while since(start, self.uptime()) < duration {
            core::hint::spin_loop();
        }
    }

    /// The time of day in UTC, for a clock that knows it.
    fn wall(&self) -> Option<Timestamp> {
        None
    }
}

/// A point in time, as good as the clock knows it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Moment {
    /// In UTC. Displays as `2025-09-15T21:33:39.932434`.
    Wall(Timestamp),
    /// Milliseconds since the clock's start. Displays as `1234 ms`.
    Uptime(u64),
}

impl Moment {
    /// Now.
    pub fn now(clock: &impl Clock) -> Moment {
        match clock.wall() {
            Some(wall) => Moment::Wall(wall),
            None => Moment::Uptime(u64::try_from(clock.uptime().as_millis()).unwrap_or(u64::MAX)),
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Moment::Wall(timestamp) => timestamp.iso().fmt(f),
            Moment::Uptime(millis) => write!(f, "{millis} ms"),
        }
    }
}

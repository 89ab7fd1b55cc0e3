//! Any `embedded-io` stream as a transport, or a [`Pair`] of its halves.

use core::fmt;
use core::time::Duration;

use embedded_io::{ErrorKind, ErrorType, Read, ReadReady, Write, WriteReady};

use crate::client::{Clock, Transport};
use crate::transports::deadline::Deadline;

/// The two halves of a stream as one, for hardware that gives a receiver and a transmitter of their own.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Pair<R, W> {
    /// The half to read from.
    pub receiver: R,
    /// The half to write to.
    pub transmitter: W,
}

impl<R: ErrorType, W> ErrorType for Pair<R, W> {
    type Error = R::Error;
}

impl<R: Read, W> Read for Pair<R, W> {
    fn read(&mut self, target: &mut [u8]) -> Result<usize, R::Error> {
        self.receiver.read(target)
    }
}

impl<R: ReadReady, W> ReadReady for Pair<R, W> {
    fn read_ready(&mut self) -> Result<bool, R::Error> {
        self.receiver.read_ready()
    }
}

impl<R: ErrorType, W: Write<Error = R::Error>> Write for Pair<R, W> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, R::Error> {
        self.transmitter.write(bytes)
    }

    fn flush(&mut self) -> Result<(), R::Error> {
        self.transmitter.flush()
    }
}

impl<R: ErrorType, W: WriteReady<Error = R::Error>> WriteReady for Pair<R, W> {
    fn write_ready(&mut self) -> Result<bool, R::Error> {
        self.transmitter.write_ready()
    }
}

/// A stream without deadlines: each of its calls **may wait for ever**, and so may each call on the connection.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Unbounded<S>(pub S);

impl<S: ErrorType> ErrorType for Unbounded<S> {
    type Error = S::Error;
}

impl<S: Read> Read for Unbounded<S> {
    fn read(&mut self, target: &mut [u8]) -> Result<usize, S::Error> {
        self.0.read(target)
    }
}

impl<S: Write> Write for Unbounded<S> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, S::Error> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> Result<(), S::Error> {
        self.0.flush()
    }
}

impl<S: Read + Write> Transport for Unbounded<S> {
    type Handle = ();

    fn set_deadline(&mut self, _limit: Duration) {}

    fn handle(&self) -> Result<(), S::Error> {
        Ok(())
    }
}

#[cfg(feature = "async")]
mod unbounded {
    use core::time::Duration;

    use embedded_io_async::{Read, Write};

    use super::Unbounded;
    use crate::client::asynch::Transport;

    impl<S: Read> Read for Unbounded<S> {
        async fn read(&mut self, target: &mut [u8]) -> Result<usize, S::Error> {
            self.0.read(target).await
        }
    }

    impl<S: Write> Write for Unbounded<S> {
        async fn write(&mut self, bytes: &[u8]) -> Result<usize, S::Error> {
            self.0.write(bytes).await
        }

        async fn flush(&mut self) -> Result<(), S::Error> {
            self.0.flush().await
        }
    }

    impl<S: Read + Write> Transport for Unbounded<S> {
        type Handle = ();

        fn set_deadline(&mut self, _limit: Duration) {}

        fn handle(&self) -> Result<(), S::Error> {
            Ok(())
        }
    }
}

/// A stream that can be asked whether it is ready, and a clock that ends the asking. It polls: where a device should
/// sleep meanwhile, let the stream's `read_ready` and `write_ready` do it.
///
/// For a UART that leads to a server, read [`serial`](crate::transports::serial) first.
///
/// `flush` cannot be asked for and is left to the stream, which **must not wait for the other side** in it: where it
/// would, make do [without](Polled::unflushed). So each wait exceeds its deadline by one question at most.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Polled<S, C> {
    stream: S,
    clock: C,
    deadline: Deadline,
    flushes: bool,
}

impl<S, C: Clock> Polled<S, C> {
    /// Over a stream; until a deadline is set, every wait ends at once.
    pub const fn new(stream: S, clock: C) -> Self {
        Polled { stream, clock, deadline: Deadline::passed(), flushes: true }
    }

    /// The same without flushing, for a stream that sends by itself what it was given. There are no waits then but those
    /// that the clock ends.
    #[must_use]
    pub fn unflushed(self) -> Self {
        Polled { flushes: false, ..self }
    }

    /// The stream.
    pub const fn get_ref(&self) -> &S {
        &self.stream
    }

    fn begin<E>(&mut self) -> Result<(), TimedError<E>> {
        if self.deadline.begin(self.clock.uptime()) { Ok(()) } else { Err(TimedError::TimedOut) }
    }

    fn wait<E>(&mut self, ready: impl Fn(&mut S) -> Result<bool, E>) -> Result<(), TimedError<E>> {
        self.begin()?;
        while !ready(&mut self.stream).map_err(TimedError::Stream)? {
            if self.deadline.has_passed(self.clock.uptime()) {
                return Err(TimedError::TimedOut);
            }
            core::hint::spin_loop();
        }
        Ok(())
    }
}

impl<S: ErrorType, C> ErrorType for Polled<S, C> {
    type Error = TimedError<S::Error>;
}

impl<S: Read + ReadReady, C: Clock> Read for Polled<S, C> {
    fn read(&mut self, target: &mut [u8]) -> Result<usize, Self::Error> {
        self.wait(S::read_ready)?;
        self.stream.read(target).map_err(TimedError::Stream)
    }
}

impl<S: Write + WriteReady, C: Clock> Write for Polled<S, C> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        self.wait(S::write_ready)?;
        self.stream.write(bytes).map_err(TimedError::Stream)
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        if !self.flushes {
            return Ok(());
        }
        self.begin()?;
        self.stream.flush().map_err(TimedError::Stream)
    }
}

impl<S: Read + ReadReady + Write + WriteReady, C: Clock> Transport for Polled<S, C> {
    type Handle = ();

    fn set_deadline(&mut self, limit: Duration) {
        self.deadline = Deadline::after(self.clock.uptime(), limit);
    }

    fn handle(&self) -> Result<(), Self::Error> {
        Ok(())
    }
}

/// An error of a stream with a clock.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum TimedError<E> {
    /// The deadline passed.
    TimedOut,
    /// The stream failed.
    Stream(E),
}

impl<E: fmt::Display> fmt::Display for TimedError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TimedError::TimedOut => f.write_str("timed out"),
            TimedError::Stream(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> core::error::Error for TimedError<E> {}

impl<E: embedded_io::Error> embedded_io::Error for TimedError<E> {
    fn kind(&self) -> ErrorKind {
        match self {
            TimedError::TimedOut => ErrorKind::TimedOut,
            TimedError::Stream(error) => error.kind(),
        }
    }
}

//! A stream that misbehaves on purpose, for tests: short reads and writes, interruptions, a trickle, a sudden end, all of
//! them where they are told to, or drawn by lot from a seed.

mod odds;

use core::fmt;
use core::time::Duration;

use embedded_io::{ErrorKind, ErrorType, Read, Write};

use crate::client::Transport;
use crate::transports::faulty::odds::Lots;

pub use odds::Odds;

/// What goes wrong. The default is nothing.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Faults {
    /// The most bytes that one read gives.
    pub read_at_most: Option<usize>,
    /// The most bytes that one write takes.
    pub write_at_most: Option<usize>,
    /// No read goes across this byte of the stream.
    pub split_read_at: Option<u64>,
    /// No write goes across this byte of the stream.
    pub split_write_at: Option<u64>,
    /// Every read and write is interrupted once before it succeeds.
    pub interrupt: bool,
    /// After so many bytes were read, what happens instead of more.
    pub end_reading_after: Option<(u64, End)>,
    /// After so many bytes were written, what happens instead of more.
    pub end_writing_after: Option<(u64, End)>,
}

/// How a stream comes to its end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum End {
    /// In order: a read gives nothing, a write takes nothing.
    Close,
    /// By an error of kind `ConnectionReset`.
    Reset,
    /// By silence: an error of kind `TimedOut`, as of a transport whose deadline passes.
    Silence,
}

/// A transport with [`Faults`].
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Faulty<T> {
    inner: T,
    faults: Faults,
    lots: Lots,
    read: u64,
    written: u64,
    interrupted: bool,
}

impl<T> Faulty<T> {
    /// Around another transport.
    pub const fn new(inner: T, faults: Faults) -> Faulty<T> {
        Faulty { inner, faults, lots: Lots::new(NEVER, 0), read: 0, written: 0, interrupted: false }
    }

    /// Around another transport, with faults that are drawn by lot. Any seed will do, also 0; the same one draws the same.
    pub fn seeded(inner: T, odds: Odds, seed: u64) -> Faulty<T> {
        Faulty { lots: Lots::new(odds, seed), ..Faulty::new(inner, Faults::default()) }
    }

    /// The other transport.
    pub const fn get_ref(&self) -> &T {
        &self.inner
    }

    /// The same interruption before a read and a write.
    fn interrupt<E>(&mut self) -> Result<(), FaultyError<E>> {
        self.interrupted = self.faults.interrupt && !self.interrupted;
        if self.interrupted { Err(FaultyError::Injected(ErrorKind::Interrupted)) } else { Ok(()) }
    }

    /// The end of reading, where it has come; else how many bytes the next read may give.
    fn before_read<E>(&mut self, asked: usize) -> Result<Result<usize, usize>, FaultyError<E>> {
        self.interrupt()?;
        self.lots.before_read(&mut self.faults, [self.read, self.written])?;
        let asked = self.lots.shortened(asked);
        let limits = [self.faults.split_read_at, self.faults.end_reading_after.map(|(at, _)| at)];
        match self.faults.end_reading_after {
            Some((at, end)) if self.read >= at => end.happen().map(Err),
            _ => Ok(Ok(allowed(asked, self.faults.read_at_most, self.read, limits))),
        }
    }

    /// The end of writing, where it has come; else how many bytes the next write may take.
    fn before_write<E>(&mut self, asked: usize) -> Result<Result<usize, usize>, FaultyError<E>> {
        self.interrupt()?;
        self.lots.before_write(&mut self.faults, [self.read, self.written])?;
        let asked = self.lots.shortened(asked);
        let limits = [self.faults.split_write_at, self.faults.end_writing_after.map(|(at, _)| at)];
        match self.faults.end_writing_after {
            Some((at, end)) if self.written >= at => end.happen().map(Err),
            _ => Ok(Ok(allowed(asked, self.faults.write_at_most, self.written, limits))),
        }
    }
}

impl<T: ErrorType> ErrorType for Faulty<T> {
    type Error = FaultyError<T::Error>;
}

impl<T: Read> Read for Faulty<T> {
    fn read(&mut self, target: &mut [u8]) -> Result<usize, Self::Error> {
        let most = match self.before_read(target.len())? {
            Ok(most) => most,
            Err(end) => return Ok(end),
        };
        let target = target.get_mut(..most).unwrap_or_default();
        let count = self.inner.read(target).map_err(FaultyError::Inner)?;
        self.read += count as u64;
        Ok(count)
    }
}

impl<T: Write> Write for Faulty<T> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        let most = match self.before_write(bytes.len())? {
            Ok(most) => most,
            Err(end) => return Ok(end),
        };
        let bytes = bytes.get(..most).unwrap_or_default();
        let count = self.inner.write(bytes).map_err(FaultyError::Inner)?;
        self.written += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        self.inner.flush().map_err(FaultyError::Inner)
    }
}

impl<T: Transport> Transport for Faulty<T> {
    type Handle = T::Handle;

    fn set_deadline(&mut self, limit: Duration) {
        self.inner.set_deadline(limit);
    }

    fn handle(&self) -> Result<Self::Handle, Self::Error> {
        self.inner.handle().map_err(FaultyError::Inner)
    }

    fn close(&mut self) -> Result<(), Self::Error> {
        self.inner.close().map_err(FaultyError::Inner)
    }

    fn is_alive(&mut self) -> bool {
        self.inner.is_alive()
    }
}

#[cfg(feature = "async")]
mod asynch {
    use core::time::Duration;

    use embedded_io_async::{Read, Write};

    use super::{Faulty, FaultyError};
    use crate::client::asynch::Transport;

    impl<T: Read> Read for Faulty<T> {
        async fn read(&mut self, target: &mut [u8]) -> Result<usize, Self::Error> {
            let most = match self.before_read(target.len())? {
                Ok(most) => most,
                Err(end) => return Ok(end),
            };
            let target = target.get_mut(..most).unwrap_or_default();
            let count = self.inner.read(target).await.map_err(FaultyError::Inner)?;
            self.read += count as u64;
            Ok(count)
        }
    }

    impl<T: Write> Write for Faulty<T> {
        async fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
            let most = match self.before_write(bytes.len())? {
                Ok(most) => most,
                Err(end) => return Ok(end),
            };
            let bytes = bytes.get(..most).unwrap_or_default();
            let count = self.inner.write(bytes).await.map_err(FaultyError::Inner)?;
            self.written += count as u64;
            Ok(count)
        }

        async fn flush(&mut self) -> Result<(), Self::Error> {
            self.inner.flush().await.map_err(FaultyError::Inner)
        }
    }

    impl<T: Transport> Transport for Faulty<T> {
        type Handle = T::Handle;

        fn set_deadline(&mut self, limit: Duration) {
            self.inner.set_deadline(limit);
        }

        fn handle(&self) -> Result<Self::Handle, Self::Error> {
            self.inner.handle().map_err(FaultyError::Inner)
        }

        async fn close(&mut self) -> Result<(), Self::Error> {
            self.inner.close().await.map_err(FaultyError::Inner)
        }

        fn is_alive(&mut self) -> bool {
            self.inner.is_alive()
        }
    }
}

impl End {
    fn happen<E>(self) -> Result<usize, FaultyError<E>> {
        match self {
            End::Close => Ok(0),
            End::Reset => Err(FaultyError::Injected(ErrorKind::ConnectionReset)),
            End::Silence => Err(FaultyError::Injected(ErrorKind::TimedOut)),
        }
    }
}

/// An error of the transport, or one that was made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum FaultyError<E> {
    /// Made.
    Injected(ErrorKind),
    /// The transport's.
    Inner(E),
}

impl<E: fmt::Display> fmt::Display for FaultyError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FaultyError::Injected(kind) => write!(f, "injected: {kind:?}"),
            FaultyError::Inner(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> core::error::Error for FaultyError<E> {}

impl<E: embedded_io::Error> embedded_io::Error for FaultyError<E> {
    fn kind(&self) -> ErrorKind {
        match self {
            FaultyError::Injected(kind) => *kind,
            FaultyError::Inner(error) => error.kind(),
        }
    }
}

const NEVER: Odds = Odds { short: 0, interrupt: 0, trickle: 0, half_close: 0, reset: 0 };

/// How many bytes may be moved from `at` on.
fn allowed(asked: usize, most: Option<usize>, at: u64, limits: [Option<u64>; 2]) -> usize {
    let mut allowed = asked.min(most.unwrap_or(usize::MAX).max(1));
    for limit in limits.into_iter().flatten() {
        if at < limit {
            allowed = allowed.min(usize::try_from(limit - at).unwrap_or(usize::MAX));
        }
    }
    allowed
}

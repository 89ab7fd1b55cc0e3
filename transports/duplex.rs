//! A server that plays a script, in memory: for examples and tests without a network.

use core::convert::Infallible;
use core::fmt;
use core::time::Duration;

use embedded_io::{ErrorKind, ErrorType, Read, Write};

use crate::client::{Clock, Connect, Transport};

/// One line of a script.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Step<'s> {
    /// The client writes these bytes.
    Expect(&'s [u8]),
    /// The server sends these bytes, once everything before was written.
    Say(&'s [u8]),
    /// The server ends the stream.
    Close,
}

/// The client's end of a stream whose other end plays a script. Bytes that the script does not expect are an error,
/// and so is waiting for more than it says: nothing in here ever waits.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Duplex<'s> {
    steps: &'s [Step<'s>],
    /// The step that the client writes, and how much of it it has.
    heard: (usize, usize),
    /// The step that the client reads, and how much of it it has.
    said: (usize, usize),
}

impl<'s> Duplex<'s> {
    /// A server at the beginning of its script.
    pub const fn new(steps: &'s [Step<'s>]) -> Duplex<'s> {
        Duplex { steps, heard: (0, 0), said: (0, 0) }
    }

    /// Whether everything was written and read.
    pub fn is_done(&self) -> bool {
        let left = |(from, moved): (usize, usize), len: fn(&Step<'_>) -> usize| {
            self.steps.get(from..).unwrap_or_default().iter().map(len).sum::<usize>() > moved
        };
        let expected = |step: &Step<'_>| if let Step::Expect(bytes) = step { bytes.len() } else { 0 };
        let said = |step: &Step<'_>| if let Step::Say(bytes) = step { bytes.len() } else { 0 };
        !left(self.heard, expected) && !left(self.said, said)
    }

    /// The bytes that can be read next; none at all are the end of the stream.
    fn said(&mut self) -> Option<&'s [u8]> {
        self.expected();
        loop {
            if self.said.0 > self.heard.0 {
                return None;
            }
            match self.steps.get(self.said.0)? {
                Step::Say(bytes) if self.said.1 < bytes.len() => return bytes.get(self.said.1..),
                Step::Close => return Some(&[]),
                _ => self.said = (self.said.0 + 1, 0),
            }
        }
    }

    /// The bytes that are expected next.
    fn expected(&mut self) -> &'s [u8] {
        while let Some(step) = self.steps.get(self.heard.0) {
            match step {
                Step::Expect(bytes) if self.heard.1 < bytes.len() => {
                    return bytes.get(self.heard.1..).unwrap_or_default();
                }
                _ => self.heard = (self.heard.0 + 1, 0),
            }
        }
        &[]
    }
}

impl ErrorType for Duplex<'_> {
    type Error = DuplexError;
}

impl Read for Duplex<'_> {
    fn read(&mut self, target: &mut [u8]) -> Result<usize, DuplexError> {
        let said = self.said().ok_or(DuplexError::Silent)?;
        let count = said.len().min(target.len());
        for (target, byte) in target.iter_mut().zip(said) {
            *target = *byte;
        }
        self.said.1 += count;
        Ok(count)
    }
}

impl Write for Duplex<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, DuplexError> {
        let expected = self.expected();
        let count = expected.len().min(bytes.len());
        let same = expected.iter().zip(bytes).take_while(|(expected, byte)| expected == byte).count();
        if same < count || count == 0 && !bytes.is_empty() {
            return Err(DuplexError::Unexpected { step: self.heard.0, offset: self.heard.1 + same });
        }
        self.heard.1 += count;
        Ok(count)
    }

    fn flush(&mut self) -> Result<(), DuplexError> {
        Ok(())
    }
}

impl Transport for Duplex<'_> {
    type Handle = ();

    fn set_deadline(&mut self, _limit: Duration) {}

    fn handle(&self) -> Result<(), DuplexError> {
        Ok(())
    }

    fn is_alive(&mut self) -> bool {
        self.said().is_none_or(|said| !said.is_empty())
    }
}

#[cfg(feature = "async")]
mod asynch {
    use core::time::Duration;

    use embedded_io_async::{Read, Write};

    use super::{Duplex, DuplexError};
    use crate::client::asynch::Transport;

    impl Read for Duplex<'_> {
        async fn read(&mut self, target: &mut [u8]) -> Result<usize, DuplexError> {
            embedded_io::Read::read(self, target)
        }
    }

    impl Write for Duplex<'_> {
        async fn write(&mut self, bytes: &[u8]) -> Result<usize, DuplexError> {
            embedded_io::Write::write(self, bytes)
        }

        async fn flush(&mut self) -> Result<(), DuplexError> {
            embedded_io::Write::flush(self)
        }
    }

    impl Transport for Duplex<'_> {
        type Handle = ();

        fn set_deadline(&mut self, _limit: Duration) {}

        fn handle(&self) -> Result<(), DuplexError> {
            Ok(())
        }

        fn is_alive(&mut self) -> bool {
            crate::client::Transport::is_alive(self)
        }
    }
}

/// The client left the script.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum DuplexError {
    /// It waits for more than the script says: of kind `TimedOut`.
    Silent,
    /// It writes what the script does not expect.
    Unexpected {
        /// The step of the script.
        step: usize,
        /// The byte of the step.
        offset: usize,
    },
}

impl fmt::Display for DuplexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DuplexError::Silent => f.write_str("the script says no more"),
            DuplexError::Unexpected { step, offset } => {
                write!(f, "the script expects something else at step {step}, byte {offset}")
            }
        }
    }
}

impl core::error::Error for DuplexError {}

impl embedded_io::Error for DuplexError {
    fn kind(&self) -> ErrorKind {
        match self {
            DuplexError::Silent => ErrorKind::TimedOut,
            DuplexError::Unexpected { .. } => ErrorKind::InvalidData,
        }
    }
}

/// Makes streams that each play the script from its beginning. Its clock stands still.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Connector<'s> {
    steps: &'s [Step<'s>],
}

impl<'s> Connector<'s> {
    /// Streams over this script.
    pub const fn new(steps: &'s [Step<'s>]) -> Connector<'s> {
        Connector { steps }
    }
}

impl<'s> Connect for Connector<'s> {
    type Transport = Duplex<'s>;
    type Clock = Self;

    fn connect(&self, _limit: Duration) -> Result<Duplex<'s>, DuplexError> {
        Ok(Duplex::new(self.steps))
    }

    fn clock(&self) -> &Self {
        self
    }
}

impl Clock for Connector<'_> {
    fn uptime(&self) -> Duration {
        Duration::ZERO
    }
}

impl fmt::Display for Connector<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("host=duplex, port=0")
    }
}

/// A script cannot fail to begin.
impl From<Infallible> for DuplexError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

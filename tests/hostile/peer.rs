//! A server that says what it likes.

use std::cell::Cell;
use std::time::Duration;

use rayforce_ipc::transports::duplex::DuplexError;

/// The client's end. The server says its lines whatever it hears; it goes on with the next one when it has heard
/// something. Behind the last one it ends the stream, or is silent.
#[derive(Clone, Debug)]
pub struct Peer<'l> {
    lines: &'l [Vec<u8>],
    /// Bytes of the first line that were said.
    said: usize,
    /// Whether something was heard since the line began.
    heard: bool,
    /// The most bytes that a read gives.
    portion: usize,
    silent: bool,
    /// Counts reads, also those that gave nothing.
    reads: &'l Cell<usize>,
}

impl<'l> Peer<'l> {
    pub const fn new(lines: &'l [Vec<u8>], silent: bool, portion: usize, reads: &'l Cell<usize>) -> Peer<'l> {
        Peer { lines, said: 0, heard: false, portion, silent, reads }
    }

    fn say(&mut self, target: &mut [u8]) -> Result<usize, DuplexError> {
        self.reads.set(self.reads.get() + 1);
        loop {
            let line = self.lines.first().map_or(&[][..], Vec::as_slice);
            let rest = &line[self.said..];
            if !rest.is_empty() {
                let count = rest.len().min(target.len()).min(self.portion);
                target[..count].copy_from_slice(&rest[..count]);
                self.said += count;
                return Ok(count);
            }
            if !self.heard || self.lines.len() <= 1 {
                return if self.silent { Err(DuplexError::Silent) } else { Ok(0) };
            }
            (self.lines, self.said, self.heard) = (&self.lines[1..], 0, false);
        }
    }

    fn hear(&mut self, bytes: &[u8]) -> Result<usize, DuplexError> {
        self.heard = true;
        Ok(bytes.len())
    }
}

impl embedded_io::ErrorType for Peer<'_> {
    type Error = DuplexError;
}

impl embedded_io::Read for Peer<'_> {
    fn read(&mut self, target: &mut [u8]) -> Result<usize, DuplexError> {
        self.say(target)
    }
}

impl embedded_io::Write for Peer<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, DuplexError> {
        self.hear(bytes)
    }

    fn flush(&mut self) -> Result<(), DuplexError> {
        Ok(())
    }
}

impl rayforce_ipc::client::Transport for Peer<'_> {
    type Handle = ();

    fn set_deadline(&mut self, _limit: Duration) {}

    fn handle(&self) -> Result<(), DuplexError> {
        Ok(())
    }
}

#[cfg(feature = "async")]
mod asynch {
    use super::{DuplexError, Duration, Peer};

    impl embedded_io_async::Read for Peer<'_> {
        async fn read(&mut self, target: &mut [u8]) -> Result<usize, DuplexError> {
            self.say(target)
        }
    }

    impl embedded_io_async::Write for Peer<'_> {
        async fn write(&mut self, bytes: &[u8]) -> Result<usize, DuplexError> {
            self.hear(bytes)
        }

        async fn flush(&mut self) -> Result<(), DuplexError> {
            Ok(())
        }
    }

    impl rayforce_ipc::client::asynch::Transport for Peer<'_> {
        type Handle = ();

        fn set_deadline(&mut self, _limit: Duration) {}

        fn handle(&self) -> Result<(), DuplexError> {
            Ok(())
        }
    }
}

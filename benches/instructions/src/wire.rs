//! A stream in memory.

use std::hint::black_box;

use embedded_io::{ErrorKind, ErrorType, Read, Write};

/// What the server says, piece by piece; each is given by reads of its own. Whatever is written is taken.
#[derive(Clone, Debug)]
pub struct Wire {
    pieces: &'static [&'static [u8]],
    given: usize,
    /// What was written, where somebody asks for it.
    pub kept: Option<Vec<u8>>,
}

impl Wire {
    pub fn new(pieces: &'static [&'static [u8]]) -> Self {
        Wire { pieces, given: 0, kept: None }
    }
}

/// The opening and these pieces.
pub fn said(pieces: &[&'static [u8]]) -> &'static [&'static [u8]] {
    [&[crate::OPENING], pieces].concat().leak()
}

impl ErrorType for Wire {
    type Error = ErrorKind;
}

impl Read for Wire {
    #[inline(never)]
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        let Some((piece, later)) = self.pieces.split_first() else { return Ok(0) };
        let rest = &piece[self.given..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.given += count;
        if self.given == piece.len() {
            (self.pieces, self.given) = (later, 0);
        }
        Ok(count)
    }
}

impl Write for Wire {
    #[inline(never)]
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        if let Some(kept) = &mut self.kept {
            kept.extend_from_slice(bytes);
        }
        Ok(black_box(bytes).len())
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

impl embedded_io_async::Read for Wire {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        Read::read(self, buffer)
    }
}

impl embedded_io_async::Write for Wire {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        Write::write(self, bytes)
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

//! The memory of a connection, which is the caller's.

use core::fmt;

/// A receive and a transmit buffer of fixed size, for a place such as a `static` or an array on the stack.
///
/// The receive buffer holds what of a reply is in hand: 16 bytes are enough for any reply that is read by columns or
/// tokens; to know the columns of a table by their names, it takes these with 1 byte each, and 32 more; to have a reply
/// as a value, the payload whole (of a packed one the plain length, 16 bytes more, and room for what of a next frame
/// came along). The transmit buffer takes a request piece by piece and may have any size from 1 byte; one that holds a small request
/// with its header of 16 bytes sends it in one write.
#[derive(Clone)]
pub struct Buffers<const RX: usize, const TX: usize> {
    receive: [u8; RX],
    transmit: [u8; TX],
}

impl<const RX: usize, const TX: usize> Buffers<RX, TX> {
    /// Zeroed buffers.
    pub const fn new() -> Self {
        Buffers { receive: [0; RX], transmit: [0; TX] }
    }

    /// The buffers, lent.
    pub const fn lend(&mut self) -> Memory<'_> {
        Memory { receive: &mut self.receive, transmit: &mut self.transmit }
    }
}

impl<const RX: usize, const TX: usize> Default for Buffers<RX, TX> {
    fn default() -> Self {
        Self::new()
    }
}

/// Any two slices, lent to a connection.
pub struct Memory<'b> {
    /// For what comes in; 16 bytes at least.
    pub receive: &'b mut [u8],
    /// For what goes out; 1 byte at least.
    pub transmit: &'b mut [u8],
}

impl Memory<'_> {
    /// The fewest bytes of a receive buffer.
    pub const LEAST_RECEIVE: usize = 16;
    /// The fewest bytes of a transmit buffer.
    pub const LEAST_TRANSMIT: usize = 1;
}

impl<const RX: usize, const TX: usize> fmt::Debug for Buffers<RX, TX> {
    /// Without the bytes, which may be a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buffers").field("receive", &RX).field("transmit", &TX).finish()
    }
}

impl fmt::Debug for Memory<'_> {
    /// Without the bytes, which may be a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (receive, transmit) = (self.receive.len(), self.transmit.len());
        f.debug_struct("Memory").field("receive", &receive).field("transmit", &transmit).finish()
    }
}

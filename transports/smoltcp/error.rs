//! What can go wrong.

use core::fmt;

use embedded_io::ErrorKind;

/// An error of a stream over smoltcp.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SocketError {
    /// All of the stack's slots are in use.
    NoSlot {
        /// How many there are.
        capacity: usize,
    },
    /// There is no way to the address: the interface has no address of its own (yet), no network that it lies in and no
    /// route, or the address or its port is zero.
    Unreachable,
    /// The other host listens on no such port, or turns everybody away.
    Refused,
    /// The deadline passed.
    TimedOut,
    /// The stream's handle was told to abort.
    Aborted,
    /// The other host reset the connection.
    Reset,
    /// The other host gave no sign of life for three times the [keep-alive](super::Connector::keepalive) interval.
    Silent,
    /// The interface lost the address that the stream was made from.
    AddressLost,
    /// The stream was closed by its owner, or its socket was removed from the stack's socket set.
    Closed,
    /// Used within [`Stack::with_interface`](super::Stack::with_interface).
    Busy,
}

impl fmt::Display for SocketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SocketError::NoSlot { capacity } => return write!(f, "all {capacity} sockets are in use"),
            SocketError::Unreachable => "unreachable",
            SocketError::Refused => "connection refused",
            SocketError::TimedOut => "timed out",
            SocketError::Aborted => "aborted",
            SocketError::Reset => "connection reset",
            SocketError::Silent => "no sign of life",
            SocketError::AddressLost => "address lost",
            SocketError::Closed => "closed",
            SocketError::Busy => "the stack is in use",
        })
    }
}

impl core::error::Error for SocketError {}

impl embedded_io::Error for SocketError {
    fn kind(&self) -> ErrorKind {
        match self {
            SocketError::NoSlot { .. } => ErrorKind::OutOfMemory,
            SocketError::Unreachable | SocketError::AddressLost => ErrorKind::AddrNotAvailable,
            SocketError::Refused => ErrorKind::ConnectionRefused,
            SocketError::TimedOut => ErrorKind::TimedOut,
            SocketError::Aborted => ErrorKind::ConnectionAborted,
            // `TimedOut` is for the deadline, after which a connection may go on.
            SocketError::Reset | SocketError::Silent => ErrorKind::ConnectionReset,
            SocketError::Closed => ErrorKind::NotConnected,
            SocketError::Busy => ErrorKind::Other,
        }
    }
}

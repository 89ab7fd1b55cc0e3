//! What a log shows of a connection: what it speaks, and whether it is open. Never a byte of its buffers, which may be a
//! password.

use defmt::{Format, Formatter, write};

#[cfg(feature = "async")]
use crate::client::asynch;
use crate::client::frames::{Frame, Frames};
#[cfg(feature = "alloc")]
use crate::client::reading::owned::OwnedValue;
use crate::client::{Buffers, Connection, Memory, Session, Transport};

impl<T: Transport> Format for Connection<'_, T> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Connection({})", self.session());
    }
}

#[cfg(feature = "async")]
impl<T: asynch::Transport> Format for asynch::Connection<'_, T> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Connection({})", self.session());
    }
}

impl Format for Session<'_> {
    fn format(&self, f: Formatter<'_>) {
        match self.closed() {
            Some(reason) => write!(f, "closed: {}", reason),
            None => write!(f, "{}, awaited: {=u8}", self.generation(), self.awaited()),
        }
    }
}

impl<S: embedded_io::Read + embedded_io::Write> Format for Frames<'_, S> {
    fn format(&self, f: Formatter<'_>) {
        match self.closed() {
            Some(reason) => write!(f, "Frames(closed: {})", reason),
            None => write!(f, "Frames({})", self.generation()),
        }
    }
}

impl Format for Frame<'_> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Frame({})", self.header());
    }
}

impl<const RX: usize, const TX: usize> Format for Buffers<RX, TX> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Buffers {{ receive: {=usize}, transmit: {=usize} }}", RX, TX);
    }
}

impl Format for Memory<'_> {
    fn format(&self, f: Formatter<'_>) {
        let (receive, transmit) = (self.receive.len(), self.transmit.len());
        write!(f, "Memory {{ receive: {=usize}, transmit: {=usize} }}", receive, transmit);
    }
}

#[cfg(feature = "alloc")]
impl Format for OwnedValue {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "{}", self.value());
    }
}

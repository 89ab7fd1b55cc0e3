//! The place of a socket, and who uses it.

use core::cell::Cell;
use core::sync::atomic::{AtomicU32, Ordering};

use smoltcp::iface::SocketHandle;
use smoltcp::wire::IpAddress;

use crate::client::Abort;
use crate::transports::smoltcp::SocketError;

/// A socket of the set, which one stream after the other uses.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) socket: SocketHandle,
    pub(super) user: Cell<User>,
    /// Why the socket was closed, where its owner did not do it.
    pub(super) end: Cell<Option<SocketError>>,
    /// The interface's address that the stream was made from.
    pub(super) address: Cell<Option<IpAddress>>,
    signal: Signal,
}

/// Who uses a slot.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum User {
    /// Nobody. Its socket may still see to the end of a connection.
    Nobody,
    /// A stream.
    Stream,
    /// A stream that is gone, and whose connection is to be reset.
    Past,
}

impl Slot {
    pub(super) const fn new(socket: SocketHandle) -> Slot {
        let signal = Signal { current: AtomicU32::new(0), aborted: AtomicU32::new(0) };
        Slot { socket, user: Cell::new(User::Nobody), end: Cell::new(None), address: Cell::new(None), signal }
    }

    /// A stream begins to use it.
    pub(super) fn begin(&self, address: Option<IpAddress>) {
        self.address.set(address);
        self.user.set(User::Stream);
        self.end.set(None);
        let current = self.signal.current.load(Ordering::Relaxed);
        self.signal.current.store(current.wrapping_add(1), Ordering::Release);
    }

    /// What aborts the stream that uses it now.
    pub(super) fn handle(&self) -> Handle<'_> {
        Handle { signal: &self.signal, stream: self.signal.current.load(Ordering::Relaxed) }
    }

    /// Whether the stream that uses it now was told to abort.
    pub(super) fn is_aborted(&self) -> bool {
        self.signal.aborted.load(Ordering::Acquire) == self.signal.current.load(Ordering::Relaxed)
    }
}

/// Numbers of streams: loads and stores are all that a core without compare-and-swap has.
#[derive(Debug)]
struct Signal {
    /// The stream that uses the slot, or was the last to do so.
    current: AtomicU32,
    /// The last one that was told to abort.
    aborted: AtomicU32,
}

/// Aborts a [`Stream`](super::Stream) from elsewhere: from the stack's [idle hook](super::Stack::on_idle), an interrupt
/// handler, another core or thread.
///
/// A call that waits returns when the hook does, so what aborts from an interrupt wakes a device that sleeps there. The other
/// host learns of it when the stream is dropped. A handle whose stream is gone does nothing.
#[derive(Clone, Copy, Debug)]
pub struct Handle<'s> {
    signal: &'s Signal,
    stream: u32,
}

impl Abort for Handle<'_> {
    fn abort(&self) {
        if self.signal.current.load(Ordering::Acquire) == self.stream {
            self.signal.aborted.store(self.stream, Ordering::Release);
        }
    }
}

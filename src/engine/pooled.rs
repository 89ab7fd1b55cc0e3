//! What the pool needs of a connection, blocking or not.

use crate::client::{Abort, Connection, Transport};
#[cfg(feature = "std")]
use crate::engine::threads::Threads;
use crate::error::{CloseReason, Error};

/// A connection that a pool can lend.
pub(crate) trait Pooled {
    /// What ends its stream from elsewhere.
    type Handle: Abort;
    /// The transport's own error.
    type Error;
    /// Who waits for a slot.
    type Waiters: Waiters;

    fn is_open(&self) -> bool;

    /// Whether it is open, as far as can be told without waiting.
    fn is_alive(&mut self) -> bool;

    /// Whether the next caller finds it as a new one would be.
    fn is_ready(&mut self) -> bool;

    fn close_reason(&self) -> Option<CloseReason>;

    fn handle(&self) -> Result<Self::Handle, Error<Self::Error>>;

    /// Drops the transport.
    fn close_with(&mut self, reason: CloseReason);

    /// Ends it, when its holder is gone, in the best order that is possible in a `Drop`; and with it what it was
    /// subscribed to, which the next holder would be, too.
    fn end(&mut self);
}

/// Who waits for a slot.
pub(crate) trait Waiters: Default {
    /// A slot is free.
    fn freed(&self);
}

/// Nobody does.
#[cfg(not(feature = "std"))]
impl Waiters for () {
    fn freed(&self) {}
}

impl<T: Transport> Pooled for Connection<'_, T> {
    type Handle = T::Handle;
    type Error = T::Error;
    #[cfg(feature = "std")]
    type Waiters = Threads;
    #[cfg(not(feature = "std"))]
    type Waiters = ();

    fn is_open(&self) -> bool {
        Connection::is_open(self)
    }

    fn is_alive(&mut self) -> bool {
        Connection::is_alive(self)
    }

    fn is_ready(&mut self) -> bool {
        Connection::is_ready(self)
    }

    fn close_reason(&self) -> Option<CloseReason> {
        Connection::close_reason(self)
    }

    fn handle(&self) -> Result<T::Handle, Error<T::Error>> {
        Connection::handle(self)
    }

    fn close_with(&mut self, reason: CloseReason) {
        Connection::close_with(self, reason);
    }

    fn end(&mut self) {
        // What was sent still arrives; where it cannot, nobody is left to hear of it.
        let _ = self.close();
        self.lend_topics(&mut []);
    }
}

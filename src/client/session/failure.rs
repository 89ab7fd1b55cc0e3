//! What went wrong, kept where it went wrong.
//!
//! An error is as large as the largest of its kinds, and would be moved through every step between the place where it
//! arises and the caller. So the steps of a connection only say that they [`Failed`]; the error stays in the session until
//! the front gives it to the caller. That takes 4 KB off the program of a microcontroller.

use core::convert::Infallible;

use crate::client::incoming::Incoming;
use crate::client::session::Session;
use crate::error::{CloseReason, Error, PeerError};

/// Something went wrong: [`Session::failure`] says what.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Failed(());

impl Session<'_> {
    /// What went wrong last.
    pub(crate) const fn failure(&self, _: Failed) -> Error<Infallible> {
        self.incoming.failure
    }

    /// Keeps what went wrong.
    #[cold]
    #[inline(never)]
    pub(crate) const fn failed(&mut self, error: Error<Infallible>) -> Failed {
        self.incoming.failure = error;
        Failed(())
    }

    /// Keeps a fault of the peer, and closes where nothing behind it can be trusted.
    #[cold]
    #[inline(never)]
    pub(crate) fn fail(&mut self, error: PeerError) -> Failed {
        let failed = self.incoming.failed(error);
        self.closing(failed)
    }

    /// Closes after a fault of the peer, where nothing behind it can be trusted.
    #[cold]
    #[inline(never)]
    pub(crate) fn closing(&mut self, failed: Failed) -> Failed {
        if let Error::Peer(error) = self.incoming.failure
            && error.closes()
        {
            self.close(CloseReason::Peer(error.fault));
        }
        failed
    }

    /// Closes for a reason that is the whole error.
    #[cold]
    #[inline(never)]
    pub(crate) fn fail_closed(&mut self, reason: CloseReason) -> Failed {
        self.close(reason);
        self.failed(Error::Closed(reason))
    }

    /// # Errors
    /// [`Error::Closed`] where the session is closed.
    pub(crate) fn check_open(&mut self) -> Result<(), Failed> {
        match self.closed() {
            Some(reason) => Err(self.failed(Error::Closed(reason))),
            None => Ok(()),
        }
    }
}

impl Incoming<'_> {
    /// Keeps a fault of the peer.
    #[cold]
    #[inline(never)]
    pub(crate) const fn failed(&mut self, error: PeerError) -> Failed {
        self.failure = Error::Peer(error);
        Failed(())
    }
}

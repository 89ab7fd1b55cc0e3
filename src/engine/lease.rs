//! What both guards know of a connection on loan.

use core::fmt;

use crate::client::{Abort as _, Clock, Moment};
use crate::engine::pool::{Lent, Pool};
use crate::engine::pooled::Pooled;
use crate::engine::shared::{GONE, Shared};
use crate::engine::slot::{Identity, Kept};
use crate::error::{CloseReason, Error};

/// A connection on loan, which is given back when this is dropped.
pub(crate) struct Lease<'e, 'p, K: Pooled, const N: usize> {
    shared: &'e Shared<'p, K, N>,
    index: usize,
    /// Here until it is dropped.
    kept: Option<&'p mut Kept<K>>,
}

impl<'e, 'p, K: Pooled, const N: usize> Lease<'e, 'p, K, N> {
    pub(crate) const fn new(shared: &'e Shared<'p, K, N>, lent: Lent<'p, K>) -> Self {
        Lease { shared, index: lent.index, kept: Some(lent.kept) }
    }

    /// Closes a connection that was idle and whose server went away: it is opened anew then.
    pub(crate) fn examine(&mut self) {
        if self.is_established() && !self.is_alive() {
            self.close_with(GONE);
        }
    }

    pub(crate) fn is_alive(&mut self) -> bool {
        self.kept.as_mut().is_some_and(|kept| kept.connection.is_alive())
    }

    /// Closes it for good; it can be opened anew.
    pub(crate) fn close_with(&mut self, reason: CloseReason) {
        if let Some(kept) = &mut self.kept {
            kept.connection.close_with(reason);
            kept.identity = None;
        }
    }

    pub(crate) fn connection(&self) -> Option<&K> {
        self.kept.as_ref().map(|kept| &kept.connection)
    }

    pub(crate) fn connection_mut(&mut self) -> Result<&mut K, Error<K::Error>> {
        let kept = self.kept.as_mut().ok_or(Error::Closed(CloseReason::Owner))?;
        Ok(&mut kept.connection)
    }

    /// The connection, open or not, of which the pool knows; unless it was disposed of.
    pub(crate) fn checked(&mut self, clock: &impl Clock) -> Result<&mut K, Error<K::Error>> {
        self.note(clock);
        self.unless_disposed(clock)
    }

    /// The connection, also before it is open, unless it was disposed of. (A transport that cannot be reached from
    /// elsewhere is closed here, when its holder comes back to it.)
    pub(crate) fn unless_disposed(&mut self, clock: &impl Clock) -> Result<&mut K, Error<K::Error>> {
        if self.is_disposed() {
            self.connection_mut()?.close_with(CloseReason::Aborted);
            self.note(clock);
            return Err(Error::Closed(self.close_reason().unwrap_or(CloseReason::Aborted)));
        }
        self.connection_mut()
    }

    /// Tells the pool, where the connection is closed now. One that a call left half-sent still has its stream, which the
    /// pool could not end any more.
    pub(crate) fn note(&mut self, clock: &impl Clock) {
        let Some(Kept { connection, disposed_at, .. }) = self.kept.as_deref_mut() else { return };
        if connection.is_open() {
            return;
        }
        connection.close_with(connection.close_reason().unwrap_or(CloseReason::HalfSent));
        let handle = self.shared.pool.with(|pool| pool.closed(self.index));
        drop(handle);
        disposed_at.get_or_insert_with(|| Moment::now(clock));
    }

    /// An attempt to open the connection is over.
    pub(crate) fn settle(
        &mut self,
        opened: Result<(), Error<K::Error>>,
        clock: &impl Clock,
    ) -> Result<(), Error<K::Error>> {
        if opened.is_ok() {
            let id = self.shared.pool.with(Pool::next_id).unwrap_or(0);
            if let Some(kept) = &mut self.kept {
                kept.identity = Some(Identity { id, established: Moment::now(clock) });
                kept.disposed_at = None;
            }
            return self.checked(clock).map(drop);
        }
        self.note(clock);
        opened
    }

    /// Leaves with the pool what ends a connection that came open.
    pub(crate) fn rejoin(&mut self) -> Result<(), Error<K::Error>> {
        let handle = self.connection_mut()?.handle()?;
        if self.link().leave(handle) { Ok(()) } else { Err(Error::Closed(CloseReason::Aborted)) }
    }

    pub(crate) const fn link(&self) -> Link<'e, 'p, K, N> {
        Link { shared: self.shared, index: self.index }
    }

    pub(crate) fn is_established(&self) -> bool {
        self.identity().is_some()
    }

    pub(crate) fn is_disposed(&self) -> bool {
        self.shared.is_disposed(self.index)
    }

    pub(crate) fn close_reason(&self) -> Option<CloseReason> {
        if self.is_disposed() {
            return Some(CloseReason::Aborted);
        }
        self.connection().and_then(K::close_reason)
    }

    pub(crate) fn is_open(&self) -> bool {
        !self.is_disposed() && self.connection().is_some_and(K::is_open)
    }

    pub(crate) fn id(&self) -> u32 {
        self.identity().map_or(0, |identity| identity.id)
    }

    fn identity(&self) -> Option<Identity> {
        self.kept.as_ref().and_then(|kept| kept.identity)
    }

    /// Gives the connection back open, if the next caller finds it as a new one would be.
    pub(crate) fn release(mut self) {
        if let Some(kept) = self.kept.take() {
            if !kept.connection.is_ready() {
                self.kept = Some(kept);
                return;
            }
            let refused = self.shared.release(Lent { index: self.index, kept });
            self.kept = refused.map(|refused| refused.kept);
        }
    }
}

impl<K: Pooled, const N: usize> Drop for Lease<'_, '_, K, N> {
    fn drop(&mut self) {
        if let Some(kept) = self.kept.take() {
            kept.connection.end();
            (kept.identity, kept.disposed_at) = (None, None);
            self.shared.put_back(Lent { index: self.index, kept });
        }
    }
}

impl<K: Pooled, const N: usize> fmt::Display for Lease<'_, '_, K, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Connection(id:{}) - ", self.id())?;
        let disposed_at = self.kept.as_ref().and_then(|kept| kept.disposed_at);
        match (disposed_at, self.identity()) {
            (Some(moment), _) => write!(f, "disposed at {moment}"),
            (None, _) if self.close_reason().is_some() => f.write_str("disposed"),
            (None, Some(identity)) => write!(f, "established at {}", identity.established),
            (None, None) => f.write_str("not established"),
        }
    }
}

/// The way from a connection that is being opened to its slot.
pub(crate) struct Link<'e, 'p, K: Pooled, const N: usize> {
    shared: &'e Shared<'p, K, N>,
    index: usize,
}

impl<K: Pooled, const N: usize> Link<'_, '_, K, N> {
    /// Leaves what ends the stream, which can be disposed of from now on. False where that was done already: then the
    /// stream is ended.
    pub(crate) fn leave(&self, handle: K::Handle) -> bool {
        let left = self.shared.pool.with(|pool| pool.opened(self.index, handle));
        if let Some(Err(handle)) = &left {
            handle.abort();
        }
        matches!(left, Some(Ok(_)))
    }

    pub(crate) fn is_disposed(&self) -> bool {
        self.shared.is_disposed(self.index)
    }
}

impl<K: Pooled, const N: usize> Clone for Link<'_, '_, K, N> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K: Pooled, const N: usize> Copy for Link<'_, '_, K, N> {}

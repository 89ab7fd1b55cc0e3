//! The pool and who waits for it: what both engines do alike.

use crate::client::Abort as _;
use crate::engine::Disposed;
use crate::engine::lease::Lease;
use crate::engine::lock::Lock;
use crate::engine::pool::{Lent, Pool, Taken};
use crate::engine::pooled::{Pooled, Waiters as _};
use crate::engine::slot::Kept;
use crate::error::{CloseReason, Phase};
use crate::events;

/// A pool that its callers share.
pub(crate) struct Shared<'p, K: Pooled, const N: usize> {
    pub(crate) pool: Lock<Pool<'p, K, N>>,
    pub(crate) waiters: K::Waiters,
}

impl<'p, K: Pooled, const N: usize> Shared<'p, K, N> {
    pub(crate) fn new(homes: impl Iterator<Item = &'p mut Kept<K>>) -> Self {
        Shared { pool: Lock::new(Pool::new(homes)), waiters: K::Waiters::default() }
    }

    /// Lends an idle connection that is alive, or a closed one; none where all are lent.
    pub(crate) fn lend(&self) -> Option<Lease<'_, 'p, K, N>> {
        self.pool.with(Pool::lend).flatten().map(|lent| Lease::new(self, lent))
    }

    /// Takes a connection back, and says so to who waits for one.
    pub(crate) fn put_back(&self, lent: Lent<'p, K>) {
        let handle = self.pool.with(|pool| pool.put_back(lent));
        self.waiters.freed();
        drop(handle);
    }

    /// The same of an open connection, unless it was disposed of: then it comes back.
    pub(crate) fn release(&self, lent: Lent<'p, K>) -> Option<Lent<'p, K>> {
        let (refused, handle) = self.pool.with(|pool| pool.release(lent))?;
        if refused.is_none() {
            self.waiters.freed();
        }
        drop(handle);
        refused
    }

    pub(crate) fn open_count(&self) -> usize {
        self.pool.with(|pool| pool.open_count()).unwrap_or(0)
    }

    pub(crate) fn is_disposed(&self, index: usize) -> bool {
        self.pool.with(|pool| pool.is_disposed(index)).unwrap_or(false)
    }

    pub(crate) fn dispose(&self) -> Disposed {
        let mut disposed = Disposed::default();
        // No slot that is filled again meanwhile is visited twice.
        for index in 0..N {
            match self.pool.with(|pool| pool.dispose(index)).flatten() {
                Some(Taken::Idle(lent)) => {
                    disposed.idle += 1;
                    drop(Lease::new(self, lent));
                }
                Some(Taken::Held(handle)) => {
                    disposed.held += 1;
                    if let Some(handle) = handle {
                        handle.abort();
                    }
                }
                None => {}
            }
        }
        events::disposed(disposed.idle, disposed.held);
        disposed
    }

    pub(crate) fn check_idle(&self) -> usize {
        let mut ended = 0;
        for index in 0..N {
            let Some(lent) = self.pool.with(|pool| pool.take_idle(index)).flatten() else { continue };
            let mut lease = Lease::new(self, lent);
            if lease.is_alive() {
                lease.release();
            } else {
                lease.close_with(GONE);
                ended += 1;
            }
        }
        ended
    }
}

/// Why an idle connection is closed whose server went away.
pub(crate) const GONE: CloseReason = CloseReason::Disconnected(Phase::Idle);

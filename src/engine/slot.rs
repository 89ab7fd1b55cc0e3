//! The places of a pool.

use heapless::Vec;

use crate::client::Moment;
use crate::engine::pooled::Pooled;

/// As many slots as connections.
pub(crate) struct Pool<K: Pooled, const N: usize> {
    slots: Vec<Slot<K>, N>,
    /// The number of the connection that was opened last.
    last_id: u32,
}

/// A place for a connection.
enum Slot<K: Pooled> {
    /// Nobody holds the connection. An open one has an identity.
    Home { connection: K, identity: Option<Identity> },
    /// Somebody holds it.
    Lent {
        /// What ends its stream, while it is open.
        handle: Option<K::Handle>,
        open: bool,
        /// It was disposed of, and is to be closed whatever its holder does.
        disposed: bool,
    },
}

/// What tells a connection from others, and when it was opened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Identity {
    pub(crate) id: u32,
    pub(crate) established: Moment,
}

/// A connection out of its slot: open, if it has an identity.
pub(crate) struct Lent<K> {
    pub(crate) index: usize,
    pub(crate) connection: K,
    pub(crate) identity: Option<Identity>,
}

/// What was disposed of.
pub(crate) enum Taken<K: Pooled> {
    Idle(Lent<K>),
    Held(Option<K::Handle>),
}

impl<K: Pooled, const N: usize> Pool<K, N> {
    pub(crate) fn new(connections: [K; N]) -> Self {
        let home = |connection| Slot::Home { connection, identity: None };
        Pool { slots: connections.into_iter().map(home).collect(), last_id: 0 }
    }

    /// Moves a connection out, an open one if there is any. The handle of an idle one is taken anew by its holder.
    pub(crate) fn lend(&mut self) -> Option<Lent<K>> {
        let idle = self.slots.iter().position(Slot::is_idle);
        let index = idle.or_else(|| self.slots.iter().position(Slot::is_home))?;
        self.take(index)
    }

    /// Moves a connection out that is open, and that nobody holds.
    pub(crate) fn take_idle(&mut self, index: usize) -> Option<Lent<K>> {
        if self.slots.get(index)?.is_idle() { self.take(index) } else { None }
    }

    /// Slots whose connection nobody holds.
    #[cfg(feature = "std")]
    pub(crate) fn free_count(&self) -> usize {
        self.slots.iter().filter(|slot| slot.is_home()).count()
    }

    /// A lent connection is open: keeps what ends it, in place of what ended its stream before.
    ///
    /// # Errors
    /// What ends it, where it was disposed of meanwhile.
    pub(crate) fn opened(&mut self, index: usize, new: K::Handle) -> Result<Option<K::Handle>, K::Handle> {
        match self.slots.get_mut(index) {
            Some(Slot::Lent { handle, open, disposed: false }) => {
                *open = true;
                Ok(handle.replace(new))
            }
            _ => Err(new),
        }
    }

    /// A lent connection is closed; its holder keeps it. Handles are given out of the lock, for dropping one may run
    /// code of the transport's.
    pub(crate) fn closed(&mut self, index: usize) -> Option<K::Handle> {
        let Some(Slot::Lent { handle, open, .. }) = self.slots.get_mut(index) else { return None };
        *open = false;
        handle.take()
    }

    /// Whether a lent connection was disposed of.
    pub(crate) fn is_disposed(&self, index: usize) -> bool {
        matches!(self.slots.get(index), Some(Slot::Lent { disposed: true, .. }))
    }

    /// Takes an open connection back, unless it was disposed of meanwhile: then it comes back.
    pub(crate) fn release(&mut self, lent: Lent<K>) -> (Option<Lent<K>>, Option<K::Handle>) {
        match self.is_disposed(lent.index) {
            true => (Some(lent), None),
            false => (None, self.put_back(lent)),
        }
    }

    /// Takes a connection back.
    pub(crate) fn put_back(&mut self, lent: Lent<K>) -> Option<K::Handle> {
        let Lent { index, connection, identity } = lent;
        let slot = self.slots.get_mut(index)?;
        match core::mem::replace(slot, Slot::Home { connection, identity }) {
            Slot::Lent { handle, .. } => handle,
            Slot::Home { .. } => None,
        }
    }

    /// Takes what has to be ended, if the slot has any.
    pub(crate) fn dispose(&mut self, index: usize) -> Option<Taken<K>> {
        if let Some(lent) = self.take_idle(index) {
            return Some(Taken::Idle(lent));
        }
        match self.slots.get_mut(index)? {
            Slot::Home { .. } => None,
            Slot::Lent { handle, open, disposed } => {
                *disposed = true;
                core::mem::take(open).then(|| Taken::Held(handle.take()))
            }
        }
    }

    pub(crate) fn open_count(&self) -> usize {
        let open = |slot: &&Slot<K>| slot.is_idle() || matches!(slot, Slot::Lent { open: true, .. });
        self.slots.iter().filter(open).count()
    }

    pub(crate) fn next_id(&mut self) -> u32 {
        self.last_id = self.last_id.wrapping_add(1);
        self.last_id
    }

    fn take(&mut self, index: usize) -> Option<Lent<K>> {
        let slot = self.slots.get_mut(index)?;
        let lent = Slot::Lent { handle: None, open: false, disposed: false };
        match core::mem::replace(slot, lent) {
            Slot::Home { connection, identity } => Some(Lent { index, connection, identity }),
            Slot::Lent { .. } => None,
        }
    }
}

impl<K: Pooled> Slot<K> {
    const fn is_home(&self) -> bool {
        matches!(self, Slot::Home { .. })
    }

    const fn is_idle(&self) -> bool {
        matches!(self, Slot::Home { identity: Some(_), .. })
    }
}

//! The places of a pool.

use heapless::Vec;

use crate::client::{Connection, Memory, Moment, Transport};

/// As many slots as connections.
pub(crate) struct Pool<'p, T: Transport, const N: usize> {
    slots: Vec<Slot<'p, T>, N>,
    /// The number of the connection that was opened last.
    last_id: u32,
}

/// A place for a connection.
#[expect(clippy::large_enum_variant, reason = "there is no heap to move it to")]
enum Slot<'p, T: Transport> {
    /// Nobody holds the connection. An open one has an identity.
    Home { connection: Connection<'p, T>, identity: Option<Identity> },
    /// Somebody holds it.
    Lent {
        /// What ends its stream, while it is open.
        handle: Option<T::Handle>,
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

/// A connection that a holder gets: open, if it has an identity.
pub(crate) type Lent<'p, T> = (Connection<'p, T>, Option<Identity>);

/// What was disposed of.
#[expect(clippy::large_enum_variant, reason = "there is no heap to move it to")]
pub(crate) enum Taken<'p, T: Transport> {
    Idle(Connection<'p, T>),
    Held(Option<T::Handle>),
}

impl<'p, T: Transport, const N: usize> Pool<'p, T, N> {
    pub(crate) fn new(memory: [Memory<'p>; N]) -> Self {
        let home = |memory| Slot::Home { connection: Connection::closed(memory), identity: None };
        Pool { slots: memory.into_iter().map(home).collect(), last_id: 0 }
    }

    /// Moves a connection out, an open one if there is any. The handle of an idle one is taken anew by its holder.
    pub(crate) fn lend(&mut self) -> Option<(usize, Lent<'p, T>)> {
        let idle = |slot: &Slot<'p, T>| matches!(slot, Slot::Home { identity: Some(_), .. });
        let home = |slot: &Slot<'p, T>| matches!(slot, Slot::Home { .. });
        let index = self.slots.iter().position(idle).or_else(|| self.slots.iter().position(home))?;
        let slot = self.slots.get_mut(index)?;
        let lent = Slot::Lent { handle: None, open: false, disposed: false };
        match core::mem::replace(slot, lent) {
            Slot::Home { connection, identity } => Some((index, (connection, identity))),
            Slot::Lent { .. } => None,
        }
    }

    /// A lent connection is open: keeps what ends it. False where it was disposed of meanwhile.
    pub(crate) fn opened(&mut self, index: usize, new_handle: Option<T::Handle>) -> bool {
        match self.slots.get_mut(index) {
            Some(Slot::Lent { disposed: true, .. }) | None => false,
            Some(Slot::Lent { handle, open, .. }) => {
                (*handle, *open) = (new_handle, true);
                true
            }
            Some(Slot::Home { .. }) => false,
        }
    }

    /// A lent connection is closed; its holder keeps it. Handles are given out of the lock, for dropping one may run
    /// code of the transport's.
    pub(crate) fn closed(&mut self, index: usize) -> Option<T::Handle> {
        let Some(Slot::Lent { handle, open, .. }) = self.slots.get_mut(index) else { return None };
        *open = false;
        handle.take()
    }

    /// Whether a lent connection was disposed of.
    pub(crate) fn is_disposed(&self, index: usize) -> bool {
        matches!(self.slots.get(index), Some(Slot::Lent { disposed: true, .. }))
    }

    /// Takes an open connection back, unless it was disposed of meanwhile: then it comes back.
    pub(crate) fn release(
        &mut self,
        index: usize,
        connection: Connection<'p, T>,
        identity: Option<Identity>,
    ) -> (Option<Connection<'p, T>>, Option<T::Handle>) {
        match self.is_disposed(index) {
            true => (Some(connection), None),
            false => (None, self.put_back(index, connection, identity)),
        }
    }

    /// Takes a connection back.
    pub(crate) fn put_back(
        &mut self,
        index: usize,
        connection: Connection<'p, T>,
        identity: Option<Identity>,
    ) -> Option<T::Handle> {
        let slot = self.slots.get_mut(index)?;
        match core::mem::replace(slot, Slot::Home { connection, identity }) {
            Slot::Lent { handle, .. } => handle,
            Slot::Home { .. } => None,
        }
    }

    /// Takes what has to be ended, if the slot has any.
    pub(crate) fn dispose(&mut self, index: usize) -> Option<Taken<'p, T>> {
        let slot = self.slots.get_mut(index)?;
        match slot {
            Slot::Home { identity: Some(_), .. } => {
                let lent = Slot::Lent { handle: None, open: false, disposed: false };
                match core::mem::replace(slot, lent) {
                    Slot::Home { connection, .. } => Some(Taken::Idle(connection)),
                    Slot::Lent { .. } => None,
                }
            }
            Slot::Home { identity: None, .. } => None,
            Slot::Lent { handle, open, disposed } => {
                let was_open = core::mem::replace(open, false);
                *disposed = true;
                was_open.then(|| Taken::Held(handle.take()))
            }
        }
    }

    pub(crate) fn open_count(&self) -> usize {
        let open = |slot: &&Slot<'p, T>| {
            matches!(slot, Slot::Home { identity: Some(_), .. } | Slot::Lent { open: true, .. })
        };
        self.slots.iter().filter(open).count()
    }

    pub(crate) fn next_id(&mut self) -> u32 {
        self.last_id = self.last_id.wrapping_add(1);
        self.last_id
    }
}

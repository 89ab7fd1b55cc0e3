//! The places of connections, which are the caller's.

use core::fmt;
use core::mem::MaybeUninit;

use crate::client::{Buffers, Memory, Moment};

/// A place for one connection of a pool, with its buffers, which are those of [`Buffers`].
///
/// The connection stays in here; the pool and its guards hand on a reference to it. So a slot is lent **for good**, to one
/// engine: another one takes slots of its own. Nothing is dropped with a slot: an engine that is dropped ends what is open
/// in its slots, and leaves alone what a guard holds that was forgotten.
///
/// `K` is the [`Connection`](crate::client::Connection) or `client::asynch::Connection` of the
/// engine, which need not be written where the slots are a variable: `[const { Slot::<_, 64, 64>::new() }; 2]`. A `static`
/// names it: `[Slot<Connection<'static, tcp::Stream>, 64, 64>; 2]`. Without numbers, `Slot<K>` has no buffers, for an
/// [engine over slices](crate::Engine::from_memory).
pub struct Slot<K, const RX: usize = 0, const TX: usize = 0> {
    /// Nothing, until an engine is made over the slot.
    kept: MaybeUninit<Kept<K>>,
    buffers: Buffers<RX, TX>,
}

impl<K, const RX: usize, const TX: usize> Slot<K, RX, TX> {
    /// An empty slot, with zeroed buffers.
    pub const fn new() -> Self {
        Slot { kept: MaybeUninit::uninit(), buffers: Buffers::new() }
    }

    #[inline(never)] // what it takes of the stack is not the caller's for good
    /// Puts a connection into it, over its own buffers. Whoever has the reference has it: to be
    /// [closed](crate::engine::pooled::Pooled::close_with) in the end, for a slot drops nothing.
    pub(crate) fn fill<'p>(&'p mut self, closed: fn(Memory<'p>) -> K) -> &'p mut Kept<K> {
        self.kept.write(Kept::new(closed(self.buffers.lend())))
    }

    /// Puts a connection into it that has other buffers.
    pub(crate) fn fill_with(&mut self, connection: K) -> &mut Kept<K> {
        self.kept.write(Kept::new(connection))
    }
}

impl<K, const RX: usize, const TX: usize> Default for Slot<K, RX, TX> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, const RX: usize, const TX: usize> fmt::Debug for Slot<K, RX, TX> {
    /// Without the bytes, which may be a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot").field("receive", &RX).field("transmit", &TX).finish()
    }
}

/// A connection that stays where it is, and what goes with it. Whoever has the reference has the connection.
pub(crate) struct Kept<K> {
    pub(crate) connection: K,
    /// None unless it is open, or was when its holder used it last.
    pub(crate) identity: Option<Identity>,
    /// When its holder closed it, or found it closed.
    pub(crate) disposed_at: Option<Moment>,
}

impl<K> Kept<K> {
    const fn new(connection: K) -> Self {
        Kept { connection, identity: None, disposed_at: None }
    }
}

/// What tells a connection from others, and when it was opened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Identity {
    pub(crate) id: u32,
    pub(crate) established: Moment,
}

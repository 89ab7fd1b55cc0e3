//! Many callers, few connections.
//!
//! ```text
//!  slots of the pool      idle ──acquire──▶ lent ──drop, close──▶ vacant
//!                          ▲                 │
//!                          └────release──────┘        vacant ──acquire──▶ lent (dials)
//! ```
//!
//! A connection stays in the [`Slot`] that its caller lends, for good. What is lent is the one reference to it: the pool's
//! lock is held while that is handed out or taken back, and never during I/O. The pool keeps a handle, which ends the lent
//! connection's stream from elsewhere.
//!
//! Connections that were given back open are looked at before they are lent again: one whose server went away is dialled
//! anew. With the feature `async`, `engine::asynch` is the same pool over async connections.

#[cfg(feature = "async")]
pub mod asynch;
#[cfg(feature = "defmt")]
mod format;
mod guard;
mod lease;
mod lock;
mod pool;
mod pooled;
mod shared;
mod slot;
#[cfg(feature = "std")]
mod threads;

use core::fmt;
use core::time::Duration;
#[cfg(feature = "std")]
use std::time::Instant;

use embedded_io::ErrorType;

use crate::client::{Connect, Connection, Memory, Options};
#[cfg(feature = "std")]
use crate::engine::lease::Lease;
use crate::engine::shared::Shared;
use crate::error::Error;

pub use guard::PooledConnection;
pub use slot::Slot;

/// A bounded pool of up to `N` connections to one server, over slots that the caller lends.
///
/// It opens a connection when one is [acquired](Engine::acquire), never by itself. With the `std` feature, or
/// `critical-section`, it is `Sync` and can be shared between threads or held in a `static`; without either it is not,
/// which the compiler knows.
///
/// `Display` is that of the Python client: `IPCEngine(host=localhost, port=5000, pool_size: 0)`.
///
/// ```
/// use rayforce_ipc::transports::duplex::{Connector, Step};
/// use rayforce_ipc::engine::{Engine, Slot};
///
/// let script = [Step::Expect(&[3, 0]), Step::Say(&[1])];
/// let mut slots = [const { Slot::<_, 64, 64>::new() }; 2];
/// let engine = Engine::new(Connector::new(&script), &mut slots);
///
/// let connection = engine.acquire()?;
/// assert_eq!(engine.pool_size(), 1);
/// drop(connection);
/// assert_eq!(engine.pool_size(), 0);
/// # Ok::<(), rayforce_ipc::Error<rayforce_ipc::transports::duplex::DuplexError>>(())
/// ```
pub struct Engine<'p, C: Connect, const N: usize> {
    connector: C,
    options: Options<'p>,
    shared: Shared<'p, Connection<'p, C::Transport>, N>,
}

/// What [`Engine::dispose_connections`] did.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Disposed {
    /// Connections that nobody held, and that were closed.
    pub idle: usize,
    /// Connections that somebody held, and that were aborted.
    pub held: usize,
}

/// The error of the transports that a connector makes.
pub(crate) type TransportError<C> = <<C as Connect>::Transport as ErrorType>::Error;

impl<'p, C: Connect, const N: usize> Engine<'p, C, N> {
    /// A pool of a connection for each slot, with the default [`Options`].
    #[inline(never)] // what it takes of the stack is not the caller's for good
    pub fn new<const RX: usize, const TX: usize>(
        connector: C,
        slots: &'p mut [Slot<Connection<'p, C::Transport>, RX, TX>; N],
    ) -> Self {
        Engine::with_options(connector, slots, Options::new())
    }

    /// A pool of a connection for each slot.
    pub fn with_options<const RX: usize, const TX: usize>(
        connector: C,
        slots: &'p mut [Slot<Connection<'p, C::Transport>, RX, TX>; N],
        options: Options<'p>,
    ) -> Self {
        let homes = slots.iter_mut().map(|slot| slot.fill(Connection::closed));
        Engine { connector, options, shared: Shared::new(homes) }
    }

    /// A pool whose connections have buffers of any length. The slots have none themselves.
    pub fn from_memory(
        connector: C,
        slots: &'p mut [Slot<Connection<'p, C::Transport>>; N],
        memory: [Memory<'p>; N],
        options: Options<'p>,
    ) -> Self {
        let lent = slots.iter_mut().zip(memory);
        let homes = lent.map(|(slot, memory)| slot.fill_with(Connection::closed(memory)));
        Engine { connector, options, shared: Shared::new(homes) }
    }

    /// Takes a connection: an idle one, which was [released](PooledConnection::release), or a new one, which dials
    /// and shakes hands within the [timeouts](crate::client::Timeouts). Never waits for another caller.
    ///
    /// An idle connection whose server went away is dropped and dialled anew, as far as the transport can tell
    /// [without waiting](crate::client::Transport::is_alive). Where it cannot, or the server goes right then, the
    /// first request fails by [`Error::Disconnected`] or [`Error::Transport`], and
    /// [`reconnect`](PooledConnection::reconnect) dials again. What a server has sent to an idle connection comes to its
    /// next holder, as pushes.
    ///
    /// # Errors
    /// [`Error::Exhausted`] where all `N` are lent, at once. Else as
    /// [`Connection::reopen`](crate::client::Connection::reopen), and [`Error::Transport`] or [`Error::TimedOut`] in the
    /// phase [`Connect`](crate::error::Phase::Connect); [`Error::Closed`] where the
    /// engine [disposed](Engine::dispose_connections) of it meanwhile. Nothing is lent then.
    pub fn acquire(&self) -> Result<PooledConnection<'_, 'p, C, N>, Error<TransportError<C>>> {
        let lease = self.shared.lend().ok_or(Error::Exhausted { capacity: N })?;
        let mut guard = PooledConnection::new(self, lease);
        guard.dial(|| Duration::MAX)?;
        Ok(guard)
    }

    /// The same; where all `N` are lent, it waits for one of them to be dropped or released. `limit` is for all of it:
    /// what is left of it after the wait is the limit of dialling and shaking hands, where their own is longer.
    /// `Duration::MAX` waits for ever.
    ///
    /// Who waits longer goes first, more or less; [`acquire`](Engine::acquire) does not queue, and may take a slot in
    /// front of all that wait. (Closing a connection frees no slot, dropping it then does. So it is with one that was
    /// [disposed](Engine::dispose_connections) of.)
    ///
    /// # Errors
    /// As [`acquire`](Engine::acquire), [`Error::Exhausted`] after the limit; [`Error::TimedOut`] where the limit came
    /// while dialling or shaking hands.
    #[cfg(feature = "std")]
    pub fn acquire_within(
        &self,
        limit: Duration,
    ) -> Result<PooledConnection<'_, 'p, C, N>, Error<TransportError<C>>> {
        let deadline = Instant::now().checked_add(limit);
        let left = || match deadline {
            Some(deadline) => deadline.saturating_duration_since(Instant::now()),
            None => Duration::MAX,
        };
        let lent = self.shared.waiters.lend(&self.shared.pool, deadline);
        let lent = lent.ok_or(Error::Exhausted { capacity: N })?;
        let mut guard = PooledConnection::new(self, Lease::new(&self.shared, lent));
        guard.dial(left)?;
        Ok(guard)
    }

    /// Connections that are open now, lent or idle. (One that broke, or was closed by the connection
    /// [itself](PooledConnection::connection), counts until its holder uses the guard again or drops it; an idle one whose
    /// server went away until it is [looked at](Engine::check_idle).)
    pub fn pool_size(&self) -> usize {
        self.shared.open_count()
    }

    /// Closes idle connections whose server went away, as far as the transport can tell without waiting, and says how
    /// many they were. Each is out of its slot while it is looked at, as if it were lent.
    pub fn check_idle(&self) -> usize {
        self.shared.check_idle()
    }

    /// The most connections that can be open: `N`.
    pub const fn capacity(&self) -> usize {
        N
    }

    /// Closes all connections: idle ones in good order, lent ones at once. Who waits in one gets [`Error::Closed`];
    /// on `std` a waiting call returns at once. The engine stays usable.
    ///
    /// A lent connection keeps its memory until its holder drops it: until then [`acquire`](Engine::acquire) cannot
    /// use its slot.
    pub fn dispose_connections(&self) -> Disposed {
        self.shared.dispose()
    }

    /// The connector.
    pub const fn connector(&self) -> &C {
        &self.connector
    }

    pub(crate) const fn options(&self) -> &Options<'p> {
        &self.options
    }
}

impl<C: Connect, const N: usize> fmt::Display for Engine<'_, C, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IPCEngine({}, pool_size: {})", self.connector, self.pool_size())
    }
}

impl<C: Connect, const N: usize> fmt::Debug for Engine<'_, C, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

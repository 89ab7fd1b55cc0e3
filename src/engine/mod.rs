//! Many callers, few connections.
//!
//! ```text
//!  slots of the pool      idle ──acquire──▶ lent ──drop, close──▶ vacant
//!                          ▲                 │
//!                          └────release──────┘        vacant ──acquire──▶ lent (dials)
//! ```
//!
//! A connection is moved out of its slot while it is lent; the pool's lock is held for that move and never during
//! I/O. What stays in the slot is a handle that ends the lent connection's stream from elsewhere.

mod guard;
mod lock;
mod slot;

use core::fmt;
use core::time::Duration;

use embedded_io::ErrorType;

use crate::client::{Abort, Buffers, Connect, Memory, Options};
use crate::engine::lock::Lock;
use crate::engine::slot::Pool;
use crate::error::Error;

pub use guard::PooledConnection;

/// A bounded pool of up to `N` connections to one server, over memory that the caller lends.
///
/// It opens a connection when one is [acquired](Engine::acquire), never by itself. With the `std` feature, or
/// `critical-section`, it is `Sync` and can be shared between threads or held in a `static`; without either it is not,
/// which the compiler knows.
///
/// `Display` is that of the Python client: `IPCEngine(host=localhost, port=5000, pool_size: 0)`.
///
/// ```
/// use rayforce_ipc::client::Buffers;
/// use rayforce_ipc::transports::duplex::{Connector, Step};
/// use rayforce_ipc::Engine;
///
/// let script = [Step::Expect(&[3, 0]), Step::Say(&[1])];
/// let mut memory = [const { Buffers::<64, 64>::new() }; 2];
/// let engine = Engine::new(Connector::new(&script), &mut memory);
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
    pool: Lock<Pool<'p, C::Transport, N>>,
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
    /// A pool of `N` connections with the default [`Options`].
    pub fn new<const RX: usize, const TX: usize>(connector: C, memory: &'p mut [Buffers<RX, TX>; N]) -> Self {
        Engine::with_options(connector, memory, Options::new())
    }

    /// A pool of `N` connections.
    pub fn with_options<const RX: usize, const TX: usize>(
        connector: C,
        memory: &'p mut [Buffers<RX, TX>; N],
        options: Options<'p>,
    ) -> Self {
        Engine::from_memory(connector, memory.each_mut().map(Buffers::lend), options)
    }

    /// A pool over slices of any length.
    pub fn from_memory(connector: C, memory: [Memory<'p>; N], options: Options<'p>) -> Self {
        Engine { connector, options, pool: Lock::new(Pool::new(memory)) }
    }

    /// Takes a connection: an idle one, which was [released](PooledConnection::release), or a new one, which dials
    /// and shakes hands within the [timeouts](crate::client::Timeouts). Never waits for another caller.
    ///
    /// An idle connection is not probed: if its server went away meanwhile, its first request fails by
    /// [`Error::Disconnected`] or [`Error::Transport`], and [`reconnect`](PooledConnection::reconnect) dials again.
    ///
    /// # Errors
    /// [`Error::Exhausted`] where all `N` are lent, at once. Else as
    /// [`Connection::reopen`](crate::client::Connection::reopen), and [`Error::Transport`] or [`Error::TimedOut`] in the
    /// phase [`Connect`](crate::error::Phase::Connect); nothing is lent then.
    pub fn acquire(&self) -> Result<PooledConnection<'_, 'p, C, N>, Error<TransportError<C>>> {
        let lent = self.pool.with(Pool::lend).flatten();
        let (index, connection) = lent.ok_or(Error::Exhausted { capacity: N })?;
        let mut guard = PooledConnection::new(self, index, connection);
        guard.dial()?;
        Ok(guard)
    }

    /// Connections that are open now, lent or idle. (One that broke counts until its holder uses it again or drops
    /// it.)
    pub fn pool_size(&self) -> usize {
        self.pool.with(|pool| pool.open_count()).unwrap_or(0)
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
        let mut disposed = Disposed::default();
        // No slot that is filled again meanwhile is visited twice.
        for index in 0..N {
            let taken = self.pool.with(|pool| pool.dispose(index)).flatten();
            match taken {
                Some(slot::Taken::Idle(mut connection)) => {
                    disposed.idle += 1;
                    // A peer that is gone already is as good as one that takes the farewell.
                    let _ = connection.close();
                    self.pool.with(|pool| pool.put_back(index, connection, None));
                }
                Some(slot::Taken::Held(handle)) => {
                    disposed.held += 1;
                    if let Some(handle) = handle {
                        handle.abort();
                    }
                }
                None => {}
            }
        }
        disposed
    }

    /// The connector.
    pub const fn connector(&self) -> &C {
        &self.connector
    }

    pub(crate) const fn options(&self) -> &Options<'p> {
        &self.options
    }

    pub(crate) const fn pool(&self) -> &Lock<Pool<'p, C::Transport, N>> {
        &self.pool
    }

    pub(crate) fn connect_limit(&self) -> Duration {
        self.options.timeouts.connect
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

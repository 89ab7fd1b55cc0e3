//! A connection on loan.

use core::fmt;
use core::ops::ControlFlow;
use core::time::Duration;

use embedded_io::ErrorType;

use crate::client::{Backoff, Connect, Connection, Reply, Retry, Transport};
use crate::codec::{Request, Text};
use crate::engine::lease::{Lease, Link};
use crate::engine::{Engine, TransportError};
use crate::error::{CloseReason, Error, Phase};
use crate::events;
use crate::wire::Generation;

/// A connection that was [acquired](Engine::acquire). Dropping it closes the connection in good order, which may wait for
/// the [write timeout](crate::client::Timeouts::write), and frees its slot (forgetting it, by `mem::forget`, loses the
/// slot); [`release`](PooledConnection::release) leaves it open for the next caller.
///
/// What is asked most often is here; all else that a connection can do is had by
/// [`connection`](PooledConnection::connection).
///
/// `Display` is that of the Python client: `Connection(id:7) - established at 2025-09-15T21:33:39.932434`, and after
/// it was closed `Connection(id:7) - disposed at …`.
///
/// ```
/// use rayforce_ipc::transports::duplex::{Connector, Step};
/// use rayforce_ipc::engine::{Engine, Slot};
///
/// let script = [
///     Step::Expect(&[3, 0]),
///     Step::Say(&[3, 0]),
///     Step::Expect(b"\xfa\xde\xfa\xce\x03\0\0\x01\x11\0\0\0\0\0\0\0\xf3\0\x07\0\0\0\0\0\0\0(+ 1 2)"),
///     Step::Say(b"\xfa\xde\xfa\xce\x03\0\0\x02\x0a\0\0\0\0\0\0\0\xfb\0\x03\0\0\0\0\0\0\0"),
/// ];
/// let mut slots = [const { Slot::<_, 64, 64>::new() }; 2];
/// let engine = Engine::new(Connector::new(&script), &mut slots);
///
/// let mut connection = engine.acquire()?;
/// connection.connection()?.send("(+ 1 2)")?;
/// assert_eq!(connection.connection()?.receive()?.value()?.as_i64()?, 3);
/// connection.release();
/// assert_eq!(engine.pool_size(), 1);
/// # Ok::<(), rayforce_ipc::Error<rayforce_ipc::transports::duplex::DuplexError>>(())
/// ```
pub struct PooledConnection<'e, 'p, C: Connect, const N: usize> {
    engine: &'e Engine<'p, C, N>,
    lease: Lease<'e, 'p, Connection<'p, C::Transport>, N>,
}

impl<'e, 'p, C: Connect, const N: usize> PooledConnection<'e, 'p, C, N> {
    pub(crate) const fn new(
        engine: &'e Engine<'p, C, N>,
        lease: Lease<'e, 'p, Connection<'p, C::Transport>, N>,
    ) -> Self {
        PooledConnection { engine, lease }
    }

    /// The connection, for all that it can do: requests in a row, pushes, subscriptions, a handle.
    ///
    /// The pool learns of one that was closed by it, or broke, when the guard is used again or dropped. To dial again is
    /// for [`reconnect`](PooledConnection::reconnect): what is [reopened](Connection::reopen) by hand is not reached by
    /// [`dispose_connections`](Engine::dispose_connections) while a call on it waits. Slots for topics that are
    /// [lent](Connection::lend_topics) to it are forgotten when the guard is dropped.
    ///
    /// # Errors
    /// [`Error::Closed`] where the engine [disposed](Engine::dispose_connections) of it.
    pub fn connection(&mut self) -> Result<&mut Connection<'p, C::Transport>, Error<TransportError<C>>> {
        self.lease.checked(self.engine.connector().clock())
    }

    /// Sends a request and waits for its answer to begin: [`Connection::execute`].
    ///
    /// # Errors
    /// As there; [`Error::Closed`] after [`close`](PooledConnection::close) and after the engine
    /// [disposed](Engine::dispose_connections) of it.
    pub fn execute(
        &mut self,
        request: impl Request,
    ) -> Result<Reply<'_, 'p, C::Transport>, Error<TransportError<C>>> {
        let failed = self.connection()?.exchange(request).err();
        self.note();
        match failed {
            Some(error) => Err(error),
            None => Ok(Reply::new(self.lease.connection_mut()?)),
        }
    }

    /// Sends a request that is not answered: [`Connection::send_async`].
    ///
    /// # Errors
    /// As there, and as [`execute`](PooledConnection::execute).
    pub fn send_async(&mut self, request: impl Request) -> Result<(), Error<TransportError<C>>> {
        let sent = self.connection()?.send_async(request);
        self.note();
        sent
    }

    /// Ends the connection in good order. More than once is harmless. The slot is free when the guard is dropped.
    ///
    /// # Errors
    /// [`Error::Transport`] where the transport could not; the connection is closed all the same.
    pub fn close(&mut self) -> Result<(), Error<TransportError<C>>> {
        let closed = self.lease.connection_mut()?.close();
        self.note();
        closed
    }

    /// Ends the connection at once. The slot is free when the guard is dropped.
    pub fn abort(&mut self) {
        if let Ok(connection) = self.lease.connection_mut() {
            connection.abort();
        }
        self.note();
    }

    /// Gives the connection back open, for the next [`acquire`](Engine::acquire). Does not wait.
    ///
    /// That is for one with which the next caller can begin anew. Any other is dropped instead: one that is closed, or has
    /// a request under way, a reply whose end did not come yet, a question of the server that is not answered, pushes
    /// that came and were not looked at, or topics that it is subscribed to.
    pub fn release(self) {
        self.lease.release();
    }

    /// Dials again, for a connection that is closed; an open one is dropped. The timeouts are those of
    /// [`Engine::acquire`], subscriptions are restored.
    ///
    /// # Errors
    /// As [`Engine::acquire`]; [`Error::Closed`] where the engine disposed of this connection.
    pub fn reconnect(&mut self) -> Result<(), Error<TransportError<C>>> {
        self.hang_up()?;
        self.dial(|| Duration::MAX)
    }

    /// Dials again until it succeeds, with waits by a policy in between, as [`Connection::reconnect`] does. `observer`
    /// sees each attempt before the wait for it begins, and can end all. Where the engine disposes of the connection
    /// meanwhile, it ends after the wait that has begun.
    ///
    /// # Errors
    /// As there; [`Error::Closed`] where the engine disposed of this connection.
    pub fn reconnect_with(
        &mut self,
        backoff: &mut Backoff,
        mut observer: impl FnMut(Retry<'_, TransportError<C>>) -> ControlFlow<()>,
    ) -> Result<(), Error<TransportError<C>>> {
        self.hang_up()?;
        let engine = self.engine;
        let dialler = self.dialler();
        let reconnected =
            self.lease.connection_mut()?.reconnect(&dialler, engine.options(), backoff, |retry| {
                if dialler.link.is_disposed() { ControlFlow::Break(()) } else { observer(retry) }
            });
        let reconnected = self.lease.settle(reconnected, engine.connector().clock());
        self.connection()?;
        reconnected
    }

    /// Why the connection is closed, if it is.
    pub fn close_reason(&self) -> Option<CloseReason> {
        self.lease.close_reason()
    }

    /// Whether requests can be sent.
    pub fn is_open(&self) -> bool {
        self.lease.is_open()
    }

    /// The generation that the server speaks.
    pub fn generation(&self) -> Generation {
        self.lease.connection().map_or(Generation::V3, Connection::generation)
    }

    /// Frames that came unasked and were skipped.
    pub fn skipped(&self) -> u32 {
        self.lease.connection().map_or(0, Connection::skipped)
    }

    /// The text of the last answer, if it was an error that came with one, until the next request.
    pub fn error_text(&self) -> Option<Text<'_>> {
        self.lease.connection().and_then(Connection::error_text)
    }

    /// The number of the connection: each that the engine opens has its own.
    pub fn id(&self) -> u32 {
        self.lease.id()
    }

    /// Opens the connection within the time that is left, unless it came open from the pool, and leaves what ends it with
    /// the pool.
    pub(crate) fn dial(&mut self, left: impl Fn() -> Duration) -> Result<(), Error<TransportError<C>>> {
        self.lease.examine();
        if self.lease.is_established() {
            return self.lease.rejoin();
        }
        let options = self.engine.options();
        events::connecting(self.engine.connector());
        let transport = self.dialler().connect(options.timeouts.connect.min(left()));
        let transport = transport.map_err(|source| {
            events::not_connected(&source);
            crate::client::failed(Phase::Connect, source)
        })?;
        let clock = self.engine.connector().clock();
        let opened = self.lease.unless_disposed(clock)?.reopen_within(transport, options, left());
        self.lease.settle(opened, clock)
    }

    fn dialler(&self) -> Dialler<'e, 'p, C, N> {
        Dialler { connector: self.engine.connector(), link: self.lease.link() }
    }

    /// Closes a connection that is to be opened anew.
    fn hang_up(&mut self) -> Result<(), Error<TransportError<C>>> {
        self.connection()?;
        self.lease.close_with(CloseReason::Owner);
        self.note();
        Ok(())
    }

    fn note(&mut self) {
        self.lease.note(self.engine.connector().clock());
    }
}

impl<C: Connect, const N: usize> fmt::Display for PooledConnection<'_, '_, C, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.lease, f)
    }
}

impl<C: Connect, const N: usize> fmt::Debug for PooledConnection<'_, '_, C, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Connects, and leaves what ends the stream with the pool: one that is still shaking hands can be disposed of, too.
struct Dialler<'e, 'p, C: Connect, const N: usize> {
    connector: &'e C,
    link: Link<'e, 'p, Connection<'p, C::Transport>, N>,
}

impl<C: Connect, const N: usize> Connect for Dialler<'_, '_, C, N> {
    type Transport = C::Transport;
    type Clock = C::Clock;

    fn connect(&self, limit: Duration) -> Result<C::Transport, <C::Transport as ErrorType>::Error> {
        let transport = self.connector.connect(limit)?;
        self.link.leave(transport.handle()?);
        Ok(transport)
    }

    fn clock(&self) -> &C::Clock {
        self.connector.clock()
    }
}

impl<C: Connect, const N: usize> fmt::Display for Dialler<'_, '_, C, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.connector.fmt(f)
    }
}

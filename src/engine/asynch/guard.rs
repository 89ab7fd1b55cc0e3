//! An async connection on loan.

use core::fmt;
use core::ops::ControlFlow;
use core::time::Duration;

use embedded_io::ErrorType;

use crate::client::asynch::{Connect, Connection, Reply, Transport};
use crate::client::{Backoff, Retry};
use crate::codec::{Request, Text};
use crate::engine::asynch::{Engine, TransportError};
use crate::engine::lease::{Lease, Link};
use crate::error::{CloseReason, Error, Phase};
use crate::events;
use crate::wire::Generation;

/// A connection that was [acquired](Engine::acquire). Dropping it drops the transport at once, without regard for what
/// was sent, and frees its slot (forgetting it, by `mem::forget`, loses the slot); [`close`](PooledConnection::close) ends
/// it in good order, and [`release`](PooledConnection::release) leaves it open for the next caller.
///
/// What is asked most often is here; all else that a connection can do is had by
/// [`connection`](PooledConnection::connection). What becomes of a call whose future is dropped is told at
/// [`client::asynch`](crate::client::asynch).
///
/// `Display` is that of the Python client: `Connection(id:7) - established at 2025-09-15T21:33:39.932434`, and after
/// it was closed `Connection(id:7) - disposed at …`.
///
/// ```
/// use rayforce_ipc::Error;
/// use rayforce_ipc::client::asynch::{Connect, Transport};
/// use rayforce_ipc::engine::asynch::PooledConnection;
///
/// /// Two requests in one round trip.
/// async fn sum<C: Connect>(
///     guard: &mut PooledConnection<'_, '_, C, 2>,
/// ) -> Result<i64, Error<<C::Transport as embedded_io::ErrorType>::Error>> {
///     let connection = guard.connection()?;
///     connection.send("(+ 1 2)").await?;
///     connection.send("(+ 3 4)").await?;
///     let first = connection.receive().await?.value().await?.as_i64()?;
///     Ok(first + connection.receive().await?.value().await?.as_i64()?)
/// }
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
        self.lease.checked(self.engine.connector().timer())
    }

    /// Sends a request and waits for its answer to begin: [`Connection::execute`].
    ///
    /// # Errors
    /// As there; [`Error::Closed`] after [`close`](PooledConnection::close) and after the engine
    /// [disposed](Engine::dispose_connections) of it.
    pub async fn execute(
        &mut self,
        request: impl Request,
    ) -> Result<Reply<'_, 'p, C::Transport>, Error<TransportError<C>>> {
        let failed = self.connection()?.exchange(request).await.err();
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
    pub async fn send_async(&mut self, request: impl Request) -> Result<(), Error<TransportError<C>>> {
        let sent = self.connection()?.send_async(request).await;
        self.note();
        sent
    }

    /// Ends the connection in good order. More than once is harmless. The slot is free when the guard is dropped.
    /// Dropping the future drops the transport at once.
    ///
    /// # Errors
    /// [`Error::Transport`] where the transport could not; the connection is closed all the same.
    pub async fn close(&mut self) -> Result<(), Error<TransportError<C>>> {
        let closed = self.lease.connection_mut()?.close().await;
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
    /// [`Engine::acquire`], subscriptions are restored. Dropping the future leaves it closed.
    ///
    /// # Errors
    /// As [`Engine::acquire`]; [`Error::Closed`] where the engine disposed of this connection.
    pub async fn reconnect(&mut self) -> Result<(), Error<TransportError<C>>> {
        self.hang_up()?;
        self.dial(|| Duration::MAX).await
    }

    /// Dials again until it succeeds, with waits by a policy in between, as [`Connection::reconnect`] does. `observer`
    /// sees each attempt before the wait for it begins, and can end all. Where the engine disposes of the connection
    /// meanwhile, it ends after the wait that has begun. Dropping the future leaves it closed.
    ///
    /// # Errors
    /// As there; [`Error::Closed`] where the engine disposed of this connection.
    pub async fn reconnect_with(
        &mut self,
        backoff: &mut Backoff,
        mut observer: impl FnMut(Retry<'_, TransportError<C>>) -> ControlFlow<()>,
    ) -> Result<(), Error<TransportError<C>>> {
        self.hang_up()?;
        let engine = self.engine;
        let dialler = self.dialler();
        let connection = self.lease.connection_mut()?;
        let reconnected = connection.reconnect(&dialler, engine.options(), backoff, |retry| {
            if dialler.link.is_disposed() { ControlFlow::Break(()) } else { observer(retry) }
        });
        let reconnected = reconnected.await;
        let reconnected = self.lease.settle(reconnected, engine.connector().timer());
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
    pub(crate) async fn dial(&mut self, left: impl Fn() -> Duration) -> Result<(), Error<TransportError<C>>> {
        self.lease.examine();
        if self.lease.is_established() {
            return self.lease.rejoin();
        }
        let options = self.engine.options();
        events::connecting(self.engine.connector());
        let transport = self.dialler().connect(options.timeouts.connect.min(left())).await;
        let transport = transport.map_err(|source| {
            events::not_connected(&source);
            crate::client::failed(Phase::Connect, source)
        })?;
        let timer = self.engine.connector().timer();
        let opened = self.lease.unless_disposed(timer)?.reopen_within(transport, options, left()).await;
        self.lease.settle(opened, timer)
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
        self.lease.note(self.engine.connector().timer());
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
    type Timer = C::Timer;

    async fn connect(&self, limit: Duration) -> Result<C::Transport, <C::Transport as ErrorType>::Error> {
        let transport = self.connector.connect(limit).await?;
        self.link.leave(transport.handle()?);
        Ok(transport)
    }

    fn timer(&self) -> &C::Timer {
        self.connector.timer()
    }
}

impl<C: Connect, const N: usize> fmt::Display for Dialler<'_, '_, C, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.connector.fmt(f)
    }
}

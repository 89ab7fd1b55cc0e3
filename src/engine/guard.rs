//! A connection on loan.

use core::fmt;

use crate::client::{Connect, Connection, Moment, Reply, Transport};
use crate::codec::{Request, Text};
use crate::engine::slot::{Identity, Lent};
use crate::engine::{Engine, TransportError};
use crate::error::{CloseReason, Error, Phase};
use crate::wire::Generation;

/// A connection that was [acquired](Engine::acquire). Dropping it closes the connection and frees its slot (forgetting
/// it, by `mem::forget`, loses the slot);
/// [`release`](PooledConnection::release) leaves it open for the next caller.
///
/// `Display` is that of the Python client: `Connection(id:7) - established at 2025-09-15T21:33:39.932434`, and after
/// it was closed `Connection(id:7) - disposed at …`.
pub struct PooledConnection<'e, 'p, C: Connect, const N: usize> {
    engine: &'e Engine<'p, C, N>,
    index: usize,
    /// Here until it is dropped.
    connection: Option<Connection<'p, C::Transport>>,
    identity: Option<Identity>,
    disposed_at: Option<Moment>,
}

impl<'e, 'p, C: Connect, const N: usize> PooledConnection<'e, 'p, C, N> {
    pub(crate) fn new(engine: &'e Engine<'p, C, N>, index: usize, lent: Lent<'p, C::Transport>) -> Self {
        let (connection, identity) = lent;
        PooledConnection { engine, index, connection: Some(connection), identity, disposed_at: None }
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
        self.check_disposed()?;
        let failed = self.connection_mut()?.exchange(request).err();
        self.note();
        match failed {
            Some(error) => Err(error),
            None => Ok(Reply::new(self.connection_mut()?)),
        }
    }

    /// Sends a request that is not answered: [`Connection::send_async`].
    ///
    /// # Errors
    /// As there, and as [`execute`](PooledConnection::execute).
    pub fn send_async(&mut self, request: impl Request) -> Result<(), Error<TransportError<C>>> {
        self.check_disposed()?;
        let sent = self.connection_mut()?.send_async(request);
        self.note();
        sent
    }

    /// Ends the connection in good order. More than once is harmless. The slot is free when the guard is dropped.
    ///
    /// # Errors
    /// [`Error::Transport`] where the transport could not; the connection is closed all the same.
    pub fn close(&mut self) -> Result<(), Error<TransportError<C>>> {
        let closed = self.connection_mut()?.close();
        self.note();
        closed
    }

    /// Ends the connection at once.
    pub fn abort(&mut self) {
        if let Some(connection) = &mut self.connection {
            connection.abort();
        }
        self.note();
    }

    /// Gives the connection back open, for the next [`acquire`](Engine::acquire). One that is closed, or in the middle
    /// of a reply, is dropped instead.
    pub fn release(mut self) {
        if let Some(mut connection) = self.connection.take() {
            let (index, identity) = (self.index, self.identity);
            if connection.is_ready() {
                let released = self.engine.pool().with(|pool| pool.release(index, connection, identity));
                self.connection = released.and_then(|(refused, _handle)| refused);
            } else {
                self.connection = Some(connection);
            }
        }
    }

    /// Dials again, for a connection that is closed. The timeouts are those of [`Engine::acquire`].
    ///
    /// # Errors
    /// As [`Engine::acquire`]; [`Error::Closed`] where the engine disposed of this connection.
    pub fn reconnect(&mut self) -> Result<(), Error<TransportError<C>>> {
        self.check_disposed()?;
        self.connection_mut()?.close_with(CloseReason::Owner);
        self.note();
        self.identity = None;
        self.dial()
    }

    /// Why the connection is closed, if it is.
    pub fn close_reason(&self) -> Option<CloseReason> {
        if self.is_disposed() {
            return Some(CloseReason::Aborted);
        }
        self.connection.as_ref().and_then(Connection::close_reason)
    }

    /// Whether requests can be sent.
    pub fn is_open(&self) -> bool {
        self.close_reason().is_none()
    }

    /// The generation that the server speaks.
    pub fn generation(&self) -> Generation {
        self.connection.as_ref().map_or(Generation::V3, Connection::generation)
    }

    /// Frames that came unasked and were skipped.
    pub fn skipped(&self) -> u32 {
        self.connection.as_ref().map_or(0, Connection::skipped)
    }

    /// The text of the last answer, if it was an error that came with one, until the next request.
    pub fn error_text(&self) -> Option<Text<'_>> {
        self.connection.as_ref().and_then(Connection::error_text)
    }

    /// The number of the connection: each that the engine opens has its own.
    pub fn id(&self) -> u32 {
        self.identity.map_or(0, |identity| identity.id)
    }

    /// Opens the connection, unless it came open from the pool, and leaves what ends it with the pool.
    pub(crate) fn dial(&mut self) -> Result<(), Error<TransportError<C>>> {
        let engine = self.engine;
        if self.identity.is_none() {
            let transport = engine
                .connector()
                .connect(engine.connect_limit())
                .map_err(|source| crate::client::failed(Phase::Connect, source))?;
            // A stream that is still shaking hands can be disposed of, too.
            self.leave_handle(&transport)?;
            let opened = self.connection_mut()?.reopen(transport, engine.options());
            if let Err(error) = opened {
                self.note();
                return Err(error);
            }
            let id = engine.pool().with(|pool| pool.next_id()).unwrap_or(0);
            self.identity = Some(Identity { id, established: Moment::now(engine.connector().clock()) });
            self.disposed_at = None;
            return self.check_disposed();
        }
        let handle = self.connection.as_ref().and_then(Connection::transport).map(Transport::handle);
        let handle = handle.transpose().map_err(|source| crate::client::failed(Phase::Connect, source))?;
        self.opened(handle)
    }

    fn leave_handle(&self, transport: &C::Transport) -> Result<(), Error<TransportError<C>>> {
        let handle = transport.handle().map_err(|source| crate::client::failed(Phase::Connect, source))?;
        self.opened(Some(handle))
    }

    fn opened(
        &self,
        handle: Option<<C::Transport as Transport>::Handle>,
    ) -> Result<(), Error<TransportError<C>>> {
        let index = self.index;
        match self.engine.pool().with(|pool| pool.opened(index, handle)) {
            Some(true) => Ok(()),
            _ => Err(Error::Closed(CloseReason::Aborted)),
        }
    }

    fn is_disposed(&self) -> bool {
        self.engine.pool().with(|pool| pool.is_disposed(self.index)).unwrap_or(false)
    }

    /// A transport that cannot be reached from elsewhere is closed when its holder comes back to it.
    fn check_disposed(&mut self) -> Result<(), Error<TransportError<C>>> {
        if self.is_disposed() {
            self.connection_mut()?.close_with(CloseReason::Aborted);
            self.note();
            return Err(Error::Closed(self.close_reason().unwrap_or(CloseReason::Aborted)));
        }
        Ok(())
    }

    fn connection_mut(&mut self) -> Result<&mut Connection<'p, C::Transport>, Error<TransportError<C>>> {
        self.connection.as_mut().ok_or(Error::Closed(CloseReason::Owner))
    }

    /// Tells the pool, where the connection is closed now.
    fn note(&mut self) {
        let closed = self.connection.as_ref().is_none_or(|connection| !connection.is_open());
        if closed {
            let index = self.index;
            self.engine.pool().with(|pool| pool.closed(index));
            self.disposed_at.get_or_insert_with(|| Moment::now(self.engine.connector().clock()));
        }
    }
}

impl<C: Connect, const N: usize> Drop for PooledConnection<'_, '_, C, N> {
    fn drop(&mut self) {
        if let Some(mut connection) = self.connection.take() {
            // What was sent still arrives; where it cannot, nobody is left to hear of it.
            let _ = connection.close();
            let index = self.index;
            self.engine.pool().with(|pool| pool.put_back(index, connection, None));
        }
    }
}

impl<C: Connect, const N: usize> fmt::Display for PooledConnection<'_, '_, C, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Connection(id:{}) - ", self.id())?;
        match (self.disposed_at, self.identity) {
            (Some(moment), _) => write!(f, "disposed at {moment}"),
            (None, _) if !self.is_open() => f.write_str("disposed"),
            (None, Some(identity)) => write!(f, "established at {}", identity.established),
            (None, None) => f.write_str("not established"),
        }
    }
}

impl<C: Connect, const N: usize> fmt::Debug for PooledConnection<'_, '_, C, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

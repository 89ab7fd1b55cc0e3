//! The async front: it reads, writes and flushes as it is told, and awaits. The protocol is in the session and its
//! drive.
//!
//! Everything that the [blocking front](crate::client::Connection) has, over streams of `embedded-io-async`. Whatever is
//! known of the stream is kept between any two awaits, so a future may be **dropped at any await**: no byte is lost
//! and none is taken for another. What becomes of the call:
//!
//! | dropped while | then |
//! |---|---|
//! | a request was not begun to be sent | it is forgotten |
//! | a request was sent in part | the connection is closed, with [`HalfSent`](CloseReason::HalfSent): the server waits for the rest |
//! | the answer of [`execute`](Connection::execute) is awaited | the next call reads that answer away, unless it is cancelled |
//! | the answer to a request that was [sent](Connection::send) is awaited | it can be received later |
//! | a part of an answer or push is awaited | reading goes on where it was |
//! | a push is awaited | nothing |
//! | a topic is subscribed to | the topic keeps its slot; to subscribe to it again makes sure |
//! | subscriptions are restored | the connection is closed, with [`NotRestored`](CloseReason::NotRestored) |
//! | hands are shaken | the connection is not open |
//!
//! Futures are `Send` where the transport's are, those of [`execute_with`](Connection::execute_with) and
//! [`receive_with`](Connection::receive_with) where the handler is a function: of an async closure the compiler cannot tell
//! yet. In a task that goes from thread to thread, [`send`](Connection::send), [`next_push`](Connection::next_push) until
//! it gives none, and [`receive`](Connection::receive) do the same without a handler.

mod columns;
mod opening;
mod push;
mod reply;
mod requests;
mod topics;
mod transport;
mod verbose;

pub use columns::{Column, Columns};
pub use push::{Push, Question};
pub use reply::Reply;
pub use transport::{Connect, Timer, Transport};
pub use verbose::Verbose;

use crate::client::debug::debug;
use crate::client::drive::{Drive, Turn, failed, widen};
use crate::client::incoming::Attempt;
use crate::client::memory::Memory;
use crate::client::session::Session;
use crate::client::session::failure::Failed;
use crate::codec::Text;
use crate::codec::token::Token;
use crate::codec::value::Value;
use crate::error::{CloseReason, Error, Phase};
use crate::wire::{Dialect, Generation};

/// An async connection to one server.
///
/// Every call waits until it is done or a [timeout](crate::client::Timeouts) ends it, and may be dropped before.
/// Dropping the connection drops the transport; [`close`](Connection::close) ends it in good order.
///
/// ```
/// use rayforce_ipc::client::asynch::Connection;
/// use rayforce_ipc::client::{Buffers, Options};
/// use rayforce_ipc::transports::duplex::{Duplex, DuplexError, Step};
///
/// async fn sum(server: Duplex<'_>) -> Result<i64, rayforce_ipc::Error<DuplexError>> {
///     let mut buffers = Buffers::<64, 64>::new();
///     let mut connection = Connection::open(server, buffers.lend(), &Options::new()).await?;
///     let mut reply = connection.execute("(+ 1 2)").await?;
///     Ok(reply.value().await?.as_i64()?)
/// }
///
/// // A server that plays its part of a real conversation with 2.4.0, and never lets anybody wait.
/// let server = Duplex::new(&[
///     Step::Expect(&[3, 0]),
///     Step::Say(&[3, 0]),
///     Step::Expect(b"\xfa\xde\xfa\xce\x03\0\0\x01\x11\0\0\0\0\0\0\0\xf3\0\x07\0\0\0\0\0\0\0(+ 1 2)"),
///     Step::Say(b"\xfa\xde\xfa\xce\x03\0\0\x02\x0a\0\0\0\0\0\0\0\xfb\0\x03\0\0\0\0\0\0\0"),
/// ]);
/// # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// # let sum = std::pin::pin!(sum(server)).poll(&mut context);
/// # let std::task::Poll::Ready(Ok(sum)) = sum else { panic!() };
/// # assert_eq!(sum, 3);
/// ```
pub struct Connection<'b, T: Transport> {
    drive: Drive<'b>,
    transport: Option<T>,
}

impl<'b, T: Transport> Connection<'b, T> {
    /// A connection that is not open, with the memory that it will use.
    pub const fn closed(memory: Memory<'b>) -> Self {
        Connection { drive: Drive::new(memory), transport: None }
    }

    /// Ends the connection in good order: what was sent still arrives. More than once is harmless. Servers of wire 1 leave
    /// a request without an answer undone where it arrives together with the end (seen on 0.1.5 and 1.0.0): an exchange
    /// behind it makes sure.
    ///
    /// # Errors
    /// [`Error::Transport`] or [`Error::TimedOut`] where the transport could not; the connection is closed all the same.
    pub async fn close(&mut self) -> Result<(), Error<T::Error>> {
        self.drive.session.close(CloseReason::Owner);
        let Some(mut transport) = self.transport.take() else { return Ok(()) };
        transport.set_deadline(self.drive.timeouts().write);
        transport.close().await.map_err(|source| failed(Phase::Write, source))
    }

    /// Ends the connection at once, without regard for what was sent.
    pub fn abort(&mut self) {
        self.close_with(CloseReason::Aborted);
    }

    /// Why the connection is closed, if it is.
    pub const fn close_reason(&self) -> Option<CloseReason> {
        self.drive.close_reason()
    }

    /// Whether requests can be sent. A server that went away shows at the next request only.
    pub const fn is_open(&self) -> bool {
        self.drive.close_reason().is_none()
    }

    /// Whether requests can be sent, and the other side has not ended the stream meanwhile, as far as the
    /// [transport](Transport::is_alive) can tell. Does not wait, and takes no byte.
    pub fn is_alive(&mut self) -> bool {
        self.is_open() && self.transport.as_mut().is_some_and(T::is_alive)
    }

    /// The generation that the server speaks.
    pub const fn generation(&self) -> Generation {
        self.drive.session.generation()
    }

    /// The dialect that the server speaks. On wire 1 it is found out by a request of the connection's own, before the
    /// first query that depends on it; none until then.
    pub const fn dialect(&self) -> Option<Dialect> {
        self.drive.session.dialect()
    }

    /// Frames that came unasked and were skipped.
    pub const fn skipped(&self) -> u32 {
        self.drive.session.skipped()
    }

    /// The text of the last answer, if it was an error that came with one (engines up to 0.5), until the next
    /// request.
    pub fn error_text(&self) -> Option<Text<'_>> {
        self.drive.session.error_text()
    }

    /// What ends the connection, or the query that runs for it, from elsewhere, while it is open: to be taken before the
    /// call that waits.
    ///
    /// # Errors
    /// [`Error::Closed`] where the connection was; [`Error::Transport`] where the transport has none to give.
    pub fn handle(&self) -> Result<T::Handle, Error<T::Error>> {
        let reason = self.close_reason().unwrap_or(CloseReason::NeverOpened);
        let transport = self.transport.as_ref().ok_or(Error::Closed(reason))?;
        transport.handle().map_err(|source| Error::Transport { phase: Phase::Start, source })
    }

    /// The transport, while the connection is open.
    pub const fn transport(&self) -> Option<&T> {
        self.transport.as_ref()
    }

    pub(crate) fn close_with(&mut self, reason: CloseReason) {
        self.drive.session.close(reason);
        self.transport = None;
    }

    pub(crate) async fn next_token(&mut self) -> Result<Option<Token<'_>>, Error<T::Error>> {
        let token = self.wait(Session::token).await?;
        Ok(token.map(|token| self.drive.session.attach(token)))
    }

    pub(crate) async fn value(&mut self) -> Result<Value<'_>, Error<T::Error>> {
        self.wait(Session::whole).await?;
        Ok(self.drive.session.value()?)
    }

    pub(crate) const fn session(&self) -> &Session<'b> {
        &self.drive.session
    }

    /// Whether the next caller finds the connection as a new one would be: nothing is under way, and nothing to be
    /// read away first.
    pub(crate) fn is_ready(&mut self) -> bool {
        self.drive.is_ready()
    }

    pub(crate) const fn left(&self) -> u64 {
        self.drive.session.left()
    }

    /// Begins a call.
    pub(super) fn begin<V>(
        &mut self,
        call: impl FnOnce(&mut Drive<'b>) -> Result<V, Failed>,
    ) -> Result<V, Error<T::Error>> {
        call(&mut self.drive).map_err(|failed| self.failed(failed))
    }

    /// Reads until a part of a reply or push is there.
    pub(crate) async fn wait<V: Default + Send>(
        &mut self,
        mut part: impl FnMut(&mut Session<'b>) -> Result<Attempt<V>, Failed> + Send,
    ) -> Result<V, Error<T::Error>> {
        let mut done = V::default();
        self.until(&mut |drive| {
            Ok(match part(&mut drive.session)? {
                Attempt::NeedInput => Turn::Read,
                Attempt::Done(value) => {
                    done = value;
                    Turn::Done
                }
            })
        })
        .await?;
        Ok(done)
    }

    /// Does what it is told to, one read, write or flush after the other, until it is done.
    pub(super) async fn until(
        &mut self,
        next: &mut (dyn FnMut(&mut Drive<'b>) -> Result<Turn, Failed> + Send),
    ) -> Result<(), Error<T::Error>> {
        loop {
            let turn = match next(&mut self.drive) {
                Ok(Turn::Done) => return Ok(()),
                Ok(turn) => turn,
                Err(failed) => return Err(self.failed(failed)),
            };
            let Some(transport) = &mut self.transport else {
                let reason = self.drive.session.closed().unwrap_or(CloseReason::NeverOpened);
                return Err(self.settle(Error::Closed(reason)));
            };
            if let Some(limit) = self.drive.limit() {
                transport.set_deadline(limit);
            }
            let result = match turn {
                Turn::Read => transport.read(self.drive.session.receive_window()).await,
                Turn::Write => transport.write(self.drive.window()).await,
                Turn::Flush | Turn::Done => transport.flush().await.map(|()| 0),
            };
            self.drive.turned(turn, result).map_err(|error| self.settle(error))?;
        }
    }

    #[cold]
    #[inline(never)]
    pub(super) fn failed(&mut self, failed: Failed) -> Error<T::Error> {
        self.settle(widen(self.drive.session.failure(failed)))
    }

    /// Where nothing can be said of the stream any more, it is dropped.
    #[cold]
    #[inline(never)]
    pub(super) fn settle(&mut self, error: Error<T::Error>) -> Error<T::Error> {
        if self.drive.settle(&error) {
            self.transport = None;
        }
        error
    }
}

debug!(Connection<'_>: drive);

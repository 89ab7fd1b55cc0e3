//! The blocking front: it reads, writes and flushes as it is told. The protocol is in the session and its drive.

mod columns;
mod push;
mod reply;
mod verbose;

pub use columns::{Column, Columns};
pub use push::{Push, Question};
pub use reply::Reply;
pub use verbose::Verbose;

use core::ops::ControlFlow;

use crate::client::backoff::{Backoff, Retry};
use crate::client::drive::{Call, Drive, Event, Op, Turn, failed, steps, widen};
use crate::client::incoming::Attempt;
use crate::client::memory::Memory;
use crate::client::options::Options;
use crate::client::session::Session;
use crate::client::session::failure::Failed;
use crate::client::topics::Topic;
use crate::client::transport::{Clock as _, Connect, Transport};
use crate::codec::encode::{Encode, Request, Requested};
use crate::codec::token::Token;
use crate::codec::value::Value;
use crate::codec::{Symbol, Text, literal};
use crate::error::{CloseReason, Error, Phase};
use crate::wire::{Dialect, Generation};

/// A blocking connection to one server.
///
/// Every call waits until it is done or a [timeout](crate::client::Timeouts) ends it. Dropping the connection drops the transport;
/// [`close`](Connection::close) ends it in good order.
///
/// ```
/// use rayforce_ipc::client::{Buffers, Connection, Options};
/// use rayforce_ipc::transports::duplex::{Duplex, Step};
///
/// // A server that plays its part of a real conversation with 2.4.0.
/// let server = Duplex::new(&[
///     Step::Expect(&[3, 0]),
///     Step::Say(&[3, 0]),
///     Step::Expect(b"\xfa\xde\xfa\xce\x03\0\0\x01\x11\0\0\0\0\0\0\0\xf3\0\x07\0\0\0\0\0\0\0(+ 1 2)"),
///     Step::Say(b"\xfa\xde\xfa\xce\x03\0\0\x02\x0a\0\0\0\0\0\0\0\xfb\0\x03\0\0\0\0\0\0\0"),
/// ]);
/// let mut buffers = Buffers::<64, 64>::new();
/// let mut connection = Connection::open(server, buffers.lend(), &Options::new())?;
/// assert_eq!(connection.execute("(+ 1 2)")?.value()?.as_i64()?, 3);
/// # Ok::<(), rayforce_ipc::Error<rayforce_ipc::transports::duplex::DuplexError>>(())
/// ```
#[derive(Debug)]
pub struct Connection<'b, T: Transport> {
    drive: Drive<'b>,
    transport: Option<T>,
    /// Set while the transport's code runs. Found set, a panic of it has left the stream at a place that nobody knows.
    in_transport: bool,
}

impl<'b, T: Transport> Connection<'b, T> {
    /// A connection that is not open, with the memory that it will use.
    pub const fn closed(memory: Memory<'b>) -> Self {
        Connection { drive: Drive::new(memory), transport: None, in_transport: false }
    }

    /// Shakes hands over a stream.
    ///
    /// # Errors
    /// As [`reopen`](Connection::reopen).
    pub fn open(transport: T, memory: Memory<'b>, options: &Options<'_>) -> Result<Self, Error<T::Error>> {
        let mut connection = Connection::closed(memory);
        connection.reopen(transport, options)?;
        Ok(connection)
    }

    /// Shakes hands over a new stream; one that was open before is dropped. Subscriptions are restored, and what they
    /// have missed meanwhile is reported by the next [`next_push`](Connection::next_push).
    ///
    /// # Errors
    /// [`Error::Capacity`] for memory below the least; [`Error::Peer`] with
    /// [`Version`](crate::error::Fault::Version) for a server that speaks neither generation, or not the demanded one;
    /// [`Error::Disconnected`] where it closes without a word, as a wire-3 server does when wire 1 is demanded;
    /// [`Error::Auth`]; [`Error::TimedOut`]; [`Error::Transport`]; [`Error::Server`] for a subscription that is not
    /// restored. The connection is closed after all of them.
    pub fn reopen(&mut self, transport: T, options: &Options<'_>) -> Result<(), Error<T::Error>> {
        self.transport = Some(transport);
        self.in_transport = false;
        self.drive.open(options).map_err(|failed| self.failed(failed))?;
        self.until(&mut steps(Op::Open(options.credentials), &()))
    }

    /// Dials until a connection is open, with waits by a policy in between, each of which `observer` sees before it
    /// begins, and can end all. A connection that was open is dropped. Credentials are those of the options,
    /// subscriptions are restored as by [`reopen`](Connection::reopen). The policy is to be
    /// [reset](Backoff::reset) once the connection has proved to work.
    ///
    /// # Errors
    /// Why the last attempt failed, when the policy or the observer has made an end, or at once where no other can be
    /// expected to succeed (the cause is not [transient](Error::is_transient)); [`Error::Closed`] where none was made.
    pub fn reconnect<C: Connect<Transport = T>>(
        &mut self,
        connector: &C,
        options: &Options<'_>,
        backoff: &mut Backoff,
        mut observer: impl FnMut(Retry<'_, T::Error>) -> ControlFlow<()>,
    ) -> Result<(), Error<T::Error>> {
        self.close_with(CloseReason::Owner);
        let mut cause = None;
        while let Some(delay) = backoff.next_delay() {
            let retry = Retry { attempt: backoff.attempt(), delay, cause: cause.as_ref() };
            if observer(retry).is_break() {
                break;
            }
            connector.clock().wait(delay);
            let connected = connector.connect(options.timeouts.connect);
            let opened = match connected {
                Ok(transport) => self.reopen(transport, options),
                Err(source) => Err(failed(Phase::Connect, source)),
            };
            match opened {
                Err(error) if error.is_transient() => cause = Some(error),
                opened => return opened,
            }
        }
        Err(cause.unwrap_or(Error::Closed(CloseReason::Owner)))
    }

    /// Sends a request and waits for its answer to begin.
    ///
    /// A request is program text, or a reference to anything that [`Encode`]s. What is left of the reply before is
    /// read away first. Frames that come unasked are skipped and counted, and a question of the server is refused at
    /// once: [`execute_with`](Connection::execute_with) hears of them.
    ///
    /// # Errors
    /// [`Error::Server`] where the answer is an error value: the connection is fine. [`Error::Request`] where the
    /// request cannot be sent: nothing was, the connection is fine. [`Error::Closed`] where the connection was. After
    /// [`Error::TimedOut`], [`Error::Disconnected`], [`Error::Transport`] and an [`Error::Peer`] that [closes](crate::error::PeerError::closes)
    /// it is closed. [`Error::outcome`] says what is known of the request.
    pub fn execute(&mut self, request: impl Request) -> Result<Reply<'_, 'b, T>, Error<T::Error>> {
        self.exchange(request)?;
        Ok(Reply::new(self))
    }

    /// The same; what comes unasked before the answer goes to `handler`, in the order in which it comes. An error of the
    /// handler ends the call: the request is not sent any more, or its answer is read away by the next call.
    ///
    /// # Errors
    /// As [`execute`](Connection::execute), and those of the handler.
    pub fn execute_with(
        &mut self,
        request: impl Request,
        handler: impl FnMut(Push<'_, 'b, T>) -> Result<(), Error<T::Error>>,
    ) -> Result<Reply<'_, 'b, T>, Error<T::Error>> {
        let value = Requested(request);
        self.begin(|drive| drive.send(Call::Execute))?;
        self.watch(&value, handler)
    }

    /// The same as [`execute`](Connection::execute), and what the evaluation prints on the server on its way, which
    /// comes first. Wire 3 only.
    ///
    /// # Errors
    /// As [`execute`](Connection::execute), but for [`Error::Server`], which [`result`](Verbose::result) says;
    /// [`Error::Request`] on wire 1.
    pub fn execute_verbose(&mut self, request: impl Request) -> Result<Verbose<'_, 'b, T>, Error<T::Error>> {
        self.dispatch(Call::Verbose, &Requested(request))?;
        Ok(Verbose::new(self))
    }

    /// Sends a request and does not wait for its answer, which a later [`receive`](Connection::receive) gives: several
    /// can be under way, up to [`depth`](Options::depth). Answers come in the order of the requests. Frames that came
    /// unasked stay for who waits for them.
    ///
    /// # Errors
    /// As [`execute`](Connection::execute), but for those of an answer; [`Error::Request`] with
    /// [`TooManyPending`](crate::error::RequestError::TooManyPending) where no more may be under way.
    pub fn send(&mut self, request: impl Request) -> Result<(), Error<T::Error>> {
        self.dispatch(Call::Send, &Requested(request))
    }

    /// Waits for the answer to the oldest request that was [sent](Connection::send) to begin. What is left of the reply
    /// before is read away first.
    ///
    /// # Errors
    /// As [`execute`](Connection::execute), for that request; [`Error::Request`] with
    /// [`NothingPending`](crate::error::RequestError::NothingPending) where none is under way.
    pub fn receive(&mut self) -> Result<Reply<'_, 'b, T>, Error<T::Error>> {
        self.begin(Drive::receive)?;
        self.until(&mut steps(Op::Call, &()))?;
        Ok(Reply::new(self))
    }

    /// The same; what comes unasked before the answer goes to `handler`.
    ///
    /// # Errors
    /// As [`receive`](Connection::receive), and those of the handler, after which the answer can still be received.
    pub fn receive_with(
        &mut self,
        handler: impl FnMut(Push<'_, 'b, T>) -> Result<(), Error<T::Error>>,
    ) -> Result<Reply<'_, 'b, T>, Error<T::Error>> {
        self.begin(Drive::receive)?;
        self.watch(&(), handler)
    }

    /// Requests that were [sent](Connection::send), and whose answer was not received.
    pub const fn pending(&self) -> u8 {
        self.drive.pending()
    }

    /// Waits for the server to send what nobody asked for. `None`: nothing came within [`idle`](crate::client::Timeouts::idle),
    /// or the answer to a request that was [sent](Connection::send) came first, and is to be received.
    ///
    /// # Errors
    /// [`Error::Closed`] where the connection was; [`Error::Disconnected`] where the server ended it, as 2.4.0 does
    /// with a subscriber that does not keep up; [`Error::TimedOut`] where a frame began to come and did not end;
    /// [`Error::Transport`]; [`Error::Peer`].
    pub fn next_push(&mut self) -> Result<Option<Push<'_, 'b, T>>, Error<T::Error>> {
        self.begin(Drive::listen)?;
        self.until(&mut steps(Op::Watch, &()))?;
        match self.drive.event() {
            Event::Nothing | Event::Answer => Ok(None),
            event => Ok(Push::new(self, event)),
        }
    }

    /// Lends slots for topics, which [`subscribe`](Connection::subscribe) fills: one for each. Topics in slots that were
    /// lent before are forgotten.
    pub const fn lend_topics(&mut self, slots: &'b mut [Topic<'b>]) {
        self.drive.lend_topics(slots);
    }

    /// Subscribes to a topic of the server, of which [`next_push`](Connection::next_push) then gives the publications.
    /// More than once is harmless. A new connection [by this one](Connection::reopen) subscribes to it again. What comes
    /// while the answer is awaited is skipped, and reported as a gap.
    ///
    /// Only 2.4.0 has topics: others answer by the error `name`.
    ///
    /// # Errors
    /// [`Error::Capacity`] where no [slot](Connection::lend_topics) is free, or the receive buffer has less than
    /// 108 bytes and twice the name; [`Error::Request`] on wire 1, which has no topics. Else as
    /// [`execute`](Connection::execute). It is not subscribed then, unless it was before.
    pub fn subscribe(&mut self, topic: &'b str) -> Result<(), Error<T::Error>> {
        let is_new = self.begin(|drive| drive.subscribe(topic))?;
        let subscribed = self.until(&mut steps(Op::Call, &()));
        if is_new && subscribed.is_err() {
            self.drive.remove_topic(topic);
        }
        subscribed
    }

    /// Ends a subscription. Of a topic that the connection is not subscribed to, it does nothing.
    ///
    /// # Errors
    /// As [`execute`](Connection::execute). It is not subscribed after them either: what still comes of the topic is an
    /// [`Async`](Push::Async) push.
    pub fn unsubscribe(&mut self, topic: &str) -> Result<(), Error<T::Error>> {
        if !self.drive.remove_topic(topic) {
            return Ok(());
        }
        self.exchange(&literal::Call(".mc.unsub", &[&Symbol::quoted(topic)]))
    }

    /// Sends a request that is not answered, and does not wait for it to be carried out: its errors vanish. The
    /// order among the requests of a connection is kept. Frames that came unasked stay for who waits for them.
    ///
    /// # Errors
    /// As [`execute`](Connection::execute), but for those of an answer.
    pub fn send_async(&mut self, request: impl Request) -> Result<(), Error<T::Error>> {
        self.dispatch(Call::Async, &Requested(request))
    }

    /// Ends the connection in good order: what was sent still arrives. More than once is harmless. Servers of wire 1 leave
    /// a request without an answer undone where it arrives together with the end (seen on 0.1.5 and 1.0.0): an exchange
    /// behind it makes sure.
    ///
    /// # Errors
    /// [`Error::Transport`] or [`Error::TimedOut`] where the transport could not; the connection is closed all the same.
    pub fn close(&mut self) -> Result<(), Error<T::Error>> {
        self.drive.session.close(CloseReason::Owner);
        let Some(mut transport) = self.transport.take() else { return Ok(()) };
        transport.set_deadline(self.drive.timeouts().write);
        transport.close().map_err(|source| failed(Phase::Write, source))
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
        self.drive.close_reason().is_none() && !self.in_transport
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

    /// Sends a request and waits for its answer to begin.
    pub(crate) fn exchange(&mut self, request: impl Request) -> Result<(), Error<T::Error>> {
        self.dispatch(Call::Execute, &Requested(request))
    }

    pub(crate) fn topic(&self, index: usize) -> &'b str {
        self.drive.topics.name(index).unwrap_or_default()
    }

    /// Goes on with what is left of an answer as an answer by itself.
    pub(crate) fn begin_again(&mut self) -> Result<(), Error<T::Error>> {
        self.drive.begin_again();
        self.until(&mut steps(Op::Call, &()))
    }

    /// Answers the server's question.
    pub(crate) fn respond(&mut self, value: &dyn Encode) -> Result<(), Error<T::Error>> {
        self.drive.respond();
        self.until(&mut steps(Op::Respond, value))
    }

    pub(crate) fn close_with(&mut self, reason: CloseReason) {
        self.drive.session.close(reason);
        self.transport = None;
    }

    pub(crate) fn next_token(&mut self) -> Result<Option<Token<'_>>, Error<T::Error>> {
        let token = self.wait(Session::token)?;
        Ok(token.map(|token| self.drive.session.attach(token)))
    }

    pub(crate) fn value(&mut self) -> Result<Value<'_>, Error<T::Error>> {
        self.wait(Session::whole)?;
        Ok(self.drive.session.value()?)
    }

    pub(crate) const fn session(&self) -> &Session<'b> {
        &self.drive.session
    }

    /// Whether the next caller finds the connection as a new one would be: nothing is under way, and nothing to be
    /// read away first.
    pub(crate) fn is_ready(&mut self) -> bool {
        !self.in_transport && self.drive.is_ready()
    }

    pub(crate) const fn left(&self) -> u64 {
        self.drive.session.left()
    }

    fn dispatch(&mut self, call: Call, value: &dyn Encode) -> Result<(), Error<T::Error>> {
        self.begin(|drive| drive.send(call))?;
        self.until(&mut steps(Op::Call, value))
    }

    /// Waits for an answer, and gives away what comes before it.
    fn watch(
        &mut self,
        value: &dyn Encode,
        mut handler: impl FnMut(Push<'_, 'b, T>) -> Result<(), Error<T::Error>>,
    ) -> Result<Reply<'_, 'b, T>, Error<T::Error>> {
        loop {
            self.until(&mut steps(Op::Watch, value))?;
            match Push::new(self, self.drive.event()) {
                Some(push) => handler(push)?,
                None => return Ok(Reply::new(self)),
            }
        }
    }

    /// Begins a call.
    fn begin<V>(
        &mut self,
        call: impl FnOnce(&mut Drive<'b>) -> Result<V, Failed>,
    ) -> Result<V, Error<T::Error>> {
        if self.in_transport {
            self.close_with(CloseReason::HalfSent);
        }
        call(&mut self.drive).map_err(|failed| self.failed(failed))
    }

    /// Reads until a part of a reply or push is there.
    pub(crate) fn wait<V: Default>(
        &mut self,
        mut part: impl FnMut(&mut Session<'b>) -> Result<Attempt<V>, Failed>,
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
        })?;
        Ok(done)
    }

    /// Does what it is told to, one read, write or flush after the other, until it is done.
    fn until(
        &mut self,
        next: &mut dyn FnMut(&mut Drive<'b>) -> Result<Turn, Failed>,
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
            self.in_transport = true;
            let result = match turn {
                Turn::Read => transport.read(self.drive.session.receive_window()),
                Turn::Write => transport.write(self.drive.window()),
                Turn::Flush | Turn::Done => transport.flush().map(|()| 0),
            };
            self.in_transport = false;
            self.drive.turned(turn, result).map_err(|error| self.settle(error))?;
        }
    }

    #[cold]
    #[inline(never)]
    fn failed(&mut self, failed: Failed) -> Error<T::Error> {
        self.settle(widen(self.drive.session.failure(failed)))
    }

    /// Where nothing can be said of the stream any more, it is dropped.
    #[cold]
    #[inline(never)]
    fn settle(&mut self, error: Error<T::Error>) -> Error<T::Error> {
        if self.drive.settle(&error) {
            self.transport = None;
        }
        error
    }
}

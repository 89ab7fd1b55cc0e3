//! The blocking front: one loop that writes, one that reads. The protocol is in the session.

use core::convert::Infallible;
use core::time::Duration;

use embedded_io::{Error as _, ErrorKind};

use crate::client::incoming::Attempt;
use crate::client::memory::Memory;
use crate::client::options::{Options, Timeouts};
use crate::client::reply::Reply;
use crate::client::session::{Progress, Session};
use crate::client::transport::Transport;
use crate::codec::Text;
use crate::codec::encode::{Encode, Request, Requested};
use crate::codec::token::{Detached, Token};
use crate::codec::value::Value;
use crate::error::{CloseReason, Error, Phase, RequestError};
use crate::wire::{Dialect, Generation, MessageType};

/// A blocking connection to one server.
///
/// Every call waits until it is done or a [timeout](Timeouts) ends it. Dropping the connection drops the transport;
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
    session: Session<'b>,
    transport: Option<T>,
    timeouts: Timeouts,
    drain_limit: u64,
    /// The phase whose deadline the transport keeps.
    armed: Option<Phase>,
    /// Set while a request is being sent and its answer awaited. Found set, a panic of the caller's or of the
    /// transport's code has left the stream at a place that nobody knows.
    in_exchange: bool,
}

impl<'b, T: Transport> Connection<'b, T> {
    /// A connection that is not open, with the memory that it will use.
    pub const fn closed(memory: Memory<'b>) -> Self {
        let Options { timeouts, drain_limit, .. } = Options::new();
        Connection {
            session: Session::new(memory),
            transport: None,
            timeouts,
            drain_limit,
            armed: None,
            in_exchange: false,
        }
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

    /// Shakes hands over a new stream; one that was open before is dropped.
    ///
    /// # Errors
    /// [`Error::Capacity`] for memory below the least; [`Error::Peer`] with
    /// [`Version`](crate::error::Fault::Version) for a server that speaks neither generation, or not the demanded one;
    /// [`Error::Disconnected`] where it closes without a word, as a wire-3 server does when wire 1 is demanded;
    /// [`Error::Auth`]; [`Error::TimedOut`]; [`Error::Transport`]. The connection is closed after all of them.
    pub fn reopen(&mut self, transport: T, options: &Options<'_>) -> Result<(), Error<T::Error>> {
        self.transport = Some(transport);
        self.armed = None;
        (self.timeouts, self.drain_limit) = (options.timeouts, options.drain_limit);
        self.in_exchange = true;
        let opened = self.handshake(options);
        self.settle(opened)
    }

    /// Sends a request and waits for its answer to begin.
    ///
    /// A request is program text, or a reference to anything that [`Encode`]s. What is left of the reply before is
    /// read away first. Frames that come unasked are skipped and counted; a question of the server is answered with
    /// null.
    ///
    /// # Errors
    /// [`Error::Server`] where the answer is an error value: the connection is fine. [`Error::Request`] where the
    /// request cannot be sent: nothing was, the connection is fine. [`Error::Closed`] where the connection was. After
    /// [`Error::TimedOut`], [`Error::Disconnected`], [`Error::Transport`] and an [`Error::Peer`] that [closes](crate::error::PeerError::closes)
    /// it is closed.
    pub fn execute(&mut self, request: impl Request) -> Result<Reply<'_, 'b, T>, Error<T::Error>> {
        self.exchange_request(request)?;
        Ok(Reply::new(self))
    }

    /// Sends a request that is not answered, and does not wait for it to be carried out: its errors vanish. The
    /// order among the requests of a connection is kept.
    ///
    /// # Errors
    /// As [`execute`](Connection::execute), but for those of an answer.
    pub fn send_async(&mut self, request: impl Request) -> Result<(), Error<T::Error>> {
        self.check_open()?;
        self.in_exchange = true;
        let result = self.send(MessageType::Async, &Requested(request));
        self.settle(result)
    }

    /// Ends the connection in good order: what was sent still arrives. More than once is harmless.
    ///
    /// # Errors
    /// [`Error::Transport`] where the transport could not; the connection is closed all the same.
    pub fn close(&mut self) -> Result<(), Error<T::Error>> {
        self.session.close(CloseReason::Owner);
        let Some(mut transport) = self.transport.take() else { return Ok(()) };
        transport.set_deadline(self.timeouts.write);
        transport.close().map_err(|source| Error::Transport { phase: Phase::Write, source })
    }

    /// Ends the connection at once, without regard for what was sent.
    pub fn abort(&mut self) {
        self.session.close(CloseReason::Aborted);
        self.transport = None;
    }

    /// Why the connection is closed, if it is.
    pub const fn close_reason(&self) -> Option<CloseReason> {
        self.session.closed()
    }

    /// Whether requests can be sent. A server that went away shows at the next request only.
    pub const fn is_open(&self) -> bool {
        self.session.closed().is_none() && !self.in_exchange
    }

    /// The generation that the server speaks.
    pub const fn generation(&self) -> Generation {
        self.session.generation()
    }

    /// The dialect that the server speaks. On wire 1 it is found out by a request of the connection's own, before the
    /// first query that depends on it; none until then.
    pub const fn dialect(&self) -> Option<Dialect> {
        self.session.dialect()
    }

    /// Frames that came unasked and were skipped.
    pub const fn skipped(&self) -> u32 {
        self.session.skipped()
    }

    /// The text of the last answer, if it was an error that came with one (engines up to 0.5), until the next
    /// request.
    pub fn error_text(&self) -> Option<Text<'_>> {
        self.session.error_text()
    }

    /// The transport, while the connection is open.
    pub const fn transport(&self) -> Option<&T> {
        self.transport.as_ref()
    }

    /// Sends a request and waits for its answer to begin.
    pub(crate) fn exchange_request(&mut self, request: impl Request) -> Result<(), Error<T::Error>> {
        self.check_open()?;
        self.in_exchange = true;
        let result = self.exchange(&Requested(request));
        self.settle(result)
    }

    pub(crate) fn close_with(&mut self, reason: CloseReason) {
        self.session.close(reason);
        self.transport = None;
    }

    pub(crate) fn next_token(&mut self) -> Result<Option<Token<'_>>, Error<T::Error>> {
        let token = self.token();
        Ok(self.settle(token)?.map(|token| self.session.attach(token)))
    }

    pub(crate) fn value(&mut self) -> Result<Value<'_>, Error<T::Error>> {
        let whole = self.whole();
        self.settle(whole)?;
        Ok(self.session.value()?)
    }

    /// Whether the next request can be sent at once: nothing is to be read away first.
    pub(crate) fn is_ready(&mut self) -> bool {
        self.is_open() && self.session.drain()
    }

    pub(crate) const fn left(&self) -> u64 {
        self.session.left()
    }

    fn handshake(&mut self, options: &Options<'_>) -> Result<(), Error<T::Error>> {
        self.session.open(options.generation).map_err(widen)?;
        self.arm(Phase::Handshake);
        let opening = self.session.opening();
        self.write(&opening, Phase::Handshake)?;
        loop {
            match self.session.poll().map_err(widen)? {
                Progress::NeedInput => self.read()?,
                Progress::Credentials => {
                    let credentials = self.session.authenticate(options.credentials).map_err(widen)?;
                    self.write(&credentials, Phase::Handshake)?;
                }
                _ => return Ok(()),
            }
        }
    }

    fn exchange(&mut self, request: &dyn Encode) -> Result<(), Error<T::Error>> {
        self.send(MessageType::Sync, request)?;
        match self.answer()? {
            Progress::Failed(error) => Err(Error::Server(error)),
            _ => Ok(()),
        }
    }

    /// Waits for an answer to begin, or to have failed.
    fn answer(&mut self) -> Result<Progress, Error<T::Error>> {
        loop {
            match self.session.poll().map_err(widen)? {
                Progress::NeedInput => self.read()?,
                Progress::Question => self.answer_null()?,
                answer => return Ok(answer),
            }
        }
    }

    fn answer_null(&mut self) -> Result<(), Error<T::Error>> {
        self.session.begin(MessageType::Response, &()).map_err(widen)?;
        self.write(&(), Phase::FirstByte)
    }

    /// Refuses a connection that is closed, or whose last call came to no end.
    fn check_open(&mut self) -> Result<(), Error<T::Error>> {
        if self.in_exchange {
            self.close_with(CloseReason::HalfSent);
        }
        self.session.closed().map_or(Ok(()), |reason| Err(Error::Closed(reason)))
    }

    /// Reads away the reply before, and sends a frame.
    fn send(&mut self, message: MessageType, value: &dyn Encode) -> Result<(), Error<T::Error>> {
        if let Some(reason) = self.session.closed() {
            return Err(Error::Closed(reason));
        }
        self.drain()?;
        match self.session.begin(message, value) {
            Err(Error::Request(RequestError::DialectUnknown)) => {
                self.find_dialect()?;
                self.drain()?;
                self.session.begin(message, value).map_err(widen)?;
            }
            begun => begun.map_err(widen)?,
        }
        self.write(value, Phase::Write)
    }

    /// Reads away what is left of the reply before.
    fn drain(&mut self) -> Result<(), Error<T::Error>> {
        // What is in the receive buffer already costs nothing.
        if !self.session.drain() && self.session.left() > self.drain_limit {
            self.close_with(CloseReason::Undrained);
            return Err(Error::Closed(CloseReason::Undrained));
        }
        // How long the caller took over the reply before does not count.
        self.armed = None;
        while !self.session.drain() {
            self.read()?;
        }
        self.arm(Phase::Write);
        // What came in unasked is dealt with first: an answer among it would be taken for that of this request.
        while let Progress::Question = self.session.poll_idle().map_err(widen)? {
            self.answer_null()?;
        }
        Ok(())
    }

    /// Asks a server of wire 1 which dialect it speaks.
    fn find_dialect(&mut self) -> Result<(), Error<T::Error>> {
        let probe = Session::probe();
        self.session.begin(MessageType::Sync, &probe).map_err(widen)?;
        self.write(&probe, Phase::Write)?;
        let answer = self.answer()?;
        let sum = match answer {
            Progress::Answer => self.token()?.map(|token| token.token()),
            _ => None,
        };
        self.session.learn(&answer, sum);
        Ok(())
    }

    fn token(&mut self) -> Result<Option<Detached>, Error<T::Error>> {
        loop {
            match self.session.token().map_err(widen)? {
                Attempt::Done(token) => return Ok(token),
                Attempt::NeedInput => self.read()?,
            }
        }
    }

    fn whole(&mut self) -> Result<(), Error<T::Error>> {
        loop {
            match self.session.whole().map_err(widen)? {
                Attempt::Done(()) => return Ok(()),
                Attempt::NeedInput => self.read()?,
            }
        }
    }

    /// The loop that writes.
    fn write(&mut self, value: &dyn Encode, phase: Phase) -> Result<(), Error<T::Error>> {
        let Some(transport) = &mut self.transport else {
            return Err(Error::Closed(self.session.closed().unwrap_or(CloseReason::NeverOpened)));
        };
        loop {
            let bytes = self.session.transmit(value).map_err(widen)?;
            if bytes.is_empty() {
                break;
            }
            match transport.write(bytes) {
                Ok(0) => return Err(widen(self.session.ended(phase))),
                Ok(count) => self.session.sent(count),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(source) => return Err(failed(phase, source)),
            }
        }
        loop {
            match transport.flush() {
                Ok(()) => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(source) => return Err(failed(phase, source)),
            }
        }
    }

    /// One turn of the loop that reads.
    fn read(&mut self) -> Result<(), Error<T::Error>> {
        let phase = self.session.phase();
        self.arm(phase);
        let Some(transport) = &mut self.transport else {
            return Err(Error::Closed(self.session.closed().unwrap_or(CloseReason::NeverOpened)));
        };
        match transport.read(self.session.receive_window()) {
            Ok(0) => Err(widen(self.session.ended(phase))),
            Ok(count) => {
                self.session.received(count);
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
            Err(source) => Err(failed(phase, source)),
        }
    }

    /// Sets the deadline of a phase when it begins. Each phase begins once in an exchange.
    fn arm(&mut self, phase: Phase) {
        if self.armed != Some(phase) {
            self.armed = Some(phase);
            let limit = self.limit(phase);
            if let Some(transport) = &mut self.transport {
                transport.set_deadline(limit);
            }
        }
    }

    const fn limit(&self, phase: Phase) -> Duration {
        match phase {
            Phase::Connect => self.timeouts.connect,
            Phase::Handshake => self.timeouts.handshake,
            Phase::Write => self.timeouts.write,
            Phase::FirstByte => self.timeouts.first_byte,
            Phase::Reply => self.timeouts.reply,
        }
    }

    /// After a failure that leaves doubt about what comes next, closes for good.
    fn settle<V>(&mut self, result: Result<V, Error<T::Error>>) -> Result<V, Error<T::Error>> {
        self.in_exchange = false;
        match &result {
            Err(Error::Transport { phase, .. }) => self.session.close(CloseReason::Transport(*phase)),
            Err(Error::TimedOut(phase)) => self.session.close(CloseReason::TimedOut(*phase)),
            Err(Error::Closed(reason)) => self.session.close(*reason),
            _ => {}
        }
        if self.session.closed().is_some() {
            self.transport = None;
        }
        result
    }
}

/// A transport's error by what it means for the caller.
pub(crate) fn failed<E: embedded_io::Error>(phase: Phase, source: E) -> Error<E> {
    match source.kind() {
        ErrorKind::TimedOut => Error::TimedOut(phase),
        ErrorKind::ConnectionAborted => Error::Closed(CloseReason::Aborted),
        _ => Error::Transport { phase, source },
    }
}

/// A session has no transport to fail.
pub(crate) fn widen<E>(error: Error<Infallible>) -> Error<E> {
    error.map_transport(|never| match never {})
}

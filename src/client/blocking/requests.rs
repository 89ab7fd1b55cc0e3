//! What is asked, and what comes back.

use crate::client::blocking::{Connection, Push, Reply, Verbose};
use crate::client::drive::{Call, Drive, Event, Op, steps};
use crate::client::transport::Transport;
use crate::codec::encode::{Encode, Request, Requested};
use crate::error::Error;

impl<'b, T: Transport> Connection<'b, T> {
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
    /// can be under way, up to [`depth`](crate::client::Options::depth). Answers come in the order of the requests. Frames that came
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
    /// [`NothingPending`](crate::error::RequestError::NothingPending) where none is under way. [`Error::Closed`] says
    /// that this call has done nothing: what became of requests that were sent before is unknown.
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

    /// Sends a request that is not answered, and does not wait for it to be carried out: its errors vanish. The
    /// order among the requests of a connection is kept. Frames that came unasked stay for who waits for them.
    ///
    /// # Errors
    /// As [`execute`](Connection::execute), but for those of an answer.
    pub fn send_async(&mut self, request: impl Request) -> Result<(), Error<T::Error>> {
        self.dispatch(Call::Async, &Requested(request))
    }

    /// Sends a request and waits for its answer to begin.
    pub(crate) fn exchange(&mut self, request: impl Request) -> Result<(), Error<T::Error>> {
        self.dispatch(Call::Execute, &Requested(request))
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

    pub(super) fn dispatch(&mut self, call: Call, value: &dyn Encode) -> Result<(), Error<T::Error>> {
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
}

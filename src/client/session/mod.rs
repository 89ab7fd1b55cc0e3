//! The state of a connection, without I/O, clock or lock.
//!
//! One rule drives it: **call [`poll`](Session::poll) until it says [`NeedInput`](Progress::NeedInput) or
//! something that you waited for; only then read.**
//!
//! ```text
//!  open ─▶ transmit/sent ─▶ poll ─▶ (Credentials ─▶ transmit/sent ─▶ poll) ─▶ Ready
//!  begin ─▶ transmit/sent ─▶ poll ─▶ (Push ─▶ token …, value) ─▶ Answer ─▶ token …, value
//!                             ▲  │   (Question ─▶ token …, drain ─▶ begin(Response) …)
//!               received ─────┘  └─▶ NeedInput: read into receive_window
//! ```
//!
//! All progress is in here, before and after every call to a transport.

mod answer;
mod dialect;
pub(crate) mod failure;
mod poll;

pub(crate) use poll::Stop;

use core::convert::Infallible;

use crate::client::incoming::Incoming;
use crate::client::memory::Memory;
use crate::client::outgoing::{Outgoing, RawBytes, RawCredentials};
use crate::client::session::failure::Failed;
use crate::codec::encode::Encode;
use crate::codec::place::Recipient;
use crate::error::{AuthError, CloseReason, Error, Phase, RequestError, Storage};
use crate::events;
use crate::wire::handshake::Opening;
use crate::wire::{Credentials, Dialect, Generation, MessageType, ServerError};

/// A connection's state machine; [`Connection`](crate::client::Connection) is the loop around it.
#[derive(Debug)]
pub struct Session<'b> {
    pub(crate) incoming: Incoming<'b>,
    pub(crate) outgoing: Outgoing<'b>,
    server: Recipient,
    pub(crate) stage: Stage,
    /// Requests whose answer has not begun.
    awaited: u8,
    /// Frames that came unasked and that nobody took.
    pub(crate) skipped: u32,
    closed: Option<CloseReason>,
    /// What is known of the error that is being read, and how many bytes of its details came.
    pub(crate) error: Option<ServerError>,
    pub(crate) details: u8,
}

/// What [`Session::poll`] came to.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Progress {
    /// More bytes are needed: read into [`Session::receive_window`].
    NeedInput,
    /// The server wants credentials: [`Session::authenticate`].
    Credentials,
    /// The handshake is over.
    Ready,
    /// A frame has begun that nobody asked for, and that wants no answer. Its value can be read like that of an
    /// answer; the next poll skips what is left of it.
    Push,
    /// The server asks a question and serves nobody else while it waits. What it asks can be read like an answer;
    /// [drain](Session::drain) the rest, and answer by [`Session::begin`] with [`MessageType::Response`].
    Question,
    /// The answer has begun and is no error. (Of [`Session::poll_frame`]: or is one.)
    Answer,
    /// The answer was an error value.
    Failed(ServerError),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Stage {
    /// The handshake is going on.
    Opening(Opening),
    /// The handshake is over, and no frame came yet.
    Opened,
    /// Between frames.
    Between,
    /// In the payload of a frame that was not asked for.
    Pushed,
    /// In the payload of an answer.
    Answer,
    /// In the payload of an answer that is an error.
    Failing,
}

impl<'b> Session<'b> {
    /// A session that is not open yet.
    pub const fn new(memory: Memory<'b>) -> Session<'b> {
        Session {
            incoming: Incoming::new(memory.receive),
            outgoing: Outgoing::new(memory.transmit),
            server: Recipient::Known(Dialect::V3),
            stage: Stage::Between,
            awaited: 0,
            skipped: 0,
            closed: Some(CloseReason::NeverOpened),
            error: None,
            details: 0,
        }
    }

    /// Begins a handshake on a new stream; transmit [`Session::opening`] next.
    ///
    /// # Errors
    /// [`Error::Capacity`] where the lent memory is below the least.
    pub fn open(&mut self, demanded: Option<Generation>) -> Result<(), Error<Infallible>> {
        self.begin_opening(demanded).map_err(|failed| self.failure(failed))
    }

    pub(crate) fn begin_opening(&mut self, demanded: Option<Generation>) -> Result<(), Failed> {
        self.enough(Storage::Receive, Memory::LEAST_RECEIVE, self.incoming.capacity())?;
        self.enough(Storage::Transmit, Memory::LEAST_TRANSMIT, self.outgoing.capacity())?;
        // The stream before was dropped.
        if self.closed.is_none() {
            events::closed(CloseReason::Owner);
        }
        let opening = Opening::new(demanded);
        self.incoming.reset();
        self.outgoing.begin_bytes(opening.bytes().len() as u64);
        self.stage = Stage::Opening(opening);
        (self.awaited, self.skipped, self.closed) = (0, 0, None);
        Ok(())
    }

    /// What to transmit after [`Session::open`].
    pub fn opening(&self) -> impl Encode + use<> {
        match self.stage {
            Stage::Opening(opening) => RawBytes(opening.bytes()),
            _ => RawBytes([0; 2]),
        }
    }

    /// Begins to send credentials; transmit what comes back next.
    ///
    /// # Errors
    /// [`Error::Auth`] where there are none; the session is closed then.
    pub fn authenticate<'c>(
        &mut self,
        credentials: Option<Credentials<'c>>,
    ) -> Result<impl Encode + use<'c>, Error<Infallible>> {
        self.begin_credentials(credentials).map_err(|failed| self.failure(failed))?;
        Ok(RawCredentials(credentials))
    }

    pub(crate) fn begin_credentials(&mut self, credentials: Option<Credentials<'_>>) -> Result<(), Failed> {
        let Some(credentials) = credentials else { return Err(self.refused(AuthError::Needed)) };
        self.outgoing.begin_bytes(credentials.len() as u64 + 1);
        Ok(())
    }

    /// Begins a frame; transmit `value` next. The answer before must have been [drained](Session::drain).
    ///
    /// # Errors
    /// [`Error::Request`] for whatever the value cannot be sent for: nothing was, and the session is as it was.
    /// [`Error::Closed`] where the session is closed, or a message was left half-sent, which closes it.
    pub fn begin(&mut self, message: MessageType, value: &dyn Encode) -> Result<(), Error<Infallible>> {
        self.begin_message(message, value).map_err(|failed| self.failure(failed))
    }

    pub(crate) fn begin_message(&mut self, message: MessageType, value: &dyn Encode) -> Result<(), Failed> {
        if self.is_half_sent() {
            self.close(CloseReason::HalfSent);
        }
        self.check_open()?;
        let replaced = self.has_begun_request();
        let begun = self.outgoing.begin_frame(message, self.server, value);
        begun.map_err(|error| self.failed(Error::Request(error)))?;
        if replaced {
            self.awaited = self.awaited.saturating_sub(1);
        }
        if message == MessageType::Sync {
            self.awaited = self.awaited.saturating_add(1);
        }
        // The text of an answer that has begun is still to be had.
        if !self.is_answering() {
            self.incoming.forget_kept();
        }
        Ok(())
    }

    /// Begins a request whose answer is a list of two: what its evaluation prints, and its value.
    ///
    /// # Errors
    /// As [`begin`](Session::begin); [`Error::Request`] on wire 1, which has no such requests.
    pub fn begin_verbose(&mut self, value: &dyn Encode) -> Result<(), Error<Infallible>> {
        self.begin_verbose_message(value).map_err(|failed| self.failure(failed))
    }

    pub(crate) fn begin_verbose_message(&mut self, value: &dyn Encode) -> Result<(), Failed> {
        if self.generation() == Generation::V1 {
            let what = "requests that tell what is printed";
            let lack = RequestError::Lacks { what, generation: Generation::V1, dialect: None };
            return Err(self.failed(Error::Request(lack)));
        }
        self.begin_message(MessageType::Sync, value)?;
        self.outgoing.set_verbose();
        Ok(())
    }

    /// The bytes to write next, none when all were; say [`sent`](Session::sent) of each that was written. The value
    /// is the same at each call.
    ///
    /// # Errors
    /// [`Error::Request`] where the value is not the one that was begun; the session is closed then.
    pub fn transmit(&mut self, value: &dyn Encode) -> Result<&[u8], Error<Infallible>> {
        match self.fill(value) {
            Ok(()) => Ok(self.outgoing.window()),
            Err(failed) => Err(self.failure(failed)),
        }
    }

    /// Makes the bytes to write next.
    pub(crate) fn fill(&mut self, value: &dyn Encode) -> Result<(), Failed> {
        self.check_open()?;
        let filled = self.outgoing.fill_window(self.server, value);
        filled.ok_or_else(|| {
            self.close(CloseReason::HalfSent);
            self.failed(Error::Request(RequestError::Malformed))
        })
    }

    /// So many of the bytes to transmit were written.
    pub fn sent(&mut self, count: usize) {
        self.outgoing.sent(count);
    }

    /// Room for bytes of the stream; say [`received`](Session::received) of each that came.
    pub fn receive_window(&mut self) -> &mut [u8] {
        self.incoming.window()
    }

    /// So many bytes came into the window.
    pub fn received(&mut self, count: usize) {
        self.incoming.received(count);
    }

    /// The stream is at its end, as a read or write in that phase has found. The session is closed.
    pub fn ended(&mut self, phase: Phase) -> Error<Infallible> {
        self.close(CloseReason::Disconnected(phase));
        Error::Disconnected(phase)
    }

    /// Bytes of the receive buffer.
    pub(crate) fn capacity(&self) -> usize {
        self.incoming.capacity()
    }

    /// Requests whose answer has not begun.
    pub const fn awaited(&self) -> u8 {
        self.awaited
    }

    /// Whether bytes of a frame came, and not all of them.
    pub(crate) fn is_within_frame(&self) -> bool {
        match self.stage {
            Stage::Opened | Stage::Between => self.incoming.next_byte().is_some(),
            _ => true,
        }
    }

    /// Whether an answer has begun, and was not drained.
    pub(crate) const fn is_answering(&self) -> bool {
        matches!(self.stage, Stage::Answer | Stage::Failing)
    }

    /// The generation that the server speaks, once the handshake is over.
    pub const fn generation(&self) -> Generation {
        self.server.generation()
    }

    /// Frames that came unasked and of which nothing was taken, since the session was opened.
    pub const fn skipped(&self) -> u32 {
        self.skipped
    }

    /// Closes the session. The first reason stays.
    pub fn close(&mut self, reason: CloseReason) {
        if self.closed.is_none() {
            events::closed(reason);
        }
        self.closed.get_or_insert(reason);
    }

    /// Why it is closed, if it is.
    pub const fn closed(&self) -> Option<CloseReason> {
        self.closed
    }

    /// Whether a message was left half-sent.
    pub const fn is_half_sent(&self) -> bool {
        self.outgoing.is_half_sent()
    }

    /// Whether a message was begun of which bytes are left to transmit.
    pub(crate) const fn is_sending(&self) -> bool {
        self.outgoing.left() > 0
    }

    /// Whether any byte of the message was sent.
    pub(crate) const fn has_sent(&self) -> bool {
        self.outgoing.has_sent()
    }

    /// Forgets a message that was begun, and of which nothing was sent.
    pub(crate) fn forget_begun(&mut self) {
        if self.has_begun_request() {
            self.awaited = self.awaited.saturating_sub(1);
        }
        self.outgoing.begin_bytes(0);
    }

    fn has_begun_request(&self) -> bool {
        self.is_sending() && self.outgoing.message() == Some(MessageType::Sync)
    }

    fn refused(&mut self, error: AuthError) -> Failed {
        self.close(CloseReason::Auth(error));
        self.failed(Error::Auth(error))
    }

    fn enough(&mut self, what: Storage, needed: usize, available: usize) -> Result<(), Failed> {
        if available < needed {
            let (needed, available) = (needed as u64, available as u64);
            return Err(self.failed(Error::Capacity { what, needed, available }));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_stays_small() {
        #[cfg(target_pointer_width = "64")]
        assert!(size_of::<Session<'_>>() <= 360); // 40 of them for packing and its limit, 40 for what went wrong
    }
}

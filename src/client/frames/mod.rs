//! Frames over a stream, each whole in one buffer: the smallest client, for a program of a few kilobytes.
//!
//! It shares the wire and the codec with a [`Connection`](crate::client::Connection), and has nothing of what makes one
//! convenient: an answer is as large as the buffer at most, no deadline is set, the caller sees each frame that comes, and
//! nothing is found out about the server but its generation.
//!
//! ```
//! use rayforce_ipc::client::frames::Frames;
//! use rayforce_ipc::transports::duplex::{Duplex, Step};
//! use rayforce_ipc::Value;
//!
//! let script = [
//!     Step::Expect(&[3, 0]),
//!     Step::Say(&[3, 0]),
//!     Step::Expect(b"\xfa\xde\xfa\xce\x03\0\0\x01\x11\0\0\0\0\0\0\0\xf3\0\x07\0\0\0\0\0\0\0(+ 1 2)"),
//!     Step::Say(b"\xfa\xde\xfa\xce\x03\0\0\x02\x0a\0\0\0\0\0\0\0\xfb\0\x03\0\0\0\0\0\0\0"),
//! ];
//! let mut buffer = [0; 64];
//! let mut frames = Frames::open(Duplex::new(&script), &mut buffer, None)?;
//! assert_eq!(frames.execute("(+ 1 2)")?.value()?, Value::I64(3));
//! # Ok::<(), rayforce_ipc::Error<rayforce_ipc::transports::duplex::DuplexError>>(())
//! ```

mod frame;

use core::fmt;

use embedded_io::{Error as _, ErrorKind, ErrorType, Read, Write};

use crate::client::drive::{Refusal, failed};
pub use crate::client::frames::frame::Frame;
use crate::client::outgoing::RawCredentials;
use crate::codec::encode::{Encode, Request, Requested};
use crate::codec::place::Recipient;
use crate::codec::window::Checkpoint;
use crate::codec::writer::Writer;
use crate::error::{AuthError, CloseReason, Error, Fault, PeerError, Phase, RequestError, Storage};
use crate::events;
use crate::wire::handshake::{Answer, Opening, OpeningError};
use crate::wire::inflate::Inflater;
use crate::wire::region::Region;
use crate::wire::{Credentials, Dialect, Generation, Header, MessageType};

/// A stream after the handshake, and the one buffer for what is sent and what comes.
///
/// All calls wait as long as the stream does. After an error that leaves doubt about what comes next, all fail with
/// [`Error::Closed`] and its reason.
pub struct Frames<'b, S: ErrorType> {
    stream: S,
    buffer: &'b mut [u8],
    recipient: Recipient,
    /// Payload bytes of the last frame that were not read.
    left: u64,
    /// Whether no frame came yet.
    opened: bool,
    closed: Option<CloseReason>,
    /// Reads a packed payload, as far as it is left.
    unpack: fn(&mut Self) -> Result<Region, Error<S::Error>>,
}

impl<'b, S: Read + Write> Frames<'b, S> {
    /// Shakes hands, and finds out which generation the server speaks.
    ///
    /// # Errors
    /// [`Error::Capacity`] for a buffer of fewer than 16 bytes; [`Error::Auth`] where the server wants credentials and
    /// there are none, or others; [`Error::Peer`] where it is none of RayforceDB; [`Error::Disconnected`];
    /// [`Error::Transport`].
    pub fn open(
        stream: S,
        buffer: &'b mut [u8],
        credentials: Option<Credentials<'_>>,
    ) -> Result<Self, Error<S::Error>> {
        let recipient = Recipient::Known(Dialect::V3);
        let mut frames =
            Frames { stream, buffer, recipient, left: 0, opened: true, closed: None, unpack: Self::refuse };
        frames.shake_hands(credentials)?;
        Ok(frames)
    }

    fn shake_hands(&mut self, credentials: Option<Credentials<'_>>) -> Result<(), Error<S::Error>> {
        if self.buffer.len() < Header::LEN {
            let (needed, available) = (Header::LEN as u64, self.buffer.len() as u64);
            return Err(Error::Capacity { what: Storage::Receive, needed, available });
        }
        let mut opening = Opening::new(None);
        if let Some(target) = self.buffer.first_chunk_mut() {
            *target = opening.bytes();
        }
        self.write(2, &mut Phase::Handshake)?;
        self.flush(Phase::Handshake)?;
        loop {
            self.read(Region { start: 0, end: 1 }, Phase::Handshake)?;
            match opening.answer(self.buffer.first().copied().unwrap_or(0)) {
                Ok(Answer::More) => {}
                Ok(Answer::Ready(generation)) => {
                    self.recipient = generation.into();
                    events::opened(generation);
                    return Ok(());
                }
                Ok(Answer::WantsCredentials) if credentials.is_some() => {
                    let size = credentials.map_or(0, |credentials| credentials.len() as u64 + 1);
                    self.write_value(&[], &RawCredentials(credentials), size, Phase::Handshake)?;
                    self.buffer.fill(0);
                }
                Ok(Answer::WantsCredentials) => return self.refused(AuthError::Needed),
                Err(OpeningError::Peer(error)) => {
                    self.close(CloseReason::Peer(error.fault));
                    return Err(Error::Peer(error));
                }
                Err(OpeningError::Auth(error)) => return self.refused(error),
            }
        }
    }

    /// From now on, packed payloads are unpacked; before that they are refused. Servers of wire 3 pack what is longer than
    /// about 2,000 bytes; 2.4.0 does it for peers on other hosts only, 2.0.0 for all.
    pub fn set_unpacking(&mut self) {
        self.unpack = Self::receive_packed;
    }

    /// The generation that the server speaks.
    pub const fn generation(&self) -> Generation {
        self.recipient.generation()
    }

    /// Says which dialect a server of wire 1 speaks, without which it is sent no calls, but text and values. (A
    /// [`Connection`](crate::client::Connection) finds that out.)
    pub fn set_dialect(&mut self, dialect: Dialect) {
        if dialect.generation() == self.generation() {
            self.recipient = Recipient::Known(dialect);
        }
    }

    /// Why it is closed, if it is.
    pub const fn closed(&self) -> Option<CloseReason> {
        self.closed
    }

    /// The stream, for its deadline or to end it.
    pub const fn stream(&mut self) -> &mut S {
        &mut self.stream
    }

    /// Sends a request and waits for its answer. Frames that nobody asked for are thrown away meanwhile, whatever their
    /// size, and a question of the server is refused.
    ///
    /// # Errors
    /// As [`send`](Frames::send) and [`receive`](Frames::receive): [`Error::Capacity`] where the answer does not fit.
    pub fn execute(&mut self, request: impl Request) -> Result<Frame<'_>, Error<S::Error>> {
        self.exchange(&Requested(request))
            .map(|(header, payload)| Frame::new(header, payload.of(self.buffer)))
    }

    fn exchange(&mut self, value: &dyn Encode) -> Result<(Header, Region), Error<S::Error>> {
        self.send_value(MessageType::Sync, value, Phase::Start)?;
        loop {
            // What is not the answer is not looked at, so that an error is always that of the answer.
            let header = self.receive_header()?;
            match header.message {
                MessageType::Response => return Ok((header, self.receive_payload(&header)?)),
                MessageType::Sync => {
                    self.drain(Phase::FirstByte)?;
                    // Whatever becomes of it, the request was sent.
                    self.send_value(MessageType::Response, &Refusal, Phase::FirstByte)?;
                }
                MessageType::Async => {}
            }
        }
    }

    /// Sends one frame: a request of kind [`Sync`](MessageType::Sync), which is answered, one of kind
    /// [`Async`](MessageType::Async), which is not, or the [`Response`](MessageType::Response) to a question of the server.
    /// It may be longer than the buffer. What did not fit of the frame before is read away first.
    ///
    /// # Errors
    /// [`Error::Request`] where the request cannot be sent: nothing was. [`Error::Disconnected`] and [`Error::Transport`]
    /// with the [phase](Phase::outcome) that tells what is known of it.
    pub fn send(&mut self, message: MessageType, request: impl Request) -> Result<(), Error<S::Error>> {
        self.send_value(message, &Requested(request), Phase::Start)
    }

    fn send_value(
        &mut self,
        message: MessageType,
        value: &dyn Encode,
        phase: Phase,
    ) -> Result<(), Error<S::Error>> {
        self.check_open()?;
        let size = Writer::measure_in(self.recipient, value)?;
        self.drain(Phase::Drain)?;
        let header = Header { generation: self.generation(), message, packed: false, verbose: false, size };
        self.write_value(&header.to_bytes(), value, size + Header::LEN as u64, phase)
    }

    /// Waits for the next frame, whatever it is, and reads it whole. What of the last one did not fit is read away first.
    ///
    /// # Errors
    /// [`Error::Capacity`] where the payload does not fit into the buffer: the next call goes on behind it. [`Error::Peer`]
    /// where what comes is no frame. [`Error::Disconnected`], [`Error::Transport`].
    pub fn receive(&mut self) -> Result<Frame<'_>, Error<S::Error>> {
        self.receive_frame().map(|(header, payload)| Frame::new(header, payload.of(self.buffer)))
    }

    fn receive_frame(&mut self) -> Result<(Header, Region), Error<S::Error>> {
        let header = self.receive_header()?;
        Ok((header, self.receive_payload(&header)?))
    }

    /// Reads away what is left of a payload.
    fn drain(&mut self, phase: Phase) -> Result<(), Error<S::Error>> {
        while self.left > 0 {
            let end = usize::try_from(self.left).unwrap_or(usize::MAX).min(self.buffer.len());
            self.read(Region { start: 0, end }, phase)?;
            self.left -= end as u64;
        }
        Ok(())
    }

    fn receive_header(&mut self) -> Result<Header, Error<S::Error>> {
        self.check_open()?;
        self.drain(Phase::FirstByte)?;
        self.read(Region { start: 0, end: 1 }, Phase::FirstByte)?;
        if core::mem::take(&mut self.opened)
            && self.generation() == Generation::V1
            && self.buffer.first() == Some(&0)
        {
            // A Windows build of wire 1 answers the opening by two bytes.
            self.read(Region { start: 0, end: 1 }, Phase::FirstByte)?;
        }
        self.read(Region { start: 1, end: Header::LEN }, Phase::Reply)?;
        let header = match self.buffer.first_chunk() {
            Some(bytes) => Header::parse(self.generation(), bytes)
                .inspect_err(|error| self.close(CloseReason::Peer(error.fault)))?,
            None => return Err(Error::Closed(CloseReason::NeverOpened)),
        };
        self.left = header.size;
        Ok(header)
    }

    fn receive_payload(&mut self, header: &Header) -> Result<Region, Error<S::Error>> {
        if header.packed {
            return (self.unpack)(self);
        }
        let size = header.size;
        let available = self.buffer.len() as u64;
        if size > available {
            return Err(Error::Capacity { what: Storage::Receive, needed: size, available });
        }
        self.left = 0;
        let payload = Region { start: 0, end: size as usize };
        self.read(payload, Phase::Reply)?;
        Ok(payload)
    }

    fn refuse(&mut self) -> Result<Region, Error<S::Error>> {
        Err(PeerError { fault: Fault::Unpacked { len: self.left, limit: 0 }, offset: 0 }.into())
    }

    /// Unpacks piece by piece: what is plain grows from the buffer's start, and what is packed comes in behind its place.
    fn receive_packed(&mut self) -> Result<Region, Error<S::Error>> {
        let packed = PeerError { fault: Fault::Packing, offset: 0 };
        let rest = self.left.checked_sub(Inflater::PREFIX_LEN as u64).ok_or(packed)?;
        self.read(Region { start: 0, end: Inflater::PREFIX_LEN }, Phase::Reply)?;
        self.left = rest;
        let len = self.buffer.first_chunk().map_or(0, |prefix| u32::from_le_bytes(*prefix) as usize);
        let room = self.buffer.len().saturating_sub(len);
        if room < LEAST_ROOM {
            let (needed, available) = (len as u64 + LEAST_ROOM as u64, self.buffer.len() as u64);
            return Err(Error::Capacity { what: Storage::Receive, needed, available });
        }
        let (mut inflater, mut filled) = (Inflater::new(), 0);
        while self.left > 0 {
            let count = usize::try_from(self.left).unwrap_or(usize::MAX).min(room);
            let mut piece = Region { start: len, end: len + count };
            self.read(piece, Phase::Reply)?;
            self.left -= count as u64;
            inflater.run(self.buffer, &mut piece, &mut filled, len);
            if !piece.is_empty() {
                return Err(packed.into());
            }
        }
        if filled != len || len == 0 || !inflater.is_complete() {
            return Err(packed.into());
        }
        Ok(Region { start: 0, end: len })
    }

    fn check_open(&self) -> Result<(), Error<S::Error>> {
        self.closed.map_or(Ok(()), |reason| Err(Error::Closed(reason)))
    }

    /// Writes `head` and a value behind it, `size` bytes in all.
    fn write_value(
        &mut self,
        head: &[u8],
        value: &dyn Encode,
        size: u64,
        mut phase: Phase,
    ) -> Result<(), Error<S::Error>> {
        let (mut next, mut left) = (Some(Checkpoint::START), size);
        while let Some(from) = next {
            let filled;
            (filled, next) = Writer::fill(self.recipient, head, value, self.buffer, from);
            left = match left.checked_sub(filled as u64) {
                Some(left) if (left > 0) == next.is_some() => left,
                // Another length than measured would shift every later frame.
                _ => {
                    self.close(CloseReason::HalfSent);
                    return Err(Error::Request(RequestError::Malformed));
                }
            };
            self.write(filled, &mut phase)?;
        }
        self.flush(phase)
    }

    fn flush(&mut self, phase: Phase) -> Result<(), Error<S::Error>> {
        while let Err(source) = self.stream.flush() {
            self.failed(phase, source)?;
        }
        Ok(())
    }

    /// Writes so many bytes of the buffer.
    fn write(&mut self, end: usize, phase: &mut Phase) -> Result<(), Error<S::Error>> {
        let mut window = Region { start: 0, end };
        while !window.is_empty() {
            match self.stream.write(window.of(self.buffer)) {
                Ok(0) => return self.ended(*phase),
                Ok(count) => {
                    window.start += count;
                    if let Phase::Start = phase {
                        *phase = Phase::Write;
                    }
                }
                Err(source) => self.failed(*phase, source)?,
            }
        }
        Ok(())
    }

    /// Reads a place of the buffer full.
    fn read(&mut self, mut window: Region, phase: Phase) -> Result<(), Error<S::Error>> {
        while let Some(target @ [_, ..]) = self.buffer.get_mut(window.start..window.end) {
            match self.stream.read(target) {
                Ok(0) => return self.ended(phase),
                Ok(count) => window.start += count,
                Err(source) => self.failed(phase, source)?,
            }
        }
        Ok(())
    }

    fn close(&mut self, reason: CloseReason) {
        self.closed = Some(reason);
        events::closed(reason);
    }

    #[cold]
    fn refused(&mut self, error: AuthError) -> Result<(), Error<S::Error>> {
        self.close(CloseReason::Auth(error));
        Err(Error::Auth(error))
    }

    #[cold]
    fn ended(&mut self, phase: Phase) -> Result<(), Error<S::Error>> {
        self.close(CloseReason::Disconnected(phase));
        Err(Error::Disconnected(phase))
    }

    /// What a failure of the stream means; an interruption is tried again.
    #[cold]
    fn failed(&mut self, phase: Phase, source: S::Error) -> Result<(), Error<S::Error>> {
        if source.kind() == ErrorKind::Interrupted {
            return Ok(());
        }
        self.close(CloseReason::Transport(phase));
        Err(failed(phase, source))
    }
}

impl<S: ErrorType> fmt::Debug for Frames<'_, S> {
    /// Without the bytes, and whatever the stream is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frames")
            .field("capacity", &self.buffer.len())
            .field("generation", &self.recipient.generation())
            .field("left", &self.left)
            .field("closed", &self.closed)
            .finish_non_exhaustive()
    }
}

/// Behind the place of what is plain, room for this many packed bytes at least.
const LEAST_ROOM: usize = 16;

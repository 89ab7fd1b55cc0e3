//! The stream, and why it is closed.

use embedded_io::{Error as _, ErrorKind, ErrorType, Read, Write};

use crate::client::drive::failed;
use crate::client::frames::cause::Cause;
use crate::client::outgoing::RawCredentials;
use crate::codec::encode::Encode;
use crate::codec::place::Recipient;
use crate::codec::window::{Output, Pieces, Windows};
use crate::codec::writer::Writer;
use crate::error::{AuthError, CloseReason, Error, Fault, PeerError, Phase, RequestError, Storage};
use crate::events;
use crate::wire::handshake::{Answer, Opening, OpeningError};
use crate::wire::{Credentials, Generation};

/// A stream; after an error that leaves doubt about what comes next it is closed.
pub(super) struct Link<S> {
    pub(super) stream: S,
    pub(super) closed: Option<Cause>,
}

/// Why a call failed, in so few bytes that they travel in a register. Whatever else is told of it is had from where it
/// happened, and put together only where an error leaves the crate.
pub(super) enum Failure<E> {
    /// It was closed before.
    Closed,
    /// It was closed just now, for its cause.
    Broken,
    /// The same, by these words of the stream.
    Stream(E),
    /// The request cannot be sent.
    Request,
    /// The payload that is left does not fit.
    Large,
    /// A payload that is to be unpacked does not fit; its plain length is in the buffer.
    LargePlain,
    /// The payload that is left is packed, and is not to be unpacked.
    Packed,
    /// A packed payload does not hold what it says.
    Packing,
}

impl<S: Read + Write> Link<S> {
    /// Writes all bytes.
    pub(super) fn write(&mut self, mut bytes: &[u8], phase: &mut Phase) -> Result<(), Failure<S::Error>> {
        while !bytes.is_empty() {
            match self.stream.write(bytes) {
                Ok(0) => return self.ended(*phase),
                Ok(count) => {
                    bytes = bytes.get(count..).unwrap_or_default();
                    if let Phase::Start = phase {
                        *phase = Phase::Write;
                    }
                }
                Err(source) => self.failed(*phase, source)?,
            }
        }
        Ok(())
    }

    pub(super) fn flush(&mut self, phase: Phase) -> Result<(), Failure<S::Error>> {
        while let Err(source) = self.stream.flush() {
            self.failed(phase, source)?;
        }
        Ok(())
    }

    /// Reads a place full.
    pub(super) fn read(&mut self, mut target: &mut [u8], phase: Phase) -> Result<(), Failure<S::Error>> {
        while !target.is_empty() {
            match self.stream.read(target) {
                Ok(0) => return self.ended(phase),
                Ok(count) => target = target.get_mut(count..).unwrap_or_default(),
                Err(source) => self.failed(phase, source)?,
            }
        }
        Ok(())
    }

    /// Finds out which generation the server speaks.
    pub(super) fn shake_hands(
        &mut self,
        buffer: &mut [u8],
        credentials: Option<Credentials<'_>>,
    ) -> Result<Generation, Failure<S::Error>> {
        let mut opening = Opening::new(None);
        self.write(&opening.bytes(), &mut Phase::Handshake)?;
        self.flush(Phase::Handshake)?;
        loop {
            let mut byte = [0];
            self.read(&mut byte, Phase::Handshake)?;
            let [byte] = byte;
            let cause = match (opening.answer(byte), credentials) {
                (Ok(Answer::More), _) => continue,
                (Ok(Answer::Ready(generation)), _) => {
                    events::opened(generation);
                    return Ok(generation);
                }
                (Ok(Answer::WantsCredentials), Some(credentials)) => {
                    let (recipient, size) = (Recipient::V1, credentials.len() as u64 + 1);
                    let credentials = RawCredentials(Some(credentials));
                    self.write_long(recipient, &[], &credentials, size, buffer, Phase::Handshake)?;
                    buffer.fill(0);
                    continue;
                }
                (Ok(Answer::WantsCredentials), None) => Cause::Auth(AuthError::Needed),
                (Err(OpeningError::Peer(error)), _) => Cause::of_opening(error.fault),
                (Err(OpeningError::Auth(error)), _) => Cause::Auth(error),
            };
            return self.close(cause);
        }
    }

    /// Writes `head` and a value of so many bytes behind it, piece by piece.
    pub(super) fn write_long(
        &mut self,
        recipient: Recipient,
        head: &[u8],
        value: &dyn Encode,
        size: u64,
        buffer: &mut [u8],
        phase: Phase,
    ) -> Result<(), Failure<S::Error>> {
        let mut sending = Sending { link: self, left: size + head.len() as u64, phase, result: Ok(()) };
        let filled = Writer::write_with(recipient, head, value, buffer, &mut sending);
        sending.send(buffer.get(..filled).unwrap_or_default());
        sending.finish()
    }

    /// The error of a failure while so much of a payload was left. In line, so that who does not look at it does not pay
    /// for it.
    #[inline(always)]
    pub(super) fn error(&self, failure: Failure<S::Error>, left: u64, buffer: &[u8]) -> Error<S::Error> {
        let (what, available) = (Storage::Receive, buffer.len() as u64);
        let peer = |fault| Error::Peer(PeerError { fault, offset: 0 });
        match (failure, self.closed) {
            (Failure::Stream(source), Some(Cause::Transport(phase))) => failed(phase, source),
            (Failure::Stream(source), _) => failed(Phase::Idle, source),
            (Failure::Broken, Some(cause)) => cause.error(),
            (Failure::Closed, Some(cause)) => Error::Closed(cause.reason()),
            (Failure::Broken | Failure::Closed, None) => Error::Closed(CloseReason::NeverOpened),
            (Failure::Request, _) => Error::Request(RequestError::Malformed),
            (Failure::Large, _) => Error::Capacity { what, needed: left, available },
            (Failure::LargePlain, _) => {
                Error::Capacity { what, needed: u64::from(plain_len(buffer)) + LEAST_ROOM as u64, available }
            }
            (Failure::Packed, _) => peer(Fault::Unpacked { len: left, limit: 0 }),
            (Failure::Packing, _) => peer(Fault::Packing),
        }
    }

    pub(super) fn check_open(&self) -> Result<(), Failure<S::Error>> {
        if self.closed.is_some() { Err(Failure::Closed) } else { Ok(()) }
    }

    #[cold]
    fn ended(&mut self, phase: Phase) -> Result<(), Failure<S::Error>> {
        self.close(Cause::Disconnected(phase))
    }

    /// What a failure of the stream means; an interruption is tried again.
    #[cold]
    fn failed(&mut self, phase: Phase, source: S::Error) -> Result<(), Failure<S::Error>> {
        if source.kind() == ErrorKind::Interrupted {
            return Ok(());
        }
        let _ = self.close::<()>(Cause::Transport(phase));
        Err(Failure::Stream(source))
    }

    #[cold]
    pub(super) fn close<V>(&mut self, cause: Cause) -> Result<V, Failure<S::Error>> {
        self.closed = Some(cause);
        events::closed(cause.reason());
        Err(Failure::Broken)
    }
}

/// A message that is longer than the buffer, on its way to the stream.
pub(super) struct Sending<'l, S: ErrorType> {
    pub(super) link: &'l mut Link<S>,
    /// Bytes that were not sent yet.
    pub(super) left: u64,
    pub(super) phase: Phase,
    pub(super) result: Result<(), Failure<S::Error>>,
}

impl<S: Read + Write> Sending<'_, S> {
    /// Sends what is in the buffer.
    pub(super) fn send(&mut self, bytes: &[u8]) {
        if self.result.is_ok() {
            self.result = match self.left.checked_sub(bytes.len() as u64) {
                Some(left) => {
                    self.left = left;
                    self.link.write(bytes, &mut self.phase)
                }
                // Another length than measured would shift every later frame.
                None => self.link.close(Cause::HalfSent),
            };
        }
    }

    /// What became of it, at its end.
    pub(super) fn finish(self) -> Result<(), Failure<S::Error>> {
        match self.result {
            Ok(()) if self.left > 0 => self.link.close(Cause::HalfSent),
            Ok(()) => self.link.flush(self.phase),
            failed => failed,
        }
    }
}

impl<S: Read + Write> Windows for Sending<'_, S> {
    fn enter(&mut self) -> Option<(usize, usize)> {
        self.result.is_ok().then_some((0, 0))
    }

    fn write(&mut self, out: &mut Output<'_>, _index: usize, _offset: usize, pieces: &Pieces<'_>) -> bool {
        for piece in pieces {
            let mut piece = *piece;
            loop {
                piece = out.fill(piece);
                if piece.is_empty() {
                    break;
                }
                self.send(out.buffer);
                out.filled = 0;
            }
        }
        self.result.is_ok()
    }
}

/// What a packed payload says of its plain length.
pub(super) fn plain_len(buffer: &[u8]) -> u32 {
    buffer.first_chunk().map_or(0, |prefix| u32::from_le_bytes(*prefix))
}

/// Behind the place of what is plain, room for this many packed bytes at least.
pub(super) const LEAST_ROOM: usize = 16;

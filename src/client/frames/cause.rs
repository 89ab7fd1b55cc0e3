//! Why a stream is closed, in few bytes.

use crate::error::{AuthError, CloseReason, Error, Fault, PeerError, Phase, RequestError};
use crate::wire::Generation;

/// A [`CloseReason`] of this client, from which the error of the call that came upon it follows.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cause {
    Transport(Phase),
    Disconnected(Phase),
    Auth(AuthError),
    HalfSent,
    Magic,
    /// The version of an opening, which is its first byte, where none was agreed on.
    Opening(u8),
    Version(Generation, u8),
    ByteOrder(u8),
    MessageType(u8),
    Size([u8; 8]),
    Handshake(u8),
}

impl Cause {
    /// What is wrong with a header.
    #[inline(always)]
    pub(super) const fn of_header(generation: Generation, fault: Fault) -> Cause {
        match fault {
            Fault::Version { theirs, .. } => Cause::Version(generation, theirs),
            Fault::ByteOrder(byte) => Cause::ByteOrder(byte),
            Fault::MessageType(byte) => Cause::MessageType(byte),
            Fault::Size(size) => Cause::Size(size.to_le_bytes()),
            _ => Cause::Magic,
        }
    }

    /// What is wrong with an opening.
    #[inline(always)]
    pub(super) const fn of_opening(fault: Fault) -> Cause {
        match fault {
            Fault::Handshake(byte) => Cause::Handshake(byte),
            Fault::Version { theirs, .. } => Cause::Opening(theirs),
            _ => Cause::Opening(0),
        }
    }

    #[inline(always)]
    pub(super) const fn reason(self) -> CloseReason {
        match self {
            Cause::Transport(phase) => CloseReason::Transport(phase),
            Cause::Disconnected(phase) => CloseReason::Disconnected(phase),
            Cause::Auth(error) => CloseReason::Auth(error),
            Cause::HalfSent => CloseReason::HalfSent,
            fault => CloseReason::Peer(fault.fault().fault),
        }
    }

    /// The error of the call; where the stream failed, there are words of its own.
    #[inline(always)]
    pub(super) const fn error<E>(self) -> Error<E> {
        match self {
            Cause::Transport(phase) | Cause::Disconnected(phase) => Error::Disconnected(phase),
            Cause::Auth(error) => Error::Auth(error),
            Cause::HalfSent => Error::Request(RequestError::Malformed),
            fault => Error::Peer(fault.fault()),
        }
    }

    #[inline(always)]
    pub(super) const fn fault(self) -> PeerError {
        let (fault, offset) = match self {
            Cause::Opening(theirs) => (Fault::Version { theirs, ours: Generation::V3.version() }, 0),
            Cause::Version(ours, theirs) => (Fault::Version { theirs, ours: ours.version() }, 4),
            Cause::ByteOrder(byte) => (Fault::ByteOrder(byte), 6),
            Cause::MessageType(byte) => (Fault::MessageType(byte), 7),
            Cause::Size(size) => (Fault::Size(i64::from_le_bytes(size)), 8),
            Cause::Handshake(byte) => (Fault::Handshake(byte), 1),
            _ => (Fault::Magic, 0),
        };
        PeerError { fault, offset }
    }
}

//! Errors in words.

use core::fmt;

use crate::error::{
    AuthError, CloseReason, Error, Fault, Mismatch, Outcome, PeerError, Phase, RequestError, Shape, Storage,
};
use crate::wire::{Dialect, Generation, Tag};

impl<E: fmt::Display> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Transport { phase, source } => write!(f, "transport failed while {phase}: {source}"),
            Error::TimedOut(phase) => write!(f, "timed out while {phase}"),
            Error::Disconnected(phase) => write!(f, "the other side ended the connection while {phase}"),
            Error::Aborted(phase) => write!(f, "aborted while {phase}"),
            Error::Closed(reason) => write!(f, "connection is disposed: {reason}"),
            Error::Peer(error) => write!(f, "protocol broken by the other side: {error}"),
            Error::Server(error) => write!(f, "server error: {error}"),
            Error::Auth(error) => error.fmt(f),
            Error::Capacity { what, needed, available } => {
                let (what, unit) = match what {
                    Storage::Receive => ("receive buffer", "bytes"),
                    Storage::Transmit => ("transmit buffer", "bytes"),
                    Storage::Topics => ("storage", "topics"),
                    Storage::Text => ("buffer for a text", "bytes"),
                    Storage::Limit => ("limit", "bytes"),
                    Storage::Heap => return write!(f, "the heap has no {needed} bytes left"),
                };
                write!(f, "{what} of {available} {unit} is too small: {needed} needed")
            }
            Error::Request(
                error @ (RequestError::AlreadyRead
                | RequestError::Pending
                | RequestError::NothingPending
                | RequestError::TooManyPending { .. }),
            ) => error.fmt(f),
            Error::Request(error) => write!(f, "request cannot be sent: {error}"),
            Error::Mismatch(error) => error.fmt(f),
            Error::Exhausted { capacity } => write!(f, "all {capacity} connections of the pool are in use"),
        }
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CloseReason::NeverOpened => f.write_str("never opened"),
            CloseReason::Owner => f.write_str("closed by its owner"),
            CloseReason::Aborted => f.write_str("aborted"),
            CloseReason::Transport(phase) => write!(f, "transport failed while {phase}"),
            CloseReason::TimedOut(phase) => write!(f, "timed out while {phase}"),
            CloseReason::Disconnected(phase) => write!(f, "the other side ended it while {phase}"),
            CloseReason::Peer(fault) => write!(f, "{fault}"),
            CloseReason::Auth(error) => error.fmt(f),
            CloseReason::HalfSent => f.write_str("a request was left half-sent"),
            CloseReason::NotRestored => f.write_str("the subscriptions could not be restored"),
            CloseReason::Undrained => f.write_str("too much of a reply was left unread"),
        }
    }
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AuthError::Needed => "server wants credentials",
            AuthError::Refused => "server refused the credentials",
        })
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Phase::Connect => "connecting",
            Phase::Handshake => "shaking hands",
            Phase::Drain => "reading an earlier reply away",
            Phase::Start => "beginning to send the request",
            Phase::Write => "sending the request",
            Phase::FirstByte => "waiting for the reply",
            Phase::Reply => "reading the reply",
            Phase::Idle => "waiting for a push",
            Phase::Push => "reading a push",
        })
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Outcome::NotSent => "not sent",
            Outcome::Unknown => "unknown",
            Outcome::Answered => "answered",
        })
    }
}

impl fmt::Display for PeerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.fault, self.offset)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Magic => f.write_str("wrong magic number"),
            Fault::Version { theirs: theirs @ 10.., .. } => {
                write!(f, "{theirs:#04x} is no version of it (is this a RayforceDB server?)")
            }
            Fault::Version { theirs, ours } => write!(f, "version {theirs} instead of {ours}"),
            Fault::ByteOrder(byte) => write!(f, "byte order {byte}"),
            Fault::MessageType(byte) => write!(f, "message type {byte}"),
            Fault::Size(size) => write!(f, "payload size {size}"),
            Fault::Handshake(byte) => write!(f, "handshake byte {byte:#04x}"),
            Fault::Unasked => f.write_str("an answer that was not asked for"),
            Fault::Tag(byte) => write!(f, "unknown tag {byte:#04x}"),
            Fault::UnexpectedEnd { needed, available } => {
                write!(f, "value needs {needed} bytes, payload has {available} left")
            }
            Fault::Value => f.write_str("no value"),
            Fault::Count(count) => write!(f, "count {count}"),
            Fault::TrailingBytes(count) => write!(f, "{count} bytes behind the value"),
            Fault::TableNames => f.write_str("column names are no symbol vector"),
            Fault::TableColumns => f.write_str("columns are no list"),
            Fault::Unpacked { len, limit } => write!(f, "packed payload of {len} plain bytes, limit {limit}"),
            Fault::Packing => f.write_str("packed payload of another length than announced"),
        }
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RequestError::NulInName(at) => write!(f, "NUL at byte {at} of a symbol or name"),
            RequestError::TooLarge { size, limit } => write!(f, "payload of {size} bytes, limit {limit}"),
            RequestError::TooMany { count, limit } => write!(f, "{count} elements, limit {limit}"),
            RequestError::Unsupported { tag, generation } => {
                write!(f, "{generation} has no {}", Shape::Value(*tag))
            }
            RequestError::Malformed => f.write_str(
                "it writes less or more than one value (columns without a name?), or not twice the same",
            ),
            RequestError::Lacks { what, dialect: Some(dialect), .. } => write!(f, "{dialect} has no {what}"),
            RequestError::Lacks { what, generation, .. } => {
                write!(f, "{generation} has no {what}")
            }
            RequestError::Query(why) => f.write_str(why),
            RequestError::DialectUnknown => {
                f.write_str("it depends on the dialect of wire 1, which is not known")
            }
            RequestError::TooDeep { limit } => write!(f, "values are nested deeper than {limit}"),
            RequestError::Credentials => f.write_str("credentials with a colon, a NUL or over 255 bytes"),
            RequestError::AlreadyRead => {
                f.write_str("the reply, or an element of it, was already read in part")
            }
            RequestError::Pending => f.write_str("answers to earlier requests are still to be received"),
            RequestError::TooManyPending { limit } => {
                write!(f, "{limit} answers are still to be received, and no more may be")
            }
            RequestError::NothingPending => f.write_str("no request is under way"),
        }
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "wire {}", self.version())
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Dialect::V1a => "wire 1 of engines up to 0.5",
            Dialect::V1b => "wire 1 of engines from 0.6 on",
            Dialect::V3 => "wire 3",
        })
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}, found {}", self.expected, self.found)
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Shape::Value(Tag::Atom(ty)) => write!(f, "{} atom", ty.name()),
            Shape::Value(Tag::Vector(ty)) => write!(f, "{} vector", ty.name()),
            Shape::Value(Tag::List) => f.write_str("list"),
            Shape::Value(Tag::Table) => f.write_str("table"),
            Shape::Value(Tag::Dict) => f.write_str("dict"),
            Shape::Value(Tag::Lambda) => f.write_str("lambda"),
            Shape::Value(Tag::Function(_)) => f.write_str("function"),
            Shape::Value(Tag::Null) => f.write_str("null"),
            Shape::Value(Tag::Error) => f.write_str("error"),
            Shape::AnyVector => f.write_str("vector"),
            Shape::NullOf(ty) => write!(f, "{} null", ty.name()),
            Shape::Utf8 => f.write_str("text in UTF-8"),
            Shape::NotUtf8(at) => write!(f, "bytes that are no UTF-8 from {at} on"),
            Shape::Columns(count) => write!(f, "{count} columns"),
        }
    }
}

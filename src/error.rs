//! What can go wrong, sorted by who must act.

use core::fmt;

use crate::wire::{Generation, Tag, Type};

pub use crate::wire::ServerError;

/// Any failure of a connection or of the pool. `E` is the transport's own error, kept whole.
///
/// A failed payload ([`PeerError::closes`] is false), [`Server`](Error::Server), [`Capacity`](Error::Capacity),
/// [`Request`](Error::Request), [`Mismatch`](Error::Mismatch) and [`Exhausted`](Error::Exhausted) leave the
/// connection usable; after the others it is closed and says why.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error<E> {
    /// The transport failed.
    Transport {
        /// What the connection was doing.
        phase: Phase,
        /// The transport's own words.
        source: E,
    },
    /// A wait came to its end.
    TimedOut(Phase),
    /// The connection is no longer open.
    Closed(CloseReason),
    /// The other side broke the protocol.
    Peer(PeerError),
    /// The server answered with an error value.
    Server(ServerError),
    /// The server wants credentials, or others.
    Auth(AuthError),
    /// Something does not fit into the memory that was lent. Nothing is lost: a reply can still be read by tokens.
    Capacity {
        /// What does not fit.
        what: Storage,
        /// Bytes that it takes.
        needed: u64,
        /// Bytes that are there.
        available: u64,
    },
    /// The caller's value cannot be sent. Nothing was.
    Request(RequestError),
    /// The caller read a value as what it is not.
    Mismatch(Mismatch),
    /// All connections of the pool are in use.
    Exhausted {
        /// How many it has.
        capacity: usize,
    },
}

/// What a connection was waiting for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Phase {
    /// The transport's connection.
    Connect,
    /// The opening, and the verdict on credentials.
    Handshake,
    /// Room to send the request: how much of it arrived is unknown.
    Write,
    /// The first byte of the reply: whether the request was carried out is unknown.
    FirstByte,
    /// The rest of the reply: the request was answered.
    Reply,
}

/// Why a connection is no longer open. It is never used again.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum CloseReason {
    /// It was not opened yet.
    NeverOpened,
    /// Its owner closed it.
    Owner,
    /// The pool disposed of all its connections, or its handle was told to abort.
    Aborted,
    /// The transport failed.
    Transport(Phase),
    /// A wait came to its end; what arrives later could be taken for the answer to another request.
    TimedOut(Phase),
    /// The other side broke the protocol.
    Peer(Fault),
    /// The server did not let us in.
    Auth(AuthError),
    /// A request was left half-sent.
    HalfSent,
    /// A reply was left unread, with more bytes to come than the settable limit.
    Undrained,
}

/// The other side broke the protocol.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PeerError {
    /// What is wrong.
    pub fault: Fault,
    /// Where: for a header or the handshake the byte in it, else the byte of the plain payload.
    pub offset: u64,
}

impl PeerError {
    /// Whether nothing behind it can be trusted, so that the connection is closed. Other faults are confined to
    /// the payload of one frame.
    pub const fn closes(&self) -> bool {
        matches!(
            self.fault,
            Fault::Magic
                | Fault::Version { .. }
                | Fault::ByteOrder(_)
                | Fault::MessageType(_)
                | Fault::Size(_)
                | Fault::Handshake(_)
                | Fault::EndOfStream
        )
    }
}

/// What is wrong with the bytes of a peer.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Fault {
    /// A frame does not begin with the magic number.
    Magic,
    /// Another version of the protocol.
    Version {
        /// The byte that came.
        theirs: u8,
        /// The byte that was expected.
        ours: u8,
    },
    /// A byte order other than little-endian.
    ByteOrder(u8),
    /// A message type that does not exist.
    MessageType(u8),
    /// A payload size that no frame has.
    Size(i64),
    /// A byte that no handshake has.
    Handshake(u8),
    /// The stream ended where more was to come.
    EndOfStream,
    /// A tag byte that means nothing in this generation.
    Tag(u8),
    /// The payload ends before the value does.
    UnexpectedEnd {
        /// Bytes that the value needs next.
        needed: u64,
        /// Bytes that the payload has left.
        available: u64,
    },
    /// A negative count or length.
    Count(i64),
    /// Bytes behind the value (wire 3; wire 1 may put junk there).
    TrailingBytes(u64),
    /// The column names of a table are no symbol vector.
    TableNames,
    /// The columns of a table are no list.
    TableColumns,
    /// A packed payload announces a plain length of 0 or more than 256 MiB, or unpacks to fewer bytes than it
    /// announces.
    Packing,
}

/// The server's word on credentials.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum AuthError {
    /// It wants some, and the caller gave none.
    Needed,
    /// It did not accept them.
    Refused,
}

/// What was lent, and is too small.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Storage {
    /// The receive buffer of the connection.
    Receive,
    /// The transmit buffer of the connection.
    Transmit,
}

/// Why a request cannot be sent.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum RequestError {
    /// A symbol or function name with a NUL inside, which would end it early: the NUL's offset in it.
    NulInName(usize),
    /// A payload above what servers of the generation accept.
    TooLarge {
        /// Bytes of the payload.
        size: u64,
        /// Bytes that they accept.
        limit: u64,
    },
    /// More elements than any server accepts.
    TooMany {
        /// Elements of the vector or list.
        count: u64,
        /// Elements that they accept.
        limit: u64,
    },
    /// The generation has no such value.
    Unsupported {
        /// What was to be sent.
        tag: Tag,
        /// The generation that the server speaks.
        generation: Generation,
    },
    /// An [`Encode`](crate::codec::Encode) wrote less or more than one complete value, or not the same value twice.
    Malformed,
    /// User or password that the server could not take apart again.
    Credentials,
    /// The reply was already read in part by tokens, so that it cannot be had as a whole any more.
    AlreadyRead,
}

/// A value was read as what it is not.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Mismatch {
    /// What the caller asked for.
    pub expected: Shape,
    /// What is there.
    pub found: Shape,
}

/// The outline of a value, for errors.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Shape {
    /// A value with this tag.
    Value(Tag),
    /// A vector of whatever type.
    AnyVector,
    /// The null of this type.
    NullOf(Type),
    /// Text in UTF-8.
    Utf8,
    /// Bytes that are no UTF-8 from this offset on.
    NotUtf8(usize),
    /// A table of so many columns.
    Columns(usize),
}

impl<E> Error<E> {
    /// The same error with another transport's words.
    pub fn map_transport<F>(self, map: impl FnOnce(E) -> F) -> Error<F> {
        match self {
            Error::Transport { phase, source } => Error::Transport { phase, source: map(source) },
            Error::TimedOut(phase) => Error::TimedOut(phase),
            Error::Closed(reason) => Error::Closed(reason),
            Error::Peer(error) => Error::Peer(error),
            Error::Server(error) => Error::Server(error),
            Error::Auth(error) => Error::Auth(error),
            Error::Capacity { what, needed, available } => Error::Capacity { what, needed, available },
            Error::Request(error) => Error::Request(error),
            Error::Mismatch(error) => Error::Mismatch(error),
            Error::Exhausted { capacity } => Error::Exhausted { capacity },
        }
    }
}

impl<E> From<Mismatch> for Error<E> {
    fn from(error: Mismatch) -> Self {
        Error::Mismatch(error)
    }
}

impl<E> From<PeerError> for Error<E> {
    fn from(error: PeerError) -> Self {
        Error::Peer(error)
    }
}

impl<E> From<RequestError> for Error<E> {
    fn from(error: RequestError) -> Self {
        Error::Request(error)
    }
}

impl<E: fmt::Display> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Transport { phase, source } => write!(f, "transport failed while {phase}: {source}"),
            Error::TimedOut(phase) => write!(f, "timed out while {phase}"),
            Error::Closed(reason) => write!(f, "connection is disposed: {reason}"),
            Error::Peer(error) => write!(f, "protocol broken by the other side: {error}"),
            Error::Server(error) => write!(f, "server error: {error}"),
            Error::Auth(AuthError::Needed) => f.write_str("server wants credentials"),
            Error::Auth(AuthError::Refused) => f.write_str("server refused the credentials"),
            Error::Capacity { what, needed, available } => {
                let what = match what {
                    Storage::Receive => "receive",
                    Storage::Transmit => "transmit",
                };
                write!(f, "{what} buffer of {available} bytes is too small: {needed} needed")
            }
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
            CloseReason::Peer(fault) => write!(f, "{fault}"),
            CloseReason::Auth(AuthError::Needed) => f.write_str("server wants credentials"),
            CloseReason::Auth(AuthError::Refused) => f.write_str("server refused the credentials"),
            CloseReason::HalfSent => f.write_str("a request was left half-sent"),
            CloseReason::Undrained => f.write_str("too much of a reply was left unread"),
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Phase::Connect => "connecting",
            Phase::Handshake => "shaking hands",
            Phase::Write => "sending the request",
            Phase::FirstByte => "waiting for the reply",
            Phase::Reply => "reading the reply",
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
            Fault::Version { theirs, ours } => write!(f, "version {theirs} instead of {ours}"),
            Fault::ByteOrder(byte) => write!(f, "byte order {byte}"),
            Fault::MessageType(byte) => write!(f, "message type {byte}"),
            Fault::Size(size) => write!(f, "payload size {size}"),
            Fault::Handshake(byte) => write!(f, "handshake byte {byte:#04x}"),
            Fault::EndOfStream => f.write_str("end of stream"),
            Fault::Tag(byte) => write!(f, "unknown tag {byte:#04x}"),
            Fault::UnexpectedEnd { needed, available } => {
                write!(f, "value needs {needed} bytes, payload has {available} left")
            }
            Fault::Count(count) => write!(f, "count {count}"),
            Fault::TrailingBytes(count) => write!(f, "{count} bytes behind the value"),
            Fault::TableNames => f.write_str("column names are no symbol vector"),
            Fault::TableColumns => f.write_str("columns are no list"),
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
                write!(f, "wire {} has no {}", generation.version(), Shape::Value(*tag))
            }
            RequestError::Malformed => f.write_str("its encoding is not one value, or not twice the same"),
            RequestError::Credentials => f.write_str("credentials with a colon, a NUL or over 255 bytes"),
            RequestError::AlreadyRead => f.write_str("the reply was already read in part"),
        }
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

impl<E: core::error::Error + 'static> core::error::Error for Error<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Error::Transport { source, .. } => Some(source),
            Error::Peer(error) => Some(error),
            Error::Server(error) => Some(error),
            Error::Request(error) => Some(error),
            Error::Mismatch(error) => Some(error),
            _ => None,
        }
    }
}

impl core::error::Error for PeerError {}
impl core::error::Error for RequestError {}
impl core::error::Error for Mismatch {}

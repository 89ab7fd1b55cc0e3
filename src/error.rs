//! What can go wrong, sorted by who must act.

use crate::wire::{Dialect, Generation, Tag, Type};

pub use crate::wire::ServerError;
pub use outcome::Outcome;

mod outcome;
mod text;

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
    /// The other side ended the stream, or the transport failed while a handler read what came before the answer, and
    /// was told how. What became of the request follows from the phase.
    Disconnected(Phase),
    /// The transport's handle was told to abort, or a handler left its answer to a question half-sent.
    Aborted(Phase),
    /// The connection is no longer open: nothing was sent.
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
        /// Bytes that it takes; of topics how many there are.
        needed: u64,
        /// Bytes that are there; of topics how many slots.
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
#[non_exhaustive]
pub enum Phase {
    /// The transport's connection.
    Connect,
    /// The opening, and the verdict on credentials.
    Handshake,
    /// The end of what was left unread of an earlier reply, in front of the request.
    Drain,
    /// Room for the first byte of the request.
    Start,
    /// Room for the rest of the request: how much of it arrived is unknown.
    Write,
    /// The first byte of the reply: whether the request was carried out is unknown.
    FirstByte,
    /// The rest of the reply: the request was answered.
    Reply,
    /// A push, while no request was under way.
    Idle,
    /// The rest of a push or question, and its answer.
    Push,
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
    /// The other side ended the stream.
    Disconnected(Phase),
    /// The other side broke the protocol.
    Peer(Fault),
    /// The server did not let us in.
    Auth(AuthError),
    /// A request was left half-sent.
    HalfSent,
    /// A reply was left unread, with more bytes to come than the settable limit.
    Undrained,
    /// The server did not take the subscriptions of the connection before.
    NotRestored,
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
                | Fault::Unasked
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
    /// An answer to a request that was not sent. (One that arrives while an answer is awaited cannot be told from it.)
    Unasked,
    /// A tag byte that means nothing in this generation.
    Tag(u8),
    /// The payload ends before the value does.
    UnexpectedEnd {
        /// Bytes that the value needs next.
        needed: u64,
        /// Bytes that the payload has left.
        available: u64,
    },
    /// A value that does not hold together: of an unknown tag, cut short, or of a count that is none. Said where the
    /// [smallest client](crate::client::frames) has no room to say which.
    Value,
    /// A negative count or length.
    Count(i64),
    /// Bytes behind the value (wire 3; wire 1 may put junk there).
    TrailingBytes(u64),
    /// The column names of a table are no symbol vector.
    TableNames,
    /// The columns of a table are no list.
    TableColumns,
    /// A packed payload announces a plain length of 0, or unpacks to fewer or more bytes than it announces. The latter
    /// shows when its end is read, behind pieces that were read already; never where the rest was thrown away unread.
    Packing,
    /// A packed payload announces a larger plain length than is allowed
    /// ([`Options::unpack_limit`](crate::client::Options::unpack_limit)). Nothing of it was unpacked.
    Unpacked {
        /// Bytes that it announces.
        len: u64,
        /// Bytes that are allowed.
        limit: u64,
    },
}

/// The server's word on credentials.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
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
    /// The slots for topics that are subscribed to.
    Topics,
    /// The buffer that was given for one text.
    Text,
    /// The limit that was given for a reply that is to be allocated.
    Limit,
    /// The heap: what it has left is not known, and said to be none.
    Heap,
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
    /// The latter shows when a part was sent, and closes the connection.
    Malformed,
    /// What the server does not have, or what would harm it.
    Lacks {
        /// What was asked for: a function by its name, or a few words.
        what: &'static str,
        /// The generation that the server speaks.
        generation: Generation,
        /// The dialect, where the others of the generation do have it.
        dialect: Option<Dialect>,
    },
    /// A query that means nothing on any server, and why.
    Query(&'static str),
    /// The request depends on which dialect of wire 1 the server speaks, and that is not known. A connection finds
    /// out and sends it; only a bare [`Session`](crate::client::Session) and a [`Writer`](crate::codec::Writer) say
    /// this.
    DialectUnknown,
    /// More values one inside another than servers surely read: those of wire 3 take deeper ones for null.
    TooDeep {
        /// So many are sent.
        limit: usize,
    },
    /// User or password that the server could not take apart again.
    Credentials,
    /// The reply was already read in part, so that it cannot be had as a whole, or by columns, any more; or an element
    /// of a column was, of which the rest was passed over.
    AlreadyRead,
    /// Answers to requests that were sent before are still to be received: the next one would be taken for its own.
    Pending,
    /// As many requests are under way as may be: an answer is to be received first.
    TooManyPending {
        /// So many.
        limit: u8,
    },
    /// No request is under way whose answer could be received.
    NothingPending,
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
    /// Whether the cause may pass by itself, so that connecting again later may help: a server that is not there, or
    /// does not answer.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Error::Transport { .. } | Error::TimedOut(_) | Error::Disconnected(_))
    }

    /// The same error with another transport's words.
    pub fn map_transport<F>(self, map: impl FnOnce(E) -> F) -> Error<F> {
        match self {
            Error::Transport { phase, source } => Error::Transport { phase, source: map(source) },
            Error::TimedOut(phase) => Error::TimedOut(phase),
            Error::Disconnected(phase) => Error::Disconnected(phase),
            Error::Aborted(phase) => Error::Aborted(phase),
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

impl<E: core::error::Error + 'static> core::error::Error for Error<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        // What an error displays is not given once more.
        match self {
            Error::Transport { source, .. } => source.source(),
            _ => None,
        }
    }
}

impl core::error::Error for AuthError {}
impl core::error::Error for PeerError {}
impl core::error::Error for RequestError {}
impl core::error::Error for Mismatch {}

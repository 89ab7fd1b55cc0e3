//! One connection.
//!
//! ```text
//!  Transport ─▶ incoming ─┐                         ┌─▶ reading ─▶ Reply, Columns, Push ─▶ caller
//!                         ├─ Session ─ drive ─ front ┤
//!  Transport ◀─ outgoing ─┘                         └─◀ Request                          ◀─ caller
//! ```
//!
//! | room | what it knows |
//! |---|---|
//! | `incoming`, `outgoing` | the two buffers: bytes of a frame, packed or not |
//! | `session` | the state of the stream, without I/O, clock or lock |
//! | `reading` | how a payload is read piece by piece: columns, texts, what was printed |
//! | `topics` | which publications were missed |
//! | `drive` | where a call stands, for both fronts |
//! | `blocking`, `asynch` | they read, write and flush as the drive says |
//!
//! Beside them [`frames`], for programs of a few kilobytes: whole frames through one buffer, with nothing of the above but
//! the wire and the codec.

#[cfg(feature = "async")]
pub mod asynch;
mod backoff;
mod blocking;
mod debug;
mod drive;
#[cfg(feature = "defmt")]
mod format;
pub mod frames;
mod incoming;
mod memory;
mod options;
mod outgoing;
mod random;
mod reading;
mod session;
mod span;
mod topics;
mod transport;

pub use backoff::{Backoff, Retry};
pub use blocking::{Column, Columns, Connection, Push, Question, Reply, Verbose};
pub(crate) use drive::failed;
pub use memory::{Buffers, Memory};
pub use options::{Options, Packing, Timeouts};
pub(crate) use random::Random;
#[cfg(feature = "alloc")]
pub use reading::owned::OwnedValue;
pub use session::{Progress, Session};
pub(crate) use span::since;
pub use topics::Topic;
pub use topics::numbering::{Gap, Restarted};
pub use transport::{Abort, Clock, Connect, Moment, Transport};

//! One connection.
//!
//! ```text
//!  Transport ─▶ Session ─▶ Reply, Push ─▶ caller    Session: all state, no I/O, no clock, no lock
//!  Transport ◀─ Session ◀─ Request     ◀─ caller    Drive: where a call stands, for both fronts
//!                                                   Connection: does what the drive says, blocking
//! ```

mod answer;
#[cfg(feature = "async")]
pub mod asynch;
mod backoff;
mod blocking;
mod cells;
mod columns;
mod cursor;
mod drive;
mod envelope;
mod failure;
mod incoming;
mod memory;
mod numbering;
mod options;
mod outgoing;
#[cfg(feature = "alloc")]
mod owned;
mod packer;
mod printed;
mod push;
mod reply;
mod session;
mod topics;
mod transport;
mod verbose;

pub use backoff::{Backoff, Retry};
pub use blocking::Connection;
pub use columns::{Column, Columns};
pub(crate) use drive::failed;
pub use memory::{Buffers, Memory};
pub use numbering::{Gap, Restarted};
pub use options::{Options, Packing, Timeouts};
#[cfg(feature = "alloc")]
pub use owned::OwnedValue;
pub use push::{Push, Question};
pub use reply::Reply;
pub use session::{Progress, Session};
pub use topics::Topic;
pub use transport::{Abort, Clock, Connect, Moment, Transport};
pub use verbose::Verbose;

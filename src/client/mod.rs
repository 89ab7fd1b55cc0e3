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
mod blocking;
mod drive;
mod incoming;
mod memory;
mod options;
mod outgoing;
mod push;
mod reply;
mod session;
mod transport;

pub use blocking::Connection;
pub(crate) use drive::failed;
pub use memory::{Buffers, Memory};
pub use options::{Options, Timeouts};
pub use push::{Push, Question};
pub use reply::Reply;
pub use session::{Progress, Session};
pub use transport::{Abort, Clock, Connect, Moment, Transport};

//! One connection.
//!
//! ```text
//!  Transport ─▶ Session ─▶ Reply ─▶ caller          Session: all state, no I/O, no clock, no lock
//!  Transport ◀─ Session ◀─ Request ◀─ caller        Connection: two short loops around it, blocking
//! ```

mod answer;
mod blocking;
mod incoming;
mod memory;
mod options;
mod outgoing;
mod reply;
mod session;
mod transport;

pub use blocking::Connection;
pub(crate) use blocking::failed;
pub use memory::{Buffers, Memory};
pub use options::{Options, Timeouts};
pub use reply::Reply;
pub use session::{Progress, Session};
pub use transport::{Abort, Clock, Connect, Moment, Transport};

//! TCP of smoltcp: two hosts in memory, whose time passes only when somebody waits.
//!
//! ```text
//!  world     the hosts, the wire between them and the clock
//!  requests  what goes well
//!  failures  what does not, and what it is called
//!  aborts    streams that are ended from elsewhere
//!  slots     sockets that are used again, and what becomes of what was sent
//!  faults    frames that are lost and damaged
//! ```

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

mod smoltcp {
    mod aborts;
    mod failures;
    mod faults;
    mod requests;
    mod slots;
    mod world;
}

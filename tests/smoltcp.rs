//! TCP of smoltcp: two hosts in memory, time that passes only when somebody waits.
//!
//! ```text
//!  world     the hosts, the wire between them and the clock
//!  requests  what goes well
//!  failures  what does not, and what it is called
//!  slots     sockets that are used again, and what becomes of what was sent
//!  faults    frames that are lost and damaged
//! ```

#[path = "support/mod.rs"]
mod support;

mod smoltcp {
    mod requests;
    mod world;
}

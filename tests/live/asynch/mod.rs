//! The async front against real servers, on tokio.
//!
//! ```text
//!  adapted    a socket by an adapter, with tokio's timers
//!  support    connections, and what tests ask of them
//!  exchanges  text, values, queries and errors
//!  pipelines  several requests under way
//!  columns    large replies through small buffers
//!  packed     packed requests
//!  verbose    requests that tell what is printed
//!  push       what comes unasked
//!  topics     subscriptions
//!  restarts   connections that come back
//!  dropped    calls that are given up
//!  cancel     queries that are ended from elsewhere
//!  lot        numbers by lot, and calls that are given up after so many polls
//!  kinds      exchanges of any kind, each with an answer of its own
//!  lottery    calls that are given up anywhere, by lot
//!  tasks      many tasks on many threads
//! ```

mod adapted;
mod cancel;
mod columns;
mod dropped;
mod exchanges;
mod kinds;
mod lot;
mod lottery;
mod packed;
mod pipelines;
mod push;
mod restarts;
mod support;
mod tasks;
mod topics;
mod verbose;
#[path = "../../support/yielding.rs"]
mod yielding;

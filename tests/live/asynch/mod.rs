//! The async front against real servers, on tokio.
//!
//! ```text
//!  support    connections, and what tests ask of them
//!  exchanges  text, values, queries and errors
//!  pipelines  several requests under way
//!  columns    large replies through small buffers
//!  packed     packed requests
//!  verbose    requests that tell what is printed
//!  push       what comes unasked
//!  topics     subscriptions
//!  restarts   connections that come back
//! ```

mod columns;
mod exchanges;
#[path = "../../support/on_tokio.rs"]
mod on_tokio;
mod packed;
mod pipelines;
mod push;
mod restarts;
mod support;
mod topics;
mod verbose;

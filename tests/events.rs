//! What the log crate is told of the life of connections: each event with its level and text, and nothing else.

#![cfg(feature = "log")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

#[cfg(feature = "async")]
#[path = "events/asynch.rs"]
mod asynch;
#[path = "events/lives.rs"]
mod lives;
#[path = "events/told.rs"]
mod told;

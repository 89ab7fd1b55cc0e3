//! `defmt::Format`: every public type has it, and none shows credentials.

#![cfg(all(feature = "defmt", feature = "async", feature = "smoltcp", feature = "std-tcp"))]
#![allow(unsafe_code)] // For the logger that keeps what it is told.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

#[path = "formats/list.rs"]
mod list;
#[path = "formats/nowhere.rs"]
mod nowhere;
#[path = "formats/secrets.rs"]
mod secrets;

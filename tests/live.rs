//! Everything against real servers of four versions, each test with servers of its own. A server that cannot be had
//! fails the test.

#![cfg(feature = "std-tcp")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "live/addresses.rs"]
mod addresses;
#[cfg(feature = "tokio")]
#[path = "live/asynch/mod.rs"]
mod asynch;
#[path = "live/cancel.rs"]
mod cancel;
#[path = "live/columns.rs"]
mod columns;
#[path = "live/devices.rs"]
mod devices;
#[path = "live/echo_containers.rs"]
mod echo_containers;
#[path = "live/echo_scalars.rs"]
mod echo_scalars;
#[path = "live/echo_vectors.rs"]
mod echo_vectors;
#[path = "live/errors.rs"]
mod errors;
#[path = "live/frames.rs"]
mod frames;
#[path = "live/large_requests.rs"]
mod large_requests;
#[path = "live/login.rs"]
mod login;
#[path = "live/loss.rs"]
mod loss;
#[path = "live/meaning.rs"]
mod meaning;
#[path = "live/notation.rs"]
mod notation;
#[path = "live/packed.rs"]
mod packed;
#[path = "live/pool.rs"]
mod pool;
#[path = "live/proxy.rs"]
mod proxy;
#[path = "live/push.rs"]
mod push;
#[path = "live/queries/mod.rs"]
mod queries;
#[path = "live/support.rs"]
mod support;
#[path = "live/tables.rs"]
mod tables;
#[path = "live/topics.rs"]
mod topics;
#[path = "live/traffic.rs"]
mod traffic;
#[path = "live/verbose.rs"]
mod verbose;

//! Client of RayforceDB, the columnar time-series database, without heap, `std` or `unsafe`.
//!
//! ```text
//!  transport ─▶ Session ─▶ header ─▶ (inflate) ─▶ Decoder ─▶ Token / Value ─▶ you
//!  transport ◀─ Session ◀─ header ◀─ Writer    ◀─ Encode  ◀─ Request      ◀─ you
//! ```
//!
//! | module | turns |
//! |---|---|
//! | [`wire`] | bytes ⇄ frames: everything that the two generations of the protocol write differently |
//! | [`codec`] | frames ⇄ values |
//! | [`query`] | you ⇄ requests: select, update, insert, joins as data |
//! | [`client`] | one connection |
//! | [`engine`] | many callers, few connections |
//! | [`transports`] | streams to run over |
//!
//! A module uses only those above it. All memory is lent by the caller; nothing in here allocates, and no byte of a
//! peer makes it recurse or loop beyond the bytes that came.
//!
//! # A connection from a pool
//!
//! The server here is a script, so that this runs without a network; with the `std-tcp` feature it would be
//! `transports::tcp::Connector::new("localhost", 5000)`.
//!
//! ```
//! use rayforce_ipc::transports::duplex::{Connector, Step};
//! use rayforce_ipc::{Engine, Slot, Value};
//!
//! let script = [
//!     Step::Expect(&[3, 0]), // the opening that finds out the generation
//!     Step::Say(&[3, 0]),
//!     Step::Expect(b"\xfa\xde\xfa\xce\x03\0\0\x01\x11\0\0\0\0\0\0\0\xf3\0\x07\0\0\0\0\0\0\0(+ 1 2)"),
//!     Step::Say(b"\xfa\xde\xfa\xce\x03\0\0\x02\x0a\0\0\0\0\0\0\0\xfb\0\x03\0\0\0\0\0\0\0"),
//! ];
//! let mut slots = [const { Slot::<_, 64, 64>::new() }; 2];
//! let engine = Engine::new(Connector::new(&script), &mut slots);
//!
//! let mut conn = engine.acquire()?;
//! assert_eq!(conn.execute("(+ 1 2)")?.value()?, Value::I64(3));
//! conn.close()?;
//! assert_eq!(engine.pool_size(), 0);
//! # Ok::<(), rayforce_ipc::Error<rayforce_ipc::transports::duplex::DuplexError>>(())
//! ```
//!
//! # Features
//!
//! The default is empty; features only add. `async`: the async front, `client::asynch`. `alloc`: replies in
//! memory of their own. `std`, which implies it: the pool's lock is a `Mutex`. `std-tcp`: TCP of the standard library.
//! `tokio`: TCP of tokio for the async front. `smoltcp`: TCP of smoltcp, for devices without an operating system.
//! `critical-section`: a pool for a `static` without `std`. `defmt`: `Format` for every type; and on targets
//! without an operating system, as `log` does on all, it tells the events in the life of connections: at the level `debug`
//! attempts to connect and what was skipped, at `info` what was opened and closed on purpose, at `warn` all other ends.
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

pub mod client;
pub mod codec;
pub mod engine;
pub mod error;
mod events;
pub mod query;
#[path = "../transports/mod.rs"]
pub mod transports;
pub mod wire;

pub use engine::{Engine, PooledConnection, Slot};
pub use error::Error;
pub use wire::Generation;

pub use codec::Value;

/// The README's examples compile.
#[cfg(all(doctest, feature = "std-tcp"))]
#[doc = include_str!("../README.md")]
pub struct Readme;

/// So do those of the documents.
#[cfg(doctest)]
#[doc = include_str!("../docs/queries.md")]
pub struct Queries;

/// What the documents tell of devices.
#[cfg(doctest)]
#[doc = include_str!("../docs/devices.md")]
pub struct Devices;

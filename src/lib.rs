//! Client of RayforceDB.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(any(feature = "std", test))]
extern crate std;

pub mod client;
pub mod codec;
pub mod engine;
pub mod error;
#[path = "../transports/mod.rs"]
pub mod transports;
pub mod wire;

pub use codec::Value;
pub use engine::{Engine, PooledConnection};
pub use error::Error;
pub use wire::Generation;

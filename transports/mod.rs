//! Streams that a connection runs over, and what makes them.

pub mod adapters;
mod deadline;
pub mod duplex;
pub mod faulty;
#[cfg(all(feature = "defmt", feature = "std-tcp"))]
mod format;
pub mod serial;
#[cfg(feature = "smoltcp")]
pub mod smoltcp;
#[cfg(feature = "std-tcp")]
pub mod tcp;
#[cfg(feature = "async")]
pub mod timed;
#[cfg(feature = "tokio")]
pub mod tokio;

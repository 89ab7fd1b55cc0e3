//! What a board does that measures and inserts its readings, whatever the board: it adds a sensor, a light and a
//! network.
//!
//! ```text
//!  sensor ─▶ sampling ─▶ Readings (a ring) ─▶ Delivery ─▶ rayforce-ipc ─▶ network ─▶ server
//!                                                │
//!                                                └─ Event ─▶ Light
//! ```
//!
//! | module | does |
//! |---|---|
//! | [`sampling`] | measures once a second |
//! | [`readings`] | keeps what is not inserted yet, and forgets the oldest when it is full |
//! | [`time`] | the server's time, from its answers and the time since the start |
//! | [`delivery`] | connects, inserts in batches, and finds out what became of a batch whose answer was lost |
//! | [`network`] | connections over embassy's network stack |
//! | [`light`] | shows how it goes |
#![no_std]

#[cfg(test)]
extern crate std;

pub use rayforce_ipc;

pub mod delivery;
pub mod light;
pub mod network;
pub mod readings;
pub mod sampling;
pub mod time;

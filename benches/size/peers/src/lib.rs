//! What the programs of other clients share: what the broker says, and a clock.

#![no_std]

use core::task::Waker;

use embassy_time_driver::Driver;

/// CONNACK, accepted, without properties.
pub const ACCEPTED: &[u8] = &[0x20, 3, 0, 0, 0];
/// PUBACK of the packet 1.
pub const TAKEN: &[u8] = &[0x40, 2, 0, 1];

/// A clock that stands still.
struct Standing;

impl Driver for Standing {
    fn now(&self) -> u64 {
        0
    }

    fn schedule_wake(&self, _at: u64, _waker: &Waker) {}
}

embassy_time_driver::time_driver_impl!(static CLOCK: Standing = Standing);

//! A day of a device with a RayforceDB server, for any transport and for both fronts.
//!
//! ```text
//!  plan      what the command line asks for
//!  readings  what the sensors say, in batches of static memory, and the requests
//!  ledger    which batches the server has acknowledged and which are in doubt, and whether its table agrees
//!  blocking  the day over the blocking front
//!  asynch    the same over the async front
//!  end       how a day ends
//! ```
//!
//! In the course of it the device connects, makes a table, inserts a thousand readings, loses its server and finds it
//! again, asks for an aggregate, reads a table of 80 KB through 512 bytes, and follows a topic. It says «life 1» and so
//! on as soon as it works with the server; whoever restarts the server waits for that.
#![no_std]

pub mod asynch;
pub mod blocking;
pub mod end;
pub mod ledger;
pub mod plan;
pub mod readings;

pub use end::{Failure, Summary, tell};
pub use plan::Plan;

use core::time::Duration;

use rayforce_ipc::Slot;
use rayforce_ipc::client::{Backoff, Options, Timeouts, Topic};

use ledger::Ledger;
use readings::Batch;

/// Bytes of a connection's receive buffer.
pub const RECEIVE_LEN: usize = 512;
/// Bytes of a connection's transmit buffer.
pub const TRANSMIT_LEN: usize = 512;
/// Connections of the pool: the topic needs one that listens and one that publishes.
pub const CONNECTION_COUNT: usize = 2;

/// The places of the pool's connections, with their buffers.
pub const fn slots<K>() -> [Slot<K, RECEIVE_LEN, TRANSMIT_LEN>; CONNECTION_COUNT] {
    [const { Slot::new() }; CONNECTION_COUNT]
}

/// What a day keeps in mind: zeroed, so that a `static` of it takes no flash.
#[derive(Debug)]
pub struct Mind {
    batch: Batch,
    ledger: Ledger,
}

impl Mind {
    /// Before the first reading.
    pub const fn new() -> Self {
        Mind { batch: Batch::new(), ledger: Ledger::new() }
    }
}

impl Default for Mind {
    fn default() -> Self {
        Self::new()
    }
}

/// Slots for the topics of a day.
pub const fn topics() -> [Topic<'static>; 1] {
    [const { Topic::new() }; 1]
}

/// How long a day waits. A server that runs answers at once, but not over a network that loses frames: TCP waits a second
/// before it sends again, then two, then four.
pub fn options(mode: plan::Mode) -> Options<'static> {
    let limit = Duration::from_secs(if mode == plan::Mode::Faults { 120 } else { 5 });
    Options { timeouts: Timeouts::all(limit), ..Options::new() }
}

/// The same, for a line on which the end of a connection does not show: what is lost shows by a wait that ends.
pub fn options_of_a_line() -> Options<'static> {
    let limit = Duration::from_secs(1);
    // Whoever emulates the board, or serves it, may have something else to do for a moment; a table of 80 KB takes longer.
    let (moment, reply) = (Duration::from_secs(5), Duration::from_secs(20));
    let timeouts = Timeouts { handshake: moment, first_byte: moment, reply, ..Timeouts::all(limit) };
    Options { timeouts, ..Options::new() }
}

/// A server that is restarted is back within a moment.
fn backoff() -> Backoff {
    let (first, greatest) = (Duration::from_millis(10), Duration::from_millis(200));
    Backoff::new(SERIAL_NUMBER).first_delay(first).greatest_delay(greatest).attempt_limit(Some(100))
}

/// Batches after which a connection has proved to work.
const SETTLED: u32 = 4;
/// Between two batches of an ordinary day, so that a restart of the server falls into it.
const PACE: Duration = Duration::from_millis(10);

/// Draws the waits between attempts: another for each device.
const SERIAL_NUMBER: u64 = 17;

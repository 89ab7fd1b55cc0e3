//! What the measured programs share: what the server says, a connection to it, and requests.

#![no_std]

pub mod asynch;
mod dial;
mod requests;

pub use dial::{Dial, Uptime};
pub use requests::{Input, queries, values};

use core::hint::black_box;

use board::wire::Wire;
use rayforce_ipc::Value;
use rayforce_ipc::client::{Buffers, Connection, Options};
use rayforce_ipc::transports::adapters::Unbounded;

pub type Link<'b> = Connection<'b, Unbounded<Wire>>;

/// The opening of wire 3.
pub const OPENING: &[u8] = &[3, 0];
/// The answer `3`.
pub const THREE: &[u8] = b"\xfa\xde\xfa\xce\x03\0\0\x02\x0a\0\0\0\0\0\0\0\xfb\0\x03\0\0\0\0\0\0\0";
/// An answer for `1`: also that of a subscription, whose first message is the number 1.
pub const ONE: &[u8] = b"\xfa\xde\xfa\xce\x03\0\0\x02\x0a\0\0\0\0\0\0\0\xfb\0\x01\0\0\0\0\0\0\0";
/// The table of the columns `a`, 1 and 2, and `b`, `x` and `y`.
pub const TABLE: &[u8] = b"\xfa\xde\xfa\xce\x03\0\0\x02\x42\0\0\0\0\0\0\0\x62\0\x0c\x03\x02\0\0\0\0\0\0\0\x61\0\x62\0\0\0\x02\0\0\0\0\0\0\0\x05\0\x02\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0\x0c\0\x02\0\0\0\0\0\0\0\x78\0\x79\0";
/// The error `name`.
pub const ERROR: &[u8] = b"\xfa\xde\xfa\xce\x03\0\0\x02\x09\0\0\0\0\0\0\0\x7f\x6e\x61\x6d\x65\0\0\0\0";
/// The first publication of the topic `trades`, 42.
pub const PUBLICATION: &[u8] = b"\xfa\xde\xfa\xce\x03\0\0\0\x46\0\0\0\0\0\0\0\0\0\x04\0\0\0\0\0\0\0\xf4\0\x75\x70\x64\0\xf3\0\x06\0\0\0\0\0\0\0\x74\x72\x61\x64\x65\x73\xfb\0\x01\0\0\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0\xf4\0\x71\x75\x6f\x74\x65\0\xfb\0\x2a\0\0\0\0\0\0\0";
/// The text `(+ 1 2)`, packed.
pub const PACKED: &[u8] = b"\xfa\xde\xfa\xce\x03\x01\0\x02\x13\0\0\0\0\0\0\0\x11\0\0\0\xfc\xf3\x0d\x07\xf9\x06\0\xf9\x28\x03\xf5\x11\xef\x12\xf7";

/// Opens a connection to who says the pieces, where it is. (`Connection::open` would move it.)
#[inline(never)]
pub fn open(connection: &mut Link<'_>, pieces: &'static [&'static [u8]]) -> Option<()> {
    connection.reopen(Unbounded(Wire::new(pieces)), &Options::new()).ok()
}

/// A connection, a request of text, and its answer; what was lent.
#[inline(never)]
pub fn exchange(said: &'static [&'static [u8]]) -> Option<u32> {
    let mut buffers = Buffers::<64, 64>::new();
    let lent = size_of_val(&buffers) as u32;
    let mut connection = Link::closed(buffers.lend());
    open(&mut connection, said)?;
    let mut reply = connection.execute("(+ 1 2)").ok()?;
    let value = reply.value().ok()?;
    black_box(&value);
    matches!(value, Value::I64(3)).then_some(lent)
}

//! The async front.

use core::hint::black_box;

use board::wire::Wire;
use rayforce_ipc::Value;
use rayforce_ipc::client::asynch::Connection;
use rayforce_ipc::client::{Buffers, Options};
use rayforce_ipc::transports::adapters::Unbounded;

/// A connection, a request of text, and its answer as a value; what was lent.
pub async fn exchange(said: &'static [&'static [u8]]) -> Option<u32> {
    let mut buffers = Buffers::<64, 64>::new();
    let lent = size_of_val(&buffers) as u32;
    let mut connection = Connection::closed(buffers.lend());
    connection.reopen(Unbounded(Wire::new(said)), &Options::new()).await.ok()?;
    let mut reply = connection.execute("(+ 1 2)").await.ok()?;
    let value = reply.value().await.ok()?;
    black_box(&value);
    matches!(value, Value::I64(3)).then_some(lent)
}

//! What goes well.

use rayforce_ipc::Engine;
use rayforce_ipc::client::{Buffers, Connect as _, Connection, Options};
use rayforce_ipc::codec::Value;
use rayforce_ipc::wire::Generation;

use super::world::{World, answering, connector};
use crate::support::codec::sent;
use crate::support::script::Lent;

const V3: Generation = Generation::V3;
const LIMIT: std::time::Duration = std::time::Duration::from_secs(5);

#[test]
fn a_request_is_answered_and_the_connection_closed() {
    let world = World::ethernet(1, answering(|_| sent(V3, &3i64)));
    let stack = world.client::<1>(1024, 512);
    let mut lent = Lent::new(64, 64);
    let stream = connector(stack).connect(LIMIT).unwrap();
    let mut connection = Connection::open(stream, lent.lend(), &Options::new()).unwrap();
    for _ in 0..100 {
        assert_eq!(connection.execute("(+ 1 2)").unwrap().value().unwrap(), Value::I64(3));
    }
    assert_eq!(stack.free_count(), 0);
    connection.close().unwrap();
    assert_eq!(stack.free_count(), 1);
}

//! What the Python client prints, and this one too.

use rayforce_ipc::transports::duplex;
use rayforce_ipc::wire::Generation;
use rayforce_ipc::{Engine, Slot};

use super::clock::Connector;
use crate::support::script::Script;

#[test]
fn the_pool_and_its_connections_print_as_in_python() {
    let script = Script::opened(Generation::V3).goes_on();
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 2];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    assert_eq!(engine.to_string(), "IPCEngine(host=localhost, port=5000, pool_size: 0)");
    let mut connection = engine.acquire().unwrap();
    assert_eq!(engine.to_string(), "IPCEngine(host=localhost, port=5000, pool_size: 1)");
    assert_eq!(connection.to_string(), "Connection(id:1) - established at 2025-09-15T21:33:39.932434");
    assert_eq!(format!("{:?}", connection.execute("(+ 1 2)").unwrap().value().unwrap()), "I64(3)");
    connection.close().unwrap();
    assert_eq!(connection.to_string(), "Connection(id:1) - disposed at 2025-09-15T21:33:39.932434");
    assert_eq!(engine.to_string(), "IPCEngine(host=localhost, port=5000, pool_size: 0)");
    drop(connection);
    let second = engine.acquire().unwrap();
    assert_eq!(second.to_string(), "Connection(id:2) - established at 2025-09-15T21:33:39.932434");
    assert_eq!(format!("{engine:?} {second:?}"), format!("{engine} {second}"));
}

#[test]
fn without_a_wall_clock_milliseconds_are_printed() {
    let script = Script::opened(Generation::V3);
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::new(duplex::Connector::new(&steps), &mut slots);
    assert_eq!(engine.to_string(), "IPCEngine(host=duplex, port=0, pool_size: 0)");
    let mut connection = engine.acquire().unwrap();
    assert_eq!(connection.to_string(), "Connection(id:1) - established at 0 ms");
    connection.close().unwrap();
    assert_eq!(connection.to_string(), "Connection(id:1) - disposed at 0 ms");
}

#[test]
fn a_connection_that_was_disposed_of_prints_so() {
    let script = Script::opened(Generation::V3);
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::new(duplex::Connector::new(&steps), &mut slots);
    let mut connection = engine.acquire().unwrap();
    engine.dispose_connections();
    // Its holder has not come back to it yet, so nobody has looked at the clock.
    assert_eq!(connection.to_string(), "Connection(id:1) - disposed");
    assert!(connection.execute("(+ 1 2)").is_err());
    assert_eq!(connection.to_string(), "Connection(id:1) - disposed at 0 ms");
}

#[cfg(feature = "std-tcp")]
#[test]
fn a_pool_of_sockets_prints_host_and_port() {
    use rayforce_ipc::transports::tcp;
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 2];
    let engine = Engine::new(tcp::Connector::new("localhost", 5000), &mut slots);
    assert_eq!(engine.to_string(), "IPCEngine(host=localhost, port=5000, pool_size: 0)");
}

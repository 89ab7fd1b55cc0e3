//! All connections at an end, and the pool as usable as before.

use rayforce_ipc::codec::Value;
use rayforce_ipc::engine::Disposed;
use rayforce_ipc::wire::Generation;
use rayforce_ipc::{Engine, Slot};

use super::clock::Connector;
use crate::support::script::Script;

#[test]
fn idle_and_held_connections_are_counted() {
    let script = Script::opened(Generation::V3).goes_on();
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 4];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    assert_eq!(engine.dispose_connections(), Disposed::default());
    let [first, second, third, fourth] = [(); 4].map(|()| engine.acquire().unwrap());
    first.release();
    second.release();
    drop(fourth);
    assert_eq!(engine.pool_size(), 3);
    assert_eq!(engine.dispose_connections(), Disposed { idle: 2, held: 1 });
    assert_eq!(engine.pool_size(), 0);
    assert_eq!(engine.dispose_connections(), Disposed::default());
    drop(third);
    assert_eq!(engine.dispose_connections(), Disposed::default());
}

#[test]
fn the_pool_stays_usable() {
    let script = Script::opened(Generation::V3).goes_on();
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 2];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    for round in 0..3 {
        let mut connection = engine.acquire().unwrap();
        assert_eq!((connection.id(), engine.pool_size()), (2 * round + 1, 1));
        assert_eq!(connection.execute("(+ 1 2)").unwrap().value(), Ok(Value::I64(3)));
        let other = engine.acquire().unwrap();
        other.release();
        assert_eq!(engine.dispose_connections(), Disposed { idle: 1, held: 1 });
    }
}

#[test]
fn a_connection_that_is_closed_already_is_not_counted() {
    let script = Script::opened(Generation::V3);
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    let mut connection = engine.acquire().unwrap();
    connection.close().unwrap();
    assert_eq!(engine.dispose_connections(), Disposed::default());
}

#[test]
fn a_connection_released_after_its_disposal_is_not_acquired_again() {
    let script = Script::opened(Generation::V3);
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    let connection = engine.acquire().unwrap();
    engine.dispose_connections();
    connection.release();
    assert_eq!(engine.pool_size(), 0);
    assert_eq!(engine.acquire().unwrap().id(), 2);
}

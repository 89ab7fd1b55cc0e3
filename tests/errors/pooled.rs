//! A pool whose connections fail, are held too long or are left half-read.

use rayforce_ipc::codec::Value;
use rayforce_ipc::engine::Disposed;
use rayforce_ipc::error::{CloseReason, Error, Fault};
use rayforce_ipc::transports::duplex::Connector;
use rayforce_ipc::wire::Generation;
use rayforce_ipc::{Engine, Slot};

use crate::support::codec::BOTH;
use crate::support::script::Script;

const V3: Generation = Generation::V3;

#[test]
fn a_full_pool_is_told_at_once() {
    let script = Script::opened(V3);
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 2];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    let first = engine.acquire().unwrap();
    let second = engine.acquire().unwrap();
    assert!(matches!(engine.acquire(), Err(Error::Exhausted { capacity: 2 })));
    drop(first);
    let third = engine.acquire().unwrap();
    assert!(matches!(engine.acquire(), Err(Error::Exhausted { capacity: 2 })));
    assert_eq!(engine.pool_size(), 2);
    drop((second, third));
    assert_eq!(engine.pool_size(), 0);
}

#[test]
fn a_closed_connection_executes_nothing_and_can_be_closed_twice() {
    for generation in BOTH {
        let script = Script::opened(generation).goes_on();
        let steps = script.steps();
        let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
        let engine = Engine::new(Connector::new(&steps), &mut slots);
        let mut connection = engine.acquire().unwrap();
        assert_eq!(connection.execute("(+ 1 2)").unwrap().value(), Ok(Value::I64(3)));
        assert_eq!(connection.close(), Ok(()));
        assert_eq!(connection.close(), Ok(()));
        assert!(matches!(connection.execute("(+ 1 2)"), Err(Error::Closed(CloseReason::Owner))));
        assert!(matches!(connection.send_async("(+ 1 2)"), Err(Error::Closed(CloseReason::Owner))));
        assert_eq!(connection.close_reason(), Some(CloseReason::Owner));
        // The slot is its holder's until the guard goes.
        assert_eq!(engine.pool_size(), 0);
        assert!(matches!(engine.acquire(), Err(Error::Exhausted { capacity: 1 })));
        drop(connection);
        assert!(engine.acquire().is_ok());
    }
}

#[test]
fn a_server_that_refuses_leaves_the_slot_free() {
    let script = Script::new(V3).hears(&[3, 0]).says(&[9]);
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    for _ in 0..3 {
        assert!(matches!(engine.acquire(), Err(Error::Peer(error)) if error.closes()));
        assert_eq!(engine.pool_size(), 0);
    }
}

#[test]
fn a_guard_dropped_in_the_middle_of_a_reply_leaves_the_slot_usable() {
    let script = Script::opened(V3).asked("large").answers(&[7i64; 1000]);
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    for round in 1..=3 {
        let mut connection = engine.acquire().unwrap();
        assert_eq!(connection.id(), round);
        connection.execute("large").unwrap().next_token().unwrap();
        drop(connection);
        assert_eq!(engine.pool_size(), 0);
    }
}

#[test]
fn a_connection_released_in_the_middle_of_a_reply_is_closed() {
    let script = Script::opened(V3).asked("large").answers(&[7i64; 1000]);
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    let mut connection = engine.acquire().unwrap();
    connection.execute("large").unwrap().next_token().unwrap();
    connection.release();
    assert_eq!(engine.pool_size(), 0);
    assert_eq!(engine.acquire().unwrap().id(), 2);
}

#[test]
fn a_connection_that_broke_is_not_given_back() {
    let script = Script::opened(V3).asked("(+ 1 2)").says(&[0; 16]);
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    let mut connection = engine.acquire().unwrap();
    assert!(matches!(connection.execute("(+ 1 2)"), Err(Error::Peer(_))));
    assert_eq!(connection.close_reason(), Some(CloseReason::Peer(Fault::Magic)));
    assert_eq!(engine.pool_size(), 0);
    connection.release();
    assert_eq!(engine.acquire().unwrap().id(), 2);
}

#[test]
fn a_guard_that_outlives_its_disposal_does_no_harm() {
    let script = Script::opened(V3).goes_on();
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 2];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    let mut old = engine.acquire().unwrap();
    assert_eq!(engine.dispose_connections(), Disposed { idle: 0, held: 1 });
    assert_eq!((engine.pool_size(), old.is_open()), (0, false));
    assert_eq!(old.close_reason(), Some(CloseReason::Aborted));

    // It keeps its slot, and the other one is as good as new.
    let mut new = engine.acquire().unwrap();
    assert!(matches!(engine.acquire(), Err(Error::Exhausted { capacity: 2 })));
    assert!(matches!(old.execute("(+ 1 2)"), Err(Error::Closed(CloseReason::Aborted))));
    assert!(matches!(old.send_async("(+ 1 2)"), Err(Error::Closed(CloseReason::Aborted))));
    assert!(matches!(old.reconnect(), Err(Error::Closed(CloseReason::Aborted))));
    assert_eq!(old.close(), Ok(()));
    assert_eq!(new.execute("(+ 1 2)").unwrap().value(), Ok(Value::I64(3)));
    assert_eq!(engine.dispose_connections(), Disposed { idle: 0, held: 1 });
    assert_eq!(engine.dispose_connections(), Disposed { idle: 0, held: 0 });

    old.release();
    new.release();
    assert_eq!(engine.pool_size(), 0);
    let (first, second) = (engine.acquire().unwrap(), engine.acquire().unwrap());
    assert_eq!((first.id(), second.id(), engine.pool_size()), (3, 4, 2));
}

#[test]
fn ten_thousand_rounds_lose_no_slot() {
    let script = Script::opened(V3).goes_on();
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 2];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    for round in 0..10_000u32 {
        let mut connection = engine.acquire().unwrap();
        match round % 5 {
            0 => assert!(connection.execute("(+ 1 2)").is_ok()),
            1 => drop(connection.close()),
            2 => connection.abort(),
            3 => drop(engine.dispose_connections()),
            _ => connection.reconnect().unwrap(),
        }
    }
    assert_eq!(engine.pool_size(), 0);
    let both = (engine.acquire().unwrap(), engine.acquire().unwrap());
    assert_eq!(engine.pool_size(), 2);
    drop(both);
}

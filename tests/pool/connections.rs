//! Connections that are acquired, released, dropped and opened anew.

use rayforce_ipc::client::{Memory, Options};
use rayforce_ipc::codec::Value;
use rayforce_ipc::error::{CloseReason, Error, Phase};
use rayforce_ipc::wire::Generation;
use rayforce_ipc::{Engine, Slot};

use super::clock::Connector;
use crate::support::codec::BOTH;
use crate::support::hex::unhex;
use crate::support::script::Script;

const V3: Generation = Generation::V3;

#[test]
fn nothing_is_opened_before_it_is_acquired() {
    let script = Script::opened(V3);
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 2];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    assert_eq!((engine.pool_size(), engine.capacity(), engine.connector().connected.get()), (0, 2, 0));
    let first = engine.acquire().unwrap();
    let second = engine.acquire().unwrap();
    assert_eq!((engine.pool_size(), engine.connector().connected.get()), (2, 2));
    assert_ne!(first.id(), second.id());
}

#[test]
fn dropping_closes_and_frees_the_slot() {
    let script = Script::opened(V3);
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    for round in 1..=5 {
        let connection = engine.acquire().unwrap();
        assert_eq!((connection.id(), engine.pool_size()), (round, 1));
        drop(connection);
        assert_eq!(engine.pool_size(), 0);
    }
}

#[test]
fn a_released_connection_is_acquired_again() {
    for generation in BOTH {
        let script = Script::opened(generation).goes_on().goes_on().goes_on();
        let steps = script.steps();
        let mut slots = [const { Slot::<_, 64, 64>::new() }; 2];
        let engine = Engine::new(Connector::new(&steps), &mut slots);
        for _ in 0..3 {
            let mut connection = engine.acquire().unwrap();
            assert_eq!((connection.id(), engine.pool_size()), (1, 1));
            // Read as a whole, it is still in the receive buffer.
            assert_eq!(connection.execute("(+ 1 2)").unwrap().value(), Ok(Value::I64(3)));
            connection.release();
            assert_eq!(engine.pool_size(), 1);
        }
        assert_eq!(engine.connector().connected.get(), 1);
    }
}

#[test]
fn a_connection_with_a_reply_that_is_all_there_is_released() {
    let script = Script::opened(V3).goes_on().goes_on();
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    for _ in 0..2 {
        let mut connection = engine.acquire().unwrap();
        connection.execute("(+ 1 2)").unwrap();
        connection.release();
    }
    assert_eq!(engine.connector().connected.get(), 1);
}

#[test]
fn a_connection_whose_answer_was_an_error_is_released() {
    let error = unhex("7f 7479706500000000");
    let script = Script::opened(V3).asked("failing").answers_payload(&error).goes_on();
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    let mut connection = engine.acquire().unwrap();
    assert!(matches!(connection.execute("failing"), Err(Error::Server(_))));
    connection.release();
    let mut connection = engine.acquire().unwrap();
    assert_eq!(connection.execute("(+ 1 2)").unwrap().value(), Ok(Value::I64(3)));
    assert_eq!(connection.id(), 1);
}

#[test]
fn idle_connections_are_taken_before_new_ones_are_opened() {
    let script = Script::opened(V3);
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 3];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    let [first, second, third] = [(); 3].map(|()| engine.acquire().unwrap());
    drop(first);
    third.release();
    assert_eq!(engine.pool_size(), 2);
    assert_eq!(engine.acquire().unwrap().id(), 3);
    assert_eq!(second.id(), 2);
}

#[test]
fn a_server_that_went_away_shows_and_is_dialled_again() {
    let script = Script::opened(V3).goes_on().asked("(+ 1 2)").closes();
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    let mut connection = engine.acquire().unwrap();
    for id in 1..=3 {
        assert_eq!((connection.id(), connection.is_open(), engine.pool_size()), (id, true, 1));
        assert!(connection.to_string().contains("established"));
        assert_eq!(connection.execute("(+ 1 2)").unwrap().value(), Ok(Value::I64(3)));
        assert!(matches!(connection.execute("(+ 1 2)"), Err(Error::Disconnected(Phase::FirstByte))));
        assert_eq!(connection.close_reason(), Some(CloseReason::Disconnected(Phase::FirstByte)));
        assert_eq!(engine.pool_size(), 0);
        assert!(connection.to_string().contains("disposed"));
        connection.reconnect().unwrap();
    }
}

#[test]
fn an_idle_connection_whose_server_went_away_shows_at_its_next_request() {
    let script = Script::opened(V3).goes_on().asked("(+ 1 2)").closes();
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    let mut connection = engine.acquire().unwrap();
    connection.execute("(+ 1 2)").unwrap();
    connection.release();
    let mut connection = engine.acquire().unwrap();
    assert!(matches!(connection.execute("(+ 1 2)"), Err(Error::Disconnected(Phase::FirstByte))));
    connection.reconnect().unwrap();
    assert_eq!(connection.execute("(+ 1 2)").unwrap().value(), Ok(Value::I64(3)));
}

#[test]
fn a_guard_tells_what_its_connection_knows() {
    let script = Script::opened(Generation::V1)
        .told("(set x 1)")
        .asked("(+ 1 2)")
        .pushes(&())
        .answers_payload(&unhex("7f 12 0c 00 0400000000000000 626f6f6d"));
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    let mut connection = engine.acquire().unwrap();
    connection.send_async("(set x 1)").unwrap();
    assert!(matches!(connection.execute("(+ 1 2)"), Err(Error::Server(_))));
    assert_eq!((connection.generation(), connection.skipped()), (Generation::V1, 1));
    assert_eq!(connection.error_text().unwrap().as_str(), Ok("boom"));
    assert_eq!(connection.close_reason(), None);
    connection.abort();
    assert_eq!(connection.close_reason(), Some(CloseReason::Aborted));
    assert_eq!(engine.pool_size(), 0);
}

#[test]
fn a_pool_over_slices_of_any_length_is_one_too() {
    let script = Script::opened(V3).goes_on();
    let steps = script.steps();
    let (mut large, mut small) = (vec![0; 1000], [0; 16]);
    let (mut window, mut byte) = ([0; 10], [0; 1]);
    let memory = [
        Memory { receive: &mut large, transmit: &mut window },
        Memory { receive: &mut small, transmit: &mut byte },
    ];
    let mut slots = [const { Slot::new() }; 2];
    let engine = Engine::from_memory(Connector::new(&steps), &mut slots, memory, Options::new());
    let mut both = [engine.acquire().unwrap(), engine.acquire().unwrap()];
    for connection in &mut both {
        assert_eq!(connection.execute("(+ 1 2)").unwrap().value(), Ok(Value::I64(3)));
    }
}

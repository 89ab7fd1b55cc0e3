//! Idle connections whose server goes away.

use rayforce_ipc::codec::Value;
use rayforce_ipc::engine::Disposed;
use rayforce_ipc::wire::Generation;
use rayforce_ipc::{Engine, Slot};

use super::clock::Connector;
use crate::support::script::Script;

/// A server that answers one question, and goes.
fn answers_once() -> Script {
    Script::opened(Generation::V3).goes_on().closes()
}

#[test]
fn an_idle_connection_whose_server_went_away_is_dialled_anew() {
    let script = answers_once();
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    for round in 1..=3 {
        let mut connection = engine.acquire().unwrap();
        assert_eq!((connection.id(), engine.pool_size()), (round, 1));
        assert_eq!(connection.execute("(+ 1 2)").unwrap().value(), Ok(Value::I64(3)));
        assert!(!connection.connection().unwrap().is_alive());
        connection.release();
        assert_eq!(engine.pool_size(), 1);
    }
}

#[test]
fn idle_connections_are_checked() {
    let script = answers_once();
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 4];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    let mut all = [(); 4].map(|()| engine.acquire().unwrap());
    for connection in &mut all[..2] {
        assert_eq!(connection.execute("(+ 1 2)").unwrap().value(), Ok(Value::I64(3)));
    }
    // What is held is left to its holder.
    let [gone, held, alive, dropped] = all;
    drop(dropped);
    gone.release();
    alive.release();
    assert_eq!((engine.pool_size(), engine.check_idle()), (3, 1));
    assert_eq!((engine.pool_size(), engine.check_idle()), (2, 0));
    drop(held);
    assert_eq!(engine.acquire().unwrap().id(), 3);
    assert_eq!(engine.dispose_connections(), Disposed { idle: 0, held: 0 });
    let all = [(); 4].map(|()| engine.acquire().unwrap());
    assert_eq!(all.map(|connection| connection.id()), [5, 6, 7, 8]);
}

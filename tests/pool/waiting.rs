//! Threads that wait for a slot. (That they sleep and are woken is shown where the queue is.)

use std::thread;
use std::time::{Duration, Instant};

use rayforce_ipc::codec::Value;
use rayforce_ipc::error::{CloseReason, Error};
use rayforce_ipc::transports::duplex::Connector;
use rayforce_ipc::wire::Generation;
use rayforce_ipc::{Engine, Slot};

use crate::support::script::Script;

/// Longer than any test.
const LONG: Duration = Duration::from_secs(600);

#[test]
fn who_waits_in_vain_is_told_after_the_limit() {
    let script = Script::opened(Generation::V3);
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    let connection = engine.acquire_within(Duration::ZERO).unwrap();
    for limit in [Duration::ZERO, Duration::from_millis(30)] {
        let start = Instant::now();
        assert!(matches!(engine.acquire_within(limit), Err(Error::Exhausted { capacity: 1 })));
        assert!((limit..LONG).contains(&start.elapsed()));
    }
    connection.release();
    // Nobody is left in the queue who would be waited for.
    assert_eq!(engine.acquire_within(LONG).unwrap().id(), 1);
    assert!(engine.acquire_within(Duration::MAX).is_ok());
}

#[test]
fn a_pool_without_slots_is_exhausted() {
    let script = Script::opened(Generation::V3);
    let steps = script.steps();
    let mut slots: [Slot<_, 64, 64>; 0] = [];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    assert!(matches!(engine.acquire(), Err(Error::Exhausted { capacity: 0 })));
    assert!(matches!(engine.acquire_within(Duration::from_millis(1)), Err(Error::Exhausted { capacity: 0 })));
}

#[test]
fn eight_threads_on_two_slots_lose_none() {
    let script = Script::opened(Generation::V3).goes_on();
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 2];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    thread::scope(|scope| {
        for number in 0..8 {
            let engine = &engine;
            scope.spawn(move || {
                for round in 0..1_000 {
                    // Some have little patience.
                    let limit = if round % 7 == 0 { Duration::from_micros(20) } else { LONG };
                    let mut connection = match engine.acquire_within(limit) {
                        Ok(connection) => connection,
                        // Another thread disposed of it right away.
                        Err(Error::Closed(CloseReason::Aborted)) => continue,
                        Err(error) => {
                            assert!(round % 7 == 0 && matches!(error, Error::Exhausted { .. }), "{error}");
                            continue;
                        }
                    };
                    assert!(engine.pool_size() <= 2);
                    match (number + round) % 6 {
                        0 => drop(connection.close()),
                        1 => connection.abort(),
                        2 => drop(engine.dispose_connections()),
                        3 => drop(engine.check_idle()),
                        4 => connection.release(),
                        _ => {}
                    }
                }
            });
        }
    });
    engine.dispose_connections();
    let mut both = [engine.acquire().unwrap(), engine.acquire().unwrap()];
    for connection in &mut both {
        assert_eq!(connection.execute("(+ 1 2)").unwrap().value(), Ok(Value::I64(3)));
    }
}

#[test]
fn each_of_many_threads_gets_its_turn() {
    let script = Script::opened(Generation::V3);
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    // One that takes the slot again and again as soon as it gave it back, until all others had it.
    let served = std::sync::atomic::AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..7 {
            scope.spawn(|| {
                for _ in 0..20 {
                    engine.acquire_within(LONG).unwrap().release();
                }
                served.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            });
        }
        while served.load(std::sync::atomic::Ordering::Relaxed) < 7 {
            engine.acquire_within(LONG).unwrap().release();
        }
    });
}

//! Futures of the async pool that are dropped at every await: no slot is lost, and no wake-up of others.

use std::time::Duration;

use rayforce_ipc::Slot;
use rayforce_ipc::codec::Value;
use rayforce_ipc::engine::asynch::Engine;
use rayforce_ipc::error::CloseReason;
use rayforce_ipc::wire::Generation;

use super::tasks::{Connector, Task, now, polled};
use crate::support::script::Script;

const SECOND: Duration = Duration::from_secs(1);

/// Runs to each await and drops the future there, and asserts that the pool is as good as new then.
fn at_every_await(run: impl AsyncFn(&Engine<'_, Connector<'_>, 2>)) {
    let script = Script::opened(Generation::V3).goes_on();
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 2];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    let mut count = 1;
    while polled(run(&engine), count).is_pending() {
        assert_all_there(&engine);
        count += 1;
    }
    assert!(count >= 5, "{count}");
    assert_all_there(&engine);
}

#[track_caller]
fn assert_all_there(engine: &Engine<'_, Connector<'_>, 2>) {
    engine.dispose_connections();
    assert_eq!(engine.pool_size(), 0);
    now(async {
        let mut both = [engine.acquire().await.unwrap(), engine.acquire_within(SECOND).await.unwrap()];
        assert_eq!(engine.pool_size(), 2);
        for guard in &mut both {
            assert_eq!(guard.execute("(+ 1 2)").await.unwrap().value().await, Ok(Value::I64(3)));
        }
    });
    assert_eq!(engine.pool_size(), 0);
}

#[test]
fn acquiring() {
    at_every_await(async |engine| drop(engine.acquire().await.unwrap()));
    at_every_await(async |engine| engine.acquire_within(SECOND).await.unwrap().release());
}

#[test]
fn executing_and_closing() {
    at_every_await(async |engine| {
        let mut guard = engine.acquire().await.unwrap();
        guard.execute("(+ 1 2)").await.unwrap().value().await.unwrap();
        guard.close().await.unwrap();
    });
}

#[test]
fn dialling_again() {
    at_every_await(async |engine| {
        let mut guard = engine.acquire().await.unwrap();
        guard.reconnect().await.unwrap();
        guard.release();
    });
}

#[test]
fn a_guard_goes_on_after_a_call_that_was_dropped() {
    let script = Script::opened(Generation::V3).goes_on();
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    let mut guard = now(engine.acquire()).unwrap();
    for count in 1.. {
        let is_done = polled(guard.reconnect(), count).is_ready();
        assert_eq!(guard.is_open(), is_done, "{count}");
        // The pool learns of it here.
        assert!(guard.connection().is_ok());
        assert_eq!(engine.pool_size(), usize::from(is_done));
        if is_done {
            break;
        }
    }
    now(async { assert_eq!(guard.execute("(+ 1 2)").await.unwrap().value().await, Ok(Value::I64(3))) });
}

#[test]
fn waiting_for_a_slot() {
    let script = Script::opened(Generation::V3).goes_on();
    let steps = script.steps();
    // Before it was woken, and after.
    for is_woken in [false, true] {
        let mut slots = [const { Slot::<_, 64, 64>::new() }; 2];
        let engine = Engine::new(Connector::new(&steps), &mut slots);
        let both = [now(engine.acquire()).unwrap(), now(engine.acquire()).unwrap()];
        let mut waiting = Task::new(engine.acquire_within(SECOND));
        let mut dropped = Task::new(engine.acquire_within(SECOND));
        let mut other = Task::new(engine.acquire_within(SECOND));
        assert!(waiting.run().is_pending() && dropped.run().is_pending() && other.run().is_pending());
        if is_woken {
            drop(both);
            drop(dropped);
        } else {
            drop(dropped);
            drop(both);
        }
        assert!(waiting.woken() > 0 && other.woken() > 1);
        assert!(waiting.run().is_ready() && other.run().is_ready());
        drop((waiting, other));
        assert_all_there(&engine);
    }
}

#[test]
fn nobody_who_waits_is_left_to_the_pool() {
    let script = Script::opened(Generation::V3);
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    let held = now(engine.acquire()).unwrap();
    let kept = std::sync::Arc::new(());
    struct Keeps(#[expect(dead_code, reason = "it only lives")] std::sync::Arc<()>);
    impl std::task::Wake for Keeps {
        fn wake(self: std::sync::Arc<Self>) {}
    }
    let waker = std::task::Waker::from(std::sync::Arc::new(Keeps(std::sync::Arc::clone(&kept))));
    let mut waiting = Box::pin(engine.acquire_within(Duration::MAX));
    assert!(waiting.as_mut().poll(&mut std::task::Context::from_waker(&waker)).is_pending());
    drop((waiting, waker));
    // Its waker is gone with it.
    assert_eq!(std::sync::Arc::strong_count(&kept), 1);
    drop(held);
}

#[test]
fn the_stream_of_a_request_left_half_sent_is_dropped_when_the_pool_learns_of_it() {
    let script = Script::opened(Generation::V3).goes_on();
    let steps = script.steps();
    // The request takes two writes.
    let mut slots = [const { Slot::<_, 64, 20>::new() }; 1];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    let mut guard = now(engine.acquire()).unwrap();
    assert!(polled(guard.execute("(+ 1 2)"), 2).is_pending());
    // `dispose_connections` could not end it any more.
    let connection = guard.connection().unwrap();
    assert_eq!(connection.close_reason(), Some(CloseReason::HalfSent));
    assert!(connection.transport().is_none());
    assert_eq!(engine.pool_size(), 0);
}

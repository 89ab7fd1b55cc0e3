//! The async pool does what the blocking one does, and tasks wait for its slots.

use std::ops::ControlFlow;
use std::task::Poll;
use std::time::Duration;

use rayforce_ipc::Slot;
use rayforce_ipc::client::Backoff;
use rayforce_ipc::codec::Value;
use rayforce_ipc::engine::Disposed;
use rayforce_ipc::engine::asynch::Engine;
use rayforce_ipc::error::{CloseReason, Error};
use rayforce_ipc::wire::Generation;

use super::tasks::{Connector, Task, now};
use crate::support::script::Script;

const V3: Generation = Generation::V3;
const SECOND: Duration = Duration::from_secs(1);

#[test]
fn connections_are_acquired_released_closed_and_dropped() {
    let script = Script::opened(V3).goes_on().goes_on().goes_on();
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 2];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    now(async {
        assert_eq!(engine.to_string(), "IPCEngine(host=localhost, port=5000, pool_size: 0)");
        for _ in 0..2 {
            let mut guard = engine.acquire().await.unwrap();
            assert_eq!((guard.id(), guard.generation(), engine.pool_size()), (1, V3, 1));
            assert_eq!(guard.execute("(+ 1 2)").await.unwrap().value().await, Ok(Value::I64(3)));
            guard.release();
            assert_eq!((engine.pool_size(), engine.connector().connected.get()), (1, 1));
        }
        let mut first = engine.acquire().await.unwrap();
        let second = engine.acquire().await.unwrap();
        assert!(matches!(engine.acquire().await, Err(Error::Exhausted { capacity: 2 })));
        assert_eq!(first.to_string(), "Connection(id:1) - established at 0 ms");
        let connection = first.connection().unwrap();
        connection.send("(+ 1 2)").await.unwrap();
        assert_eq!(connection.receive().await.unwrap().value().await, Ok(Value::I64(3)));
        first.close().await.unwrap();
        assert_eq!(first.to_string(), "Connection(id:1) - disposed at 0 ms");
        assert!(matches!(first.execute("(+ 1 2)").await, Err(Error::Closed(CloseReason::Owner))));
        assert_eq!((engine.pool_size(), engine.capacity()), (1, 2));
        drop(second);
        assert_eq!(engine.to_string(), "IPCEngine(host=localhost, port=5000, pool_size: 0)");
        first.reconnect().await.unwrap();
        assert_eq!((first.id(), engine.pool_size()), (3, 1));
        let reconnected = first.reconnect_with(&mut Backoff::new(1), |_| ControlFlow::Continue(())).await;
        assert_eq!((reconnected, first.id()), (Ok(()), 4));
    });
}

#[test]
fn a_connection_with_something_under_way_is_not_kept() {
    let script = Script::opened(V3).asked("a").answers(&1i64).goes_on();
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    now(async {
        let mut guard = engine.acquire().await.unwrap();
        guard.connection().unwrap().send("a").await.unwrap();
        guard.release();
        assert_eq!((engine.pool_size(), engine.acquire().await.unwrap().id()), (0, 2));
    });
}

#[test]
fn idle_connections_whose_server_went_away_are_found() {
    let script = Script::opened(V3).goes_on().closes();
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    now(async {
        for round in 1..=4 {
            let mut guard = engine.acquire().await.unwrap();
            assert_eq!(guard.id(), round);
            assert_eq!(guard.execute("(+ 1 2)").await.unwrap().value().await, Ok(Value::I64(3)));
            guard.release();
            assert_eq!(engine.pool_size(), 1);
            if round % 2 == 0 {
                assert_eq!((engine.check_idle(), engine.pool_size()), (1, 0));
            }
        }
    });
}

#[test]
fn all_connections_are_disposed_of() {
    let script = Script::opened(V3).goes_on();
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 2];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    now(async {
        let idle = engine.acquire().await.unwrap();
        let mut held = engine.acquire().await.unwrap();
        idle.release();
        assert_eq!(engine.dispose_connections(), Disposed { idle: 1, held: 1 });
        assert_eq!((engine.pool_size(), engine.dispose_connections()), (0, Disposed::default()));
        assert!(matches!(held.execute("(+ 1 2)").await, Err(Error::Closed(CloseReason::Aborted))));
        held.release();
        let mut guard = engine.acquire().await.unwrap();
        assert_eq!(guard.execute("(+ 1 2)").await.unwrap().value().await, Ok(Value::I64(3)));
    });
}

#[test]
fn who_waits_is_woken_by_each_way_to_free_a_slot() {
    let script = Script::opened(V3);
    let steps = script.steps();
    for way in 0..4 {
        let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
        let engine = Engine::new(Connector::new(&steps), &mut slots);
        let mut held = now(engine.acquire()).unwrap();
        let mut waiting = Task::new(engine.acquire_within(SECOND));
        assert!(waiting.run().is_pending());
        let mut id = 2;
        match way {
            0 => drop(held),
            1 => {
                held.release();
                id = 1;
            }
            2 => {
                now(held.close()).unwrap();
                // It keeps its slot until it is dropped.
                assert_eq!(waiting.woken(), 0);
                drop(held);
            }
            _ => {
                assert_eq!(engine.dispose_connections().held, 1);
                assert_eq!(waiting.woken(), 0);
                drop(held);
            }
        }
        assert_eq!(waiting.woken(), 1);
        let Poll::Ready(Ok(guard)) = waiting.run() else { panic!("{way}") };
        assert_eq!((guard.id(), engine.pool_size()), (id, 1));
    }
}

#[test]
fn who_waits_in_vain_is_told_after_the_limit() {
    let script = Script::opened(V3);
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    let held = now(engine.acquire_within(SECOND)).unwrap();
    assert!(matches!(now(engine.acquire_within(Duration::ZERO)), Err(Error::Exhausted { capacity: 1 })));
    let mut waiting = Task::new(engine.acquire_within(SECOND));
    let mut for_ever = Task::new(engine.acquire_within(Duration::MAX));
    assert!(waiting.run().is_pending() && for_ever.run().is_pending());
    engine.connector().pass(SECOND / 2);
    assert!(waiting.run().is_pending());
    engine.connector().pass(SECOND / 2);
    assert!(matches!(waiting.run(), Poll::Ready(Err(Error::Exhausted { capacity: 1 }))));
    engine.connector().pass(SECOND * 1_000_000);
    assert!(for_ever.run().is_pending());
    held.release();
    assert!(matches!(for_ever.run(), Poll::Ready(Ok(_))));
}

#[test]
fn who_comes_later_lets_those_go_first_who_were_woken() {
    let script = Script::opened(V3);
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    let held = now(engine.acquire()).unwrap();
    let mut first = Task::new(engine.acquire_within(SECOND));
    assert!(first.run().is_pending());
    held.release();
    let mut later = Task::new(engine.acquire_within(SECOND));
    assert!(later.poll().is_pending());
    // Its turn comes at once: those who do not want it any more keep nobody waiting.
    assert_eq!((first.woken(), later.woken()), (1, 1));
    let Poll::Ready(Ok(guard)) = first.run() else { panic!() };
    assert!(later.run().is_pending());
    guard.release();
    assert!(matches!(later.run(), Poll::Ready(Ok(_))));

    let forgotten = now(engine.acquire()).unwrap();
    let mut never_polled_again = Task::new(engine.acquire_within(SECOND));
    assert!(never_polled_again.run().is_pending());
    drop(forgotten);
    assert!(now(engine.acquire_within(SECOND)).is_ok());
}

#[test]
fn more_tasks_than_have_room_all_get_their_turn() {
    let script = Script::opened(V3);
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    let held = now(engine.acquire()).unwrap();
    let mut waiting: Vec<_> = (0..40).map(|_| Some(Task::new(engine.acquire_within(SECOND)))).collect();
    let mut seen = vec![0; waiting.len()];
    let mut served = 0;
    for waiting in waiting.iter_mut().flatten() {
        assert!(waiting.poll().is_pending());
        assert!(waiting.poll().is_pending());
    }
    held.release();
    // As an executor does: only who was woken is polled.
    for _ in 0..10_000 {
        for (task, seen) in waiting.iter_mut().zip(&mut seen) {
            let Some(waiting) = task else { continue };
            if std::mem::replace(seen, waiting.woken()) == waiting.woken() {
                continue;
            }
            if let Poll::Ready(acquired) = waiting.poll() {
                acquired.unwrap().release();
                served += 1;
                *task = None;
            }
        }
    }
    assert_eq!(served, 40);
}

#[cfg(any(feature = "std", feature = "critical-section"))]
mod threads {
    use std::fmt;
    use std::future::pending;
    use std::pin::pin;
    use std::sync::Arc;
    use std::task::{Context, Poll, Wake, Waker};
    use std::thread::{self, Thread};
    use std::time::Duration;

    use rayforce_ipc::Slot;
    use rayforce_ipc::client::Clock;
    use rayforce_ipc::client::asynch::{Connect, Timer};
    use rayforce_ipc::engine::asynch::Engine;
    use rayforce_ipc::transports::duplex::{Duplex, DuplexError, Step};

    use crate::support::script::Script;

    /// Its timer never ends.
    struct Shared<'s>(&'s [Step<'s>]);

    impl<'s> Connect for Shared<'s> {
        type Transport = Duplex<'s>;
        type Timer = Self;

        async fn connect(&self, _: Duration) -> Result<Duplex<'s>, DuplexError> {
            Ok(Duplex::new(self.0))
        }

        fn timer(&self) -> &Self {
            self
        }
    }

    impl Clock for Shared<'_> {
        fn uptime(&self) -> Duration {
            Duration::ZERO
        }
    }

    impl Timer for Shared<'_> {
        async fn sleep(&self, _: Duration) {
            pending().await
        }
    }

    impl fmt::Display for Shared<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("shared")
        }
    }

    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    fn block_on<T>(future: impl Future<Output = T> + Send) -> T {
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut future = pin!(future);
        loop {
            if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                return value;
            }
            thread::park();
        }
    }

    /// Its futures are `Send`, says the bound of `block_on`; and no wake-up is lost, or this would not end.
    #[cfg_attr(feature = "std", test)]
    #[cfg_attr(not(feature = "std"), expect(dead_code, reason = "there is no critical section to link"))]
    fn eight_threads_on_two_slots_lose_none() {
        let script = Script::opened(rayforce_ipc::wire::Generation::V3).goes_on();
        let steps = script.steps();
        let mut slots = [const { Slot::<_, 64, 64>::new() }; 2];
        let engine = Engine::new(Shared(&steps), &mut slots);
        thread::scope(|scope| {
            for number in 0..8 {
                let engine = &engine;
                scope.spawn(move || {
                    for round in 0..1_000 {
                        block_on(async {
                            let mut guard = engine.acquire_within(Duration::from_secs(1)).await.unwrap();
                            match (number + round) % 4 {
                                0 => drop(guard.close().await),
                                1 => guard.reconnect().await.unwrap(),
                                2 => guard.release(),
                                _ => drop(guard.execute("(+ 1 2)").await),
                            }
                        });
                    }
                });
            }
        });
        assert_eq!(
            block_on(async { [engine.acquire().await.is_ok(), engine.acquire().await.is_ok()] }),
            [true; 2]
        );
    }
}

//! What is reached through a guard.

use std::cell::Cell;
use std::fmt;
use std::ops::ControlFlow;
use std::time::Duration;

use rayforce_ipc::client::{Backoff, Clock, Connect, Push};
use rayforce_ipc::codec::Value;
use rayforce_ipc::engine::Disposed;
use rayforce_ipc::error::{CloseReason, Error, Phase};
use rayforce_ipc::transports::duplex::{self, Duplex, DuplexError};
use rayforce_ipc::wire::Generation;
use rayforce_ipc::{Engine, Slot};

use crate::support::script::Script;

const V3: Generation = Generation::V3;

#[test]
fn all_that_a_connection_can_do() {
    let script = Script::opened(V3).asked("a").pushes(&1i64).answers(&2i64).pushes(&3i64).goes_on();
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 256, 64>::new() }; 1];
    let engine = Engine::new(duplex::Connector::new(&steps), &mut slots);
    let mut guard = engine.acquire().unwrap();
    let mut heard = 0;
    let handler = |push: Push<'_, '_, Duplex<'_>>| {
        heard += 1;
        assert!(matches!(push, Push::Async(_)));
        Ok(())
    };
    let mut reply = guard.connection().unwrap().execute_with("a", handler).unwrap();
    assert_eq!(reply.value(), Ok(Value::I64(2)));
    assert_eq!(heard, 1);
    let connection = guard.connection().unwrap();
    assert!(matches!(connection.next_push(), Ok(Some(Push::Async(_)))));
    connection.send("(+ 1 2)").unwrap();
    assert_eq!((connection.pending(), connection.handle()), (1, Ok(())));
    assert_eq!(connection.receive().unwrap().value(), Ok(Value::I64(3)));
}

#[test]
fn the_pool_learns_of_what_the_connection_did_by_itself() {
    let script = Script::opened(V3).goes_on();
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::new(duplex::Connector::new(&steps), &mut slots);
    let mut guard = engine.acquire().unwrap();
    guard.connection().unwrap().close().unwrap();
    assert_eq!((guard.is_open(), guard.close_reason()), (false, Some(CloseReason::Owner)));
    assert_eq!(engine.pool_size(), 1);
    assert!(matches!(guard.connection().unwrap().execute("(+ 1 2)"), Err(Error::Closed(CloseReason::Owner))));
    assert_eq!(engine.pool_size(), 0);
    assert_eq!(engine.dispose_connections(), Disposed::default());
    drop(guard);
    assert_eq!(engine.acquire().unwrap().id(), 2);
}

#[test]
fn a_connection_that_was_disposed_of_is_not_reached() {
    let script = Script::opened(V3).goes_on();
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::new(duplex::Connector::new(&steps), &mut slots);
    let mut guard = engine.acquire().unwrap();
    assert_eq!(engine.dispose_connections(), Disposed { idle: 0, held: 1 });
    assert!(matches!(guard.connection(), Err(Error::Closed(CloseReason::Aborted))));
    let reconnected = guard.reconnect_with(&mut Backoff::new(1), |_| panic!("no attempt"));
    assert_eq!(reconnected, Err(Error::Closed(CloseReason::Aborted)));
}

/// Fails so many times before each stream; its clock goes on by what is waited.
struct Failing<'s> {
    scripts: duplex::Connector<'s>,
    failures: Cell<usize>,
    now: Cell<Duration>,
}

impl<'s> Connect for Failing<'s> {
    type Transport = Duplex<'s>;
    type Clock = Self;

    fn connect(&self, limit: Duration) -> Result<Duplex<'s>, DuplexError> {
        match self.failures.get() {
            0 => self.scripts.connect(limit),
            failures => {
                self.failures.set(failures - 1);
                Err(DuplexError::Unexpected { step: 0, offset: 0 })
            }
        }
    }

    fn clock(&self) -> &Self {
        self
    }
}

impl Clock for Failing<'_> {
    fn uptime(&self) -> Duration {
        self.now.get()
    }

    fn wait(&self, duration: Duration) {
        self.now.set(self.now.get() + duration);
    }
}

impl fmt::Display for Failing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.scripts.fmt(f)
    }
}

#[test]
fn dialling_again_by_a_policy() {
    let script = Script::opened(V3).goes_on();
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let connector = Failing {
        scripts: duplex::Connector::new(&steps),
        failures: Cell::new(0),
        now: Cell::new(Duration::ZERO),
    };
    let engine = Engine::new(connector, &mut slots);
    let mut guard = engine.acquire().unwrap();

    engine.connector().failures.set(3);
    let (mut backoff, mut attempts) = (Backoff::new(1), Vec::new());
    let reconnected = guard.reconnect_with(&mut backoff, |retry| {
        assert_eq!((retry.cause.is_some(), engine.pool_size()), (retry.attempt > 1, 0));
        attempts.push(retry.attempt);
        ControlFlow::Continue(())
    });
    assert_eq!((reconnected, attempts), (Ok(()), vec![1, 2, 3, 4]));
    assert!(engine.connector().uptime() >= Duration::from_millis(50 + 100 + 200));
    assert_eq!((guard.id(), guard.is_open(), engine.pool_size()), (2, true, 1));
    assert_eq!(guard.execute("(+ 1 2)").unwrap().value(), Ok(Value::I64(3)));

    // The caller has enough.
    engine.connector().failures.set(usize::MAX);
    let reconnected = guard.reconnect_with(&mut Backoff::new(1), |retry| match retry.attempt {
        3 => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    });
    assert!(matches!(reconnected, Err(Error::Transport { phase: Phase::Connect, .. })));
    assert_eq!((guard.is_open(), engine.pool_size()), (false, 0));

    // The pool is disposed of while it is dialled again.
    let reconnected = guard.reconnect_with(&mut Backoff::new(1), |retry| {
        assert!(retry.attempt < 3);
        if retry.attempt == 2 {
            engine.dispose_connections();
        }
        ControlFlow::Continue(())
    });
    assert_eq!(reconnected, Err(Error::Closed(CloseReason::Aborted)));
    drop(guard);
    engine.connector().failures.set(0);
    assert_eq!(engine.acquire().unwrap().id(), 3);
}

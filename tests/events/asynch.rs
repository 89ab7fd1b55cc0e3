//! The async front tells the same.

use std::ops::ControlFlow;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use log::Level::{Debug, Info, Warn};
use rayforce_ipc::Slot;
use rayforce_ipc::client::asynch::{Connect, Connection, Timer};
use rayforce_ipc::client::{Buffers, Options};
use rayforce_ipc::engine::asynch::Engine;
use rayforce_ipc::transports::duplex::{Duplex, DuplexError};
use rayforce_ipc::wire::Generation;

use crate::support::script::Script;
use crate::told::{Servers, assert_told, backoff, listen};

impl<'s> Connect for Servers<'s> {
    type Transport = Duplex<'s>;
    type Timer = Self;

    async fn connect(&self, _: Duration) -> Result<Duplex<'s>, DuplexError> {
        self.dial()
    }

    fn timer(&self) -> &Self {
        self
    }
}

impl Timer for Servers<'_> {
    async fn sleep(&self, _: Duration) {}
}

/// Nothing in here waits.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("waits"),
    }
}

#[test]
fn a_life_is_told_as_by_the_blocking_front() {
    listen();
    let script = Script::opened(Generation::V3).asked("1").answers(&1i64);
    let steps = script.steps();
    let scripts = [&steps[..]];
    let servers = Servers::new(&scripts);
    let mut buffers = Buffers::<64, 64>::new();
    let mut connection = Connection::closed(buffers.lend());
    let (options, mut backoff) = (Options::new(), backoff(1));
    let go_on = |_: rayforce_ipc::client::Retry<'_, _>| ControlFlow::Continue(());
    now(async {
        connection.reconnect(&servers, &options, &mut backoff, go_on).await.unwrap();
        connection.execute("1").await.unwrap();
        connection.close().await.unwrap();
        backoff.reset();
        connection.reconnect(&servers, &options, &mut backoff, go_on).await.unwrap_err();
    });
    let connected = [(Debug, "attempt 1 in 0 ms"), (Debug, "connecting to host=memory, port=0")];
    assert_told(&[
        connected[0],
        connected[1],
        (Info, "open, wire 3"),
        (Info, "ended: closed by its owner"),
        connected[0],
        connected[1],
        (Warn, "not connected: the script says no more"),
    ]);
}

#[test]
fn a_pool_tells_as_the_blocking_one() {
    listen();
    let script = Script::opened(Generation::V3);
    let steps = script.steps();
    let scripts = [&steps[..]];
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::new(Servers::new(&scripts), &mut slots);
    now(async {
        engine.acquire().await.unwrap().release();
        engine.dispose_connections();
        engine.acquire().await.unwrap_err();
    });
    let connecting = (Debug, "connecting to host=memory, port=0");
    assert_told(&[
        connecting,
        (Info, "open, wire 3"),
        (Info, "ended: closed by its owner"),
        (Info, "disposed of connections: 1 idle, 0 held"),
        connecting,
        (Warn, "not connected: the script says no more"),
    ]);
}

//! Many threads, few connections.

use std::fmt;
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;

use rayforce_ipc::client::{Connect, Options};
use rayforce_ipc::codec::literal::List;
use rayforce_ipc::engine::Disposed;
use rayforce_ipc::error::{CloseReason, Error};
use rayforce_ipc::transports::tcp::{Connector, Stream, SystemClock, TcpError};
use rayforce_ipc::{Engine, PooledConnection, Slot};

use crate::support::sockets::{Server, add};

const fn assert_send<T: Send>() {}
const fn assert_send_sync<T: Send + Sync>() {}

/// The compiler knows.
const _: () = {
    assert_send_sync::<Engine<'static, Connector, 4>>();
    assert_send::<PooledConnection<'static, 'static, Connector, 4>>();
};

const THREADS: i64 = 8;
const REQUESTS: i64 = 10_000 / THREADS;

#[test]
fn answers_reach_the_thread_that_asked() {
    let server = Server::start(add);
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 4];
    let engine = Engine::new(server.connector(), &mut slots);
    thread::scope(|scope| {
        for number in 0..THREADS {
            let engine = &engine;
            scope.spawn(move || (0..REQUESTS).for_each(|request| ask(engine, number * 1_000_000, request)));
        }
    });
    assert!(engine.pool_size() <= 4);
    assert_eq!(engine.dispose_connections().held, 0);
    assert_eq!(engine.pool_size(), 0);
}

/// One request on whatever connection is free. Some are given back open, some not.
fn ask(engine: &Engine<'_, Connector, 4>, number: i64, request: i64) {
    let mut connection = loop {
        match engine.acquire() {
            Ok(connection) => break connection,
            Err(Error::Exhausted { capacity: 4 }) => thread::yield_now(),
            Err(other) => panic!("{other}"),
        }
    };
    let sum = connection.execute(&List(&[&number, &request])).unwrap().value().unwrap().as_i64();
    assert_eq!(sum, Ok(number + request));
    if request % 50 == 0 {
        connection.close().unwrap();
    } else {
        connection.release();
    }
}

/// Connects only when it is told to.
struct Waiting {
    inner: Connector,
    begun: Mutex<mpsc::Sender<()>>,
    go_on: Mutex<mpsc::Receiver<()>>,
}

impl Connect for Waiting {
    type Transport = Stream;
    type Clock = SystemClock;

    fn connect(&self, limit: Duration) -> Result<Stream, TcpError> {
        self.begun.lock().unwrap().send(()).unwrap();
        self.go_on.lock().unwrap().recv().unwrap();
        self.inner.connect(limit)
    }

    fn clock(&self) -> &SystemClock {
        self.inner.clock()
    }
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

#[test]
fn what_is_disposed_of_while_it_dials_is_not_handed_out() {
    let server = Server::start(|stream| {
        // The first client goes without a word.
        if stream.peek(&mut [0]).is_ok_and(|count| count > 0) {
            add(stream);
        }
    });
    let (begun, has_begun) = mpsc::channel();
    let (go, go_on) = mpsc::channel();
    let waiting = Waiting { inner: server.connector(), begun: Mutex::new(begun), go_on: Mutex::new(go_on) };
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::with_options(waiting, &mut slots, Options::new());
    thread::scope(|scope| {
        let acquired = scope.spawn(|| matches!(engine.acquire(), Err(Error::Closed(CloseReason::Aborted))));
        has_begun.recv().unwrap();
        // It is not open yet.
        assert_eq!(engine.dispose_connections(), Disposed::default());
        go.send(()).unwrap();
        assert!(acquired.join().unwrap());
    });
    assert_eq!(engine.pool_size(), 0);
    go.send(()).unwrap();
    assert!(engine.acquire().is_ok());
}

//! A pool that is disposed of while other threads wait in its connections.

use std::sync::mpsc;
use std::sync::{Mutex, mpsc::Receiver};
use std::time::Duration;

use rayforce_ipc::client::{Options, Timeouts};
use rayforce_ipc::engine::Disposed;
use rayforce_ipc::error::{CloseReason, Error, Phase};
use rayforce_ipc::transports::tcp::Connector;
use rayforce_ipc::{Engine, Slot};

use crate::support::sockets::{Server, let_in, request, wait_for_end};

/// No wait ends by itself in this test.
fn patient() -> Options<'static> {
    let mut options = Options::new();
    options.timeouts = Timeouts::all(Duration::from_secs(600));
    options
}

/// A server that tells when it is waited for.
fn silent(before: impl Fn(&mut std::net::TcpStream) + Send + Sync + 'static) -> (Server, Receiver<()>) {
    let (waited_for, is_waited_for) = mpsc::channel();
    let waited_for = Mutex::new(waited_for);
    let server = Server::start(move |mut stream| {
        before(&mut stream);
        waited_for.lock().unwrap().send(()).unwrap();
        wait_for_end(&mut stream);
    });
    (server, is_waited_for)
}

#[test]
fn disposing_wakes_those_who_wait_for_a_reply() {
    let (server, is_waited_for) = silent(|stream| {
        let_in(stream);
        request(stream).unwrap();
    });
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 3];
    let engine = Engine::with_options(server.connector(), &mut slots, patient());
    std::thread::scope(|scope| {
        let waiting: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let mut connection = engine.acquire().unwrap();
                    let error = connection.execute("(+ 1 2)").err();
                    assert_eq!(connection.close_reason(), Some(CloseReason::Aborted));
                    assert!(connection.to_string().contains("disposed at"), "{connection}");
                    matches!(error, Some(Error::Aborted(Phase::FirstByte)))
                })
            })
            .collect();
        for _ in 0..3 {
            is_waited_for.recv().unwrap();
        }
        assert_eq!(engine.pool_size(), 3);
        assert_eq!(engine.dispose_connections(), Disposed { idle: 0, held: 3 });
        assert_eq!(engine.pool_size(), 0);
        assert!(waiting.into_iter().all(|waiting| waiting.join().unwrap()));
    });
    assert_eq!(engine.dispose_connections(), Disposed::default());
}

#[test]
fn disposing_wakes_those_who_shake_hands() {
    let (server, is_waited_for) = silent(|stream| {
        let mut opening = [0; 2];
        std::io::Read::read_exact(stream, &mut opening).unwrap();
    });
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::with_options(server.connector(), &mut slots, patient());
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| matches!(engine.acquire(), Err(Error::Aborted(Phase::Handshake))));
        is_waited_for.recv().unwrap();
        assert_eq!(engine.dispose_connections(), Disposed { idle: 0, held: 1 });
        assert!(waiting.join().unwrap());
    });
    assert_eq!(engine.pool_size(), 0);
}

#[test]
fn disposing_of_a_pool_of_sockets_leaves_it_usable() {
    let server = Server::start(crate::support::sockets::add);
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 2];
    let engine: Engine<'_, Connector, 2> = Engine::new(server.connector(), &mut slots);
    let mut old = engine.acquire().unwrap();
    engine.acquire().unwrap().release();
    assert_eq!(engine.dispose_connections(), Disposed { idle: 1, held: 1 });
    assert!(matches!(old.execute(&[1i64, 2]), Err(Error::Closed(CloseReason::Aborted))));
    let mut new = engine.acquire().unwrap();
    let sum = rayforce_ipc::codec::literal::List(&[&1i64, &2i64]);
    assert_eq!(new.execute(&sum).unwrap().value().unwrap().as_i64(), Ok(3));
    assert_eq!(new.id(), 3);
}

#[cfg(target_os = "linux")]
#[test]
fn five_hundred_rounds_leave_no_socket_open() {
    let server = Server::start(crate::support::sockets::add);
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 2];
    let engine = Engine::new(server.connector(), &mut slots);
    let sum = rayforce_ipc::codec::literal::List(&[&1i64, &2i64]);
    for round in 0..500 {
        let mut connection = engine.acquire().unwrap();
        assert_eq!(connection.execute(&sum).unwrap().value().unwrap().as_i64(), Ok(3));
        match round % 4 {
            0 => connection.close().unwrap(),
            1 => connection.abort(),
            2 => drop(engine.dispose_connections()),
            _ => drop(connection),
        }
    }
    let port = server.port();
    // One that is open is seen.
    let connection = engine.acquire().unwrap();
    assert!(crate::support::sockets::open_sockets(port) >= 2);
    drop(connection);
    drop(server);
    assert_eq!(crate::support::sockets::open_sockets(port), 0);
}

//! Idle connections over real sockets.

use std::io::Write as _;
use std::sync::Mutex;
use std::sync::mpsc;
use std::time::Duration;

use rayforce_ipc::client::{Connect as _, Transport as _};
use rayforce_ipc::codec::Value;
use rayforce_ipc::codec::literal::List;
use rayforce_ipc::error::Error;
use rayforce_ipc::wire::{Generation, MessageType};
use rayforce_ipc::{Engine, Slot};

use crate::support::codec::sent;
use crate::support::script::frame;
use crate::support::sockets::{Server, add, let_in, request, wait_for_end};

/// A server that answers one question, and goes when it is told to.
fn answers_once() -> (Server, mpsc::Sender<()>, mpsc::Receiver<()>) {
    let ((go, told), (gone, is_gone)) = (mpsc::channel(), mpsc::channel());
    let (told, gone) = (Mutex::new(told), Mutex::new(gone));
    let server = Server::start(move |mut stream| {
        let_in(&mut stream);
        while request(&mut stream).is_some() {
            let reply = sent(Generation::V3, &3i64);
            stream.write_all(&frame(Generation::V3, MessageType::Response, &reply)).unwrap();
            if told.lock().unwrap().recv().is_err() {
                return;
            }
            stream.shutdown(std::net::Shutdown::Both).unwrap();
            gone.lock().unwrap().send(()).unwrap();
        }
    });
    (server, go, is_gone)
}

#[test]
fn a_server_that_closes_idle_connections_is_dialled_anew() {
    let (server, go, is_gone) = answers_once();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::new(server.connector(), &mut slots);
    for round in 1..=20 {
        let mut connection = engine.acquire().unwrap();
        assert_eq!(connection.id(), round);
        assert_eq!(connection.execute("(+ 1 2)").unwrap().value().unwrap(), Value::I64(3));
        connection.release();
        assert_eq!((engine.check_idle(), engine.pool_size()), (0, 1));
        go.send(()).unwrap();
        is_gone.recv().unwrap();
        if round % 2 == 0 {
            assert_eq!((engine.check_idle(), engine.pool_size()), (1, 0));
        }
    }
    drop(go);
}

#[test]
fn looking_takes_no_byte_and_leaves_the_deadlines() {
    let (push, is_pushed) = mpsc::channel();
    let push = Mutex::new(push);
    let server = Server::start(move |mut stream| {
        stream.write_all(b"x").unwrap();
        push.lock().unwrap().send(()).unwrap();
        wait_for_end(&mut stream);
    });
    let mut stream = server.connector().connect(Duration::from_secs(60)).unwrap();
    is_pushed.recv().unwrap();
    let mut byte = [0; 4];
    stream.set_deadline(Duration::from_secs(60));
    for _ in 0..3 {
        assert!(stream.is_alive());
    }
    assert_eq!(embedded_io::Read::read(&mut stream, &mut byte).unwrap(), 1);
    assert!(stream.is_alive());
    // It waits, and not for ever.
    stream.set_deadline(Duration::from_millis(20));
    let error = embedded_io::Read::read(&mut stream, &mut byte).unwrap_err();
    assert_eq!(embedded_io::Error::kind(&error), embedded_io::ErrorKind::TimedOut);
    assert!(stream.is_alive());
    rayforce_ipc::client::Abort::abort(&stream.handle().unwrap());
    assert!(!stream.is_alive());
}

#[test]
fn a_limit_is_also_one_of_dialling_and_shaking_hands() {
    let server = Server::start(|mut stream| wait_for_end(&mut stream));
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::new(server.connector(), &mut slots);
    let start = std::time::Instant::now();
    let error = engine.acquire_within(Duration::from_millis(50)).err().unwrap();
    assert!(matches!(error, Error::TimedOut(_)), "{error}");
    assert!(start.elapsed() < Duration::from_secs(4));
    assert!(engine.acquire_within(Duration::ZERO).is_err());
    assert_eq!(engine.pool_size(), 0);
}

#[test]
fn a_connection_that_is_given_back_serves_the_one_who_waits() {
    let server = Server::start(add);
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::new(server.connector(), &mut slots);
    std::thread::scope(|scope| {
        for number in 0..4i64 {
            let engine = &engine;
            scope.spawn(move || {
                for round in 0..50i64 {
                    let mut connection = engine.acquire_within(Duration::from_secs(60)).unwrap();
                    assert_eq!(connection.id(), 1);
                    let mut sum = connection.execute(&List(&[&number, &round])).unwrap();
                    assert_eq!(sum.value().unwrap().as_i64(), Ok(number + round));
                    connection.release();
                }
            });
        }
    });
    assert_eq!(engine.pool_size(), 1);
}

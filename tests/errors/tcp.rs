//! Real sockets to servers that are not there, or fall silent.

use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Mutex, mpsc};
use std::time::Duration;

use rayforce_ipc::client::{Connect, Connection, Options, Timeouts};
use rayforce_ipc::codec::Value;
use rayforce_ipc::error::{CloseReason, Error, Phase};
use rayforce_ipc::transports::tcp::{Connector, TcpError};
use rayforce_ipc::wire::{Generation, MessageType};
use rayforce_ipc::{Engine, Slot};

use crate::support::codec::sent;
use crate::support::script::{Lent, assert_closed, frame};
use crate::support::sockets::{Server, let_in, request, wait_for_end};

const SHORT: Duration = Duration::from_millis(30);
const LONG: Duration = Duration::from_secs(60);

fn open_error(connector: Connector) -> Error<TcpError> {
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::new(connector, &mut slots);
    let error = engine.acquire().err().unwrap();
    assert_eq!(engine.pool_size(), 0);
    error
}

#[test]
fn nobody_listening_is_told_with_the_words_of_the_system() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    match open_error(Connector::new("127.0.0.1", port)) {
        Error::Transport { phase: Phase::Connect, source: TcpError::Io(error) } => {
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
        }
        other => panic!("{other}"),
    }
}

#[test]
fn a_name_that_nobody_has_is_told() {
    match open_error(Connector::new("no-such-host.invalid", 5000)) {
        Error::Transport { phase: Phase::Connect, source: TcpError::NameNotFound(_) } => {}
        other => panic!("{other}"),
    }
}

#[test]
fn no_time_to_connect_is_a_timeout() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let connector = Connector::new("127.0.0.1", listener.local_addr().unwrap().port());
    let mut options = Options::new();
    options.timeouts.connect = Duration::ZERO;
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::with_options(connector, &mut slots, options);
    assert!(matches!(engine.acquire(), Err(Error::TimedOut(Phase::Connect))));
    assert_eq!(engine.pool_size(), 0);
}

/// Long, but for one phase.
fn impatient(change: impl FnOnce(&mut Timeouts)) -> Options<'static> {
    let mut options = Options::new();
    options.timeouts = Timeouts::all(LONG);
    change(&mut options.timeouts);
    options
}

/// One exchange with a server that falls silent in a phase.
#[track_caller]
fn assert_timed_out(connector: &Connector, options: &Options<'_>, phase: Phase) {
    let mut lent = Lent::new(64, 64);
    let mut connection = Connection::closed(lent.lend());
    let stream = connector.connect(LONG).unwrap();
    let opened = connection.reopen(stream, options);
    let failed = opened.and_then(|()| connection.execute("(+ 1 2)")?.value().map(drop));
    assert!(matches!(failed, Err(Error::TimedOut(timed_out)) if timed_out == phase), "{failed:?}");
    assert_closed(&mut connection, CloseReason::TimedOut(phase));
}

#[test]
fn a_server_that_does_not_shake_hands_is_a_timeout() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let connector = Connector::new("127.0.0.1", listener.local_addr().unwrap().port());
    assert_timed_out(&connector, &impatient(|timeouts| timeouts.handshake = SHORT), Phase::Handshake);
}

#[test]
fn half_a_handshake_is_a_timeout() {
    let server = Server::start(|mut stream| {
        stream.write_all(&[3]).unwrap();
        wait_for_end(&mut stream);
    });
    let options = impatient(|timeouts| timeouts.handshake = SHORT);
    assert_timed_out(&server.connector(), &options, Phase::Handshake);
}

#[test]
fn a_server_that_does_not_answer_is_a_timeout() {
    let server = Server::start(|mut stream| {
        let_in(&mut stream);
        wait_for_end(&mut stream);
    });
    let options = impatient(|timeouts| timeouts.first_byte = SHORT);
    assert_timed_out(&server.connector(), &options, Phase::FirstByte);
}

#[test]
fn half_a_reply_is_a_timeout() {
    let reply = frame(Generation::V3, MessageType::Response, &sent(Generation::V3, &3i64));
    for len in [16, 17, reply.len() - 1] {
        let half = reply[..len].to_vec();
        let server = Server::start(move |mut stream| {
            let_in(&mut stream);
            request(&mut stream).unwrap();
            stream.write_all(&half).unwrap();
            wait_for_end(&mut stream);
        });
        let options = impatient(|timeouts| timeouts.reply = SHORT);
        assert_timed_out(&server.connector(), &options, Phase::Reply);
    }
}

#[test]
fn a_server_that_takes_no_more_bytes_is_a_timeout() {
    let (done, is_done) = mpsc::sync_channel::<()>(0);
    let is_done = Mutex::new(is_done);
    let server = Server::start(move |mut stream| {
        let_in(&mut stream);
        // Reads nothing until the client has given up.
        assert!(is_done.lock().unwrap().recv().is_err());
        wait_for_end(&mut stream);
    });
    // Dropped before the server, which waits for it.
    let done = done;
    let options = impatient(|timeouts| timeouts.write = SHORT);
    let mut lent = Lent::new(64, 0x1_0000);
    let stream = server.connector().connect(LONG).unwrap();
    let mut connection = Connection::open(stream, lent.lend(), &options).unwrap();
    let large = vec![7u8; 0x400_0000];
    let error = connection.execute(&large[..]).err().unwrap();
    assert!(matches!(error, Error::TimedOut(Phase::Write)), "{error}");
    assert_closed(&mut connection, CloseReason::TimedOut(Phase::Write));
    drop(done);
}

#[test]
fn a_server_that_goes_away_shows_at_the_next_request() {
    let server = Server::start(|mut stream| {
        let_in(&mut stream);
        request(&mut stream).unwrap();
        stream
            .write_all(&frame(Generation::V3, MessageType::Response, &sent(Generation::V3, &3i64)))
            .unwrap();
    });
    let mut lent = Lent::new(64, 64);
    let stream = server.connector().connect(LONG).unwrap();
    let mut connection = Connection::open(stream, lent.lend(), &Options::new()).unwrap();
    assert_eq!(connection.execute("(+ 1 2)").unwrap().value().unwrap(), Value::I64(3));
    assert!(connection.is_open());
    let error = connection.execute("(+ 1 2)").err().unwrap();
    // The end of the stream, or its reset, whichever is seen first.
    match connection.close_reason() {
        Some(CloseReason::Disconnected(Phase::FirstByte)) => {
            assert!(matches!(error, Error::Disconnected(Phase::FirstByte)));
        }
        Some(CloseReason::Transport(_)) => assert!(matches!(error, Error::Transport { .. })),
        other => panic!("{other:?}: {error}"),
    }
}

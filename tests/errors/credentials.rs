//! Servers that ask for credentials.

use rayforce_ipc::client::{Buffers, Connection, Options, Progress, Session};
use rayforce_ipc::error::{AuthError, CloseReason, Error, Phase, RequestError};
use rayforce_ipc::transports::duplex::{Connector, Duplex};
use rayforce_ipc::wire::{Credentials, Generation};
use rayforce_ipc::{Engine, Slot};

use crate::support::script::{Lent, Script, assert_closed, assert_lets_in};

fn with(user: &'static str, password: &'static str) -> Options<'static> {
    let mut options = Options::new();
    options.credentials = Some(Credentials::new(user, password).unwrap());
    options
}

/// A server that asks, hears the bytes behind their length, and says its verdict.
fn asking(bytes: &[u8], verdict: u8) -> Script {
    let len = bytes.len() as u8;
    asked().hears(&[&[len], bytes].concat()).says(&[verdict])
}

fn asked() -> Script {
    Script::new(Generation::V3).hears(&[3, 0]).says(&[3, 1])
}

fn open(script: &Script, options: &Options<'_>) -> CloseReason {
    let steps = script.steps();
    let mut lent = Lent::new(16, 1);
    let mut connection = Connection::closed(lent.lend());
    let error = connection.reopen(Duplex::new(&steps), options).unwrap_err();
    let reason = match error {
        Error::Auth(error) => CloseReason::Auth(error),
        Error::Disconnected(phase) => CloseReason::Disconnected(phase),
        other => panic!("{other}"),
    };
    assert_closed(&mut connection, reason);
    reason
}

#[test]
fn accepted_credentials_let_in() {
    for (user, password, bytes) in
        [("bob", "s3cret", &b"bob:s3cret\0"[..]), ("", "s3cret", b":s3cret\0"), ("bob", "a:b", b"bob:a:b\0")]
    {
        let script = asking(bytes, 0).goes_on();
        assert_lets_in(&script, 16, &with(user, password));
    }
}

#[test]
fn a_password_of_255_bytes_goes_alone() {
    let password: &'static str = Box::leak("p".repeat(255).into_boxed_str());
    let script = asking(password.as_bytes(), 0).goes_on();
    assert_lets_in(&script, 16, &with("", password));
}

#[test]
fn refused_credentials_close() {
    let refused = asking(b"bob:nope\0", 1).closes();
    assert_eq!(open(&refused, &with("bob", "nope")), CloseReason::Auth(AuthError::Refused));
}

#[test]
fn missing_credentials_close_and_nothing_is_sent() {
    assert_eq!(open(&asked(), &Options::new()), CloseReason::Auth(AuthError::Needed));
}

#[test]
fn a_stream_that_ends_before_the_verdict_is_a_fault() {
    let script = asked().hears(b"\x0bbob:s3cret\0").closes();
    assert_eq!(open(&script, &with("bob", "s3cret")), CloseReason::Disconnected(Phase::Handshake));
}

#[test]
fn credentials_that_are_not_asked_for_are_not_sent() {
    for generation in [Generation::V1, Generation::V3] {
        assert_lets_in(&Script::opened(generation).goes_on(), 16, &with("bob", "s3cret"));
    }
}

#[test]
fn credentials_that_no_server_could_read_are_refused() {
    assert_eq!(Credentials::new("b:b", "s3cret").unwrap_err(), RequestError::Credentials);
}

/// Neither as text nor as numbers.
#[track_caller]
fn assert_silent(debug: &str) {
    for secret in ["bob", "s3cret", "98, 111, 98", "115, 51, 99", "62, 6f, 62", "73, 33, 63"] {
        assert!(!debug.contains(secret), "{debug}");
    }
}

#[test]
fn credentials_are_in_no_debug_output_and_do_not_stay_in_memory() {
    let options = with("bob", "s3cret");
    assert_silent(&format!("{options:?} {options:x?}"));
    let mut buffers = Buffers::<64, 64>::new();
    let mut session = Session::new(buffers.lend());
    session.open(None).unwrap();
    let opening = session.opening();
    assert_eq!(session.transmit(&opening).unwrap(), [3, 0]);
    session.sent(2);
    session.receive_window()[..2].copy_from_slice(&[3, 1]);
    session.received(2);
    assert_eq!(session.poll(), Ok(Progress::Credentials));
    let credentials = session.authenticate(options.credentials).unwrap();
    for count in [5, 7] {
        assert!(session.transmit(&credentials).unwrap().len() >= count);
        assert_silent(&format!("{session:?} {session:x?}"));
        session.sent(count);
    }
    assert!(session.transmit(&credentials).unwrap().is_empty());
    assert_silent(&format!("{session:?} {session:x?}"));
    assert_silent(&format!("{buffers:?} {buffers:x?}"));
}

#[test]
fn credentials_are_in_no_output_of_a_pool() {
    let script = asking(b"bob:s3cret\0", 0);
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::with_options(Connector::new(&steps), &mut slots, with("bob", "s3cret"));
    let connection = engine.acquire().unwrap();
    assert_silent(&format!("{engine} {engine:?} {connection} {connection:?}"));
}

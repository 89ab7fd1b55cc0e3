//! Passwords, and servers of another generation than the demanded one.

use rayforce_ipc::Error;
use rayforce_ipc::client::{Buffers, Connection, Options};
use rayforce_ipc::error::{AuthError, CloseReason, Fault, Phase};
use rayforce_ipc::transports::tcp::TcpError;
use rayforce_ipc::wire::{Credentials, Generation};
use xtask::server::{self, Server};

use crate::support::{WIRE_1, WIRE_3, answer, connect, dial, start, start_with};

const PASSWORD: &str = "open sesame";

fn guarded(version: &str, restricted: bool) -> Server {
    let password = Some(PASSWORD.to_owned());
    start_with(version, &server::Options { password, restricted, ..server::Options::default() })
}

/// The answer to a sum, or why it was not to be had.
fn log_in(server: &Server, credentials: Option<Credentials<'_>>) -> Result<String, Error<TcpError>> {
    let mut buffers = Buffers::<256, 64>::new();
    let mut options = Options::new();
    options.credentials = credentials;
    let mut connection = Connection::open(dial(server), buffers.lend(), &options)?;
    Ok(answer(&mut connection, "(+ 40 2)"))
}

#[test]
fn the_right_password_is_accepted_whoever_the_user_is() {
    for version in WIRE_3 {
        let server = guarded(version, false);
        for user in ["bob", "", "\u{2603}"] {
            let credentials = Credentials::new(user, PASSWORD).unwrap();
            assert_eq!(log_in(&server, Some(credentials)).unwrap(), "I64(42)", "{version} {user}");
        }
    }
}

#[test]
fn a_wrong_password_is_refused() {
    for version in WIRE_3 {
        let server = guarded(version, false);
        for password in ["wrong", "", "open", "open sesame!"] {
            let credentials = Credentials::new("bob", password).unwrap();
            let result = log_in(&server, Some(credentials));
            assert!(
                matches!(result, Err(Error::Auth(AuthError::Refused))),
                "{version} {password}: {result:?}"
            );
        }
        let right = Credentials::new("bob", PASSWORD).unwrap();
        assert_eq!(log_in(&server, Some(right)).unwrap(), "I64(42)");
    }
}

#[test]
fn a_missing_password_is_needed() {
    for version in WIRE_3 {
        let server = guarded(version, false);
        let result = log_in(&server, None);
        assert!(matches!(result, Err(Error::Auth(AuthError::Needed))), "{version}: {result:?}");
    }
}

#[test]
fn a_password_for_a_server_that_wants_none_is_not_sent() {
    for version in WIRE_1.iter().chain(WIRE_3) {
        let credentials = Credentials::new("bob", PASSWORD).unwrap();
        assert_eq!(log_in(&start(version), Some(credentials)).unwrap(), "I64(42)", "{version}");
    }
}

#[test]
fn passwords_may_have_up_to_255_bytes() {
    // Bare, without a user, where both do not fit into the length byte.
    let long = "p".repeat(255);
    let options = server::Options { password: Some(long.clone()), ..server::Options::default() };
    for version in WIRE_3 {
        let server = start_with(version, &options);
        let credentials = Credentials::new("", &long).unwrap();
        assert_eq!(log_in(&server, Some(credentials)).unwrap(), "I64(42)", "{version}");
        let other = Credentials::new("", &long[1..]).unwrap();
        let result = log_in(&server, Some(other));
        assert!(matches!(result, Err(Error::Auth(AuthError::Refused))), "{version}: {result:?}");
    }
}

#[test]
fn a_restricted_login_may_ask_but_not_change() {
    for version in WIRE_3 {
        println!("--- {version}");
        let server = guarded(version, true);
        let mut buffers = Buffers::<256, 64>::new();
        let mut options = Options::new();
        options.credentials = Some(Credentials::new("bob", PASSWORD).unwrap());
        let mut connection = Connection::open(dial(&server), buffers.lend(), &options).unwrap();
        let result = connection.execute("(set x 1)");
        assert!(matches!(result, Err(Error::Server(error)) if error.code() == "access"), "{result:?}");
        assert_eq!(answer(&mut connection, "(+ 40 2)"), "I64(42)");
    }
}

/// A connection that demands a generation, and why it is closed.
fn demand(server: &Server, generation: Generation) -> (Result<(), Error<TcpError>>, Option<CloseReason>) {
    let mut buffers = Buffers::<256, 64>::new();
    let mut options = Options::new();
    options.generation = Some(generation);
    let mut connection = Connection::closed(buffers.lend());
    let result = connection.reopen(dial(server), &options);
    (result, connection.close_reason())
}

#[test]
fn a_demanded_generation_that_the_server_does_not_speak_is_an_error() {
    for version in WIRE_1 {
        let fault = Fault::Version { theirs: 1, ours: 3 };
        let (result, reason) = demand(&start(version), Generation::V3);
        assert!(matches!(&result, Err(Error::Peer(error)) if error.fault == fault), "{version}: {result:?}");
        assert_eq!(reason, Some(CloseReason::Peer(fault)));
    }
    for version in WIRE_3 {
        let (result, reason) = demand(&start(version), Generation::V1);
        assert!(matches!(&result, Err(Error::Disconnected(Phase::Handshake))), "{version}: {result:?}");
        assert_eq!(reason, Some(CloseReason::Disconnected(Phase::Handshake)));
    }
}

#[test]
fn a_demanded_generation_that_the_server_speaks_is_what_it_finds_out() {
    for (versions, generation) in [(WIRE_1, Generation::V1), (WIRE_3, Generation::V3)] {
        for version in versions {
            let server = start(version);
            let (result, reason) = demand(&server, generation);
            assert!(result.is_ok() && reason.is_none(), "{version}: {result:?}");
            let mut buffers = Buffers::<256, 64>::new();
            assert_eq!(connect(&server, buffers.lend()).generation(), generation);
        }
    }
}

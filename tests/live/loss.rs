//! Servers that die: before, inside and after a reply.

use std::time::Duration;

use rayforce_ipc::client::{Buffers, Connection, Options, Timeouts};
use rayforce_ipc::engine::{Engine, Slot};
use rayforce_ipc::error::{CloseReason, Phase};
use rayforce_ipc::transports::tcp::{Stream, TcpError};
use rayforce_ipc::{Error, codec::Token};

use crate::support::{ALL, answer, connect, connector, dial, start};

/// Whether the other side is gone, which it may say by an end of stream or by a reset.
fn is_loss(error: &Error<TcpError>) -> bool {
    let (Error::Transport { phase, .. } | Error::Disconnected(phase)) = error else { return false };
    matches!(phase, Phase::Start | Phase::Write | Phase::FirstByte | Phase::Reply)
}

/// Asserts that the connection says why it is closed, and goes on saying so.
fn assert_closed(connection: &mut Connection<'_, Stream>) {
    let reason = connection.close_reason().unwrap();
    assert!(matches!(reason, CloseReason::Transport(_) | CloseReason::Disconnected(_)), "{reason:?}");
    assert!(!connection.is_open() && connection.transport().is_none());
    for _ in 0..2 {
        let result = connection.execute("(+ 40 2)");
        assert!(matches!(&result, Err(Error::Closed(closed)) if *closed == reason), "{result:?}");
        let result = connection.send_async("(+ 40 2)");
        assert!(matches!(&result, Err(Error::Closed(closed)) if *closed == reason), "{result:?}");
    }
}

#[test]
fn a_server_that_dies_before_the_reply_is_a_typed_error() {
    for version in ALL {
        println!("--- {version}");
        let mut server = start(version);
        let mut buffers = Buffers::<256, 64>::new();
        let mut connection = connect(&server, buffers.lend());
        server.kill();
        let error = connection.execute("(+ 40 2)").unwrap_err();
        assert!(is_loss(&error), "{error:?}");
        assert_closed(&mut connection);

        server.restart().unwrap();
        connection.reopen(dial(&server), &Options::new()).unwrap();
        assert_eq!(answer(&mut connection, "(+ 40 2)"), "I64(42)");
    }
}

#[test]
fn a_server_that_dies_inside_a_reply_is_a_typed_error() {
    for version in ALL {
        println!("--- {version}");
        let mut server = start(version);
        let mut buffers = Buffers::<256, 64>::new();
        let mut connection = connect(&server, buffers.lend());
        // Far more than the buffers of the two sockets hold, also where it travels packed.
        let mut reply = connection.execute("(* 1.1 (til 10000000))").unwrap();
        assert!(matches!(reply.next_token(), Ok(Some(Token::Vector { count: 10_000_000, .. }))));
        assert!(matches!(reply.next_token(), Ok(Some(Token::Elements(_)))));
        server.kill();
        let error = loop {
            match reply.next_token() {
                Ok(Some(_)) => {}
                Ok(None) => panic!("the whole reply arrived"),
                Err(error) => break error,
            }
        };
        assert!(is_loss(&error), "{error:?}");
        if let Error::Peer(error) = error {
            assert!(error.offset > 10 && error.offset < 80_000_000, "{error:?}");
        }
        assert!(reply.next_token().is_err());
        assert!(reply.value().is_err());
        assert_closed(&mut connection);
    }
}

#[test]
fn a_server_that_dies_after_a_reply_shows_at_the_next_request() {
    for version in ALL {
        println!("--- {version}");
        let mut server = start(version);
        let mut buffers = Buffers::<256, 64>::new();
        let mut connection = connect(&server, buffers.lend());
        let mut reply = connection.execute("(+ 40 2)").unwrap();
        assert_eq!(reply.value().unwrap().as_i64(), Ok(42));
        server.kill();
        // What was received is still there.
        assert_eq!(reply.value().unwrap().as_i64(), Ok(42));
        assert!(connection.is_open());
        let error = connection.execute("(+ 40 2)").unwrap_err();
        assert!(is_loss(&error), "{error:?}");
        assert_closed(&mut connection);
    }
}

#[test]
fn an_engine_acquires_again_after_a_restart() {
    for version in ALL {
        println!("--- {version}");
        let mut server = start(version);
        let mut slots = [const { Slot::<_, 256, 64>::new() }; 2];
        let engine = Engine::new(connector(&server), &mut slots);
        let mut held = engine.acquire().unwrap();
        assert_eq!(held.execute("(+ 40 2)").unwrap().value().unwrap().as_i64(), Ok(42));
        engine.acquire().unwrap().release();
        assert_eq!(engine.pool_size(), 2);

        server.kill();
        assert!(is_loss(&held.execute("(+ 40 2)").unwrap_err()));
        assert!(!held.is_open() && held.close_reason().is_some());
        assert_eq!(engine.pool_size(), 1);
        let error = held.reconnect().unwrap_err();
        assert!(matches!(error, Error::Transport { phase: Phase::Connect, .. }), "{error:?}");
        drop(held);

        // The idle connection is found to be at its end.
        let error = engine.acquire().unwrap_err();
        assert!(matches!(error, Error::Transport { phase: Phase::Connect, .. }), "{error:?}");
        assert_eq!(engine.pool_size(), 0);

        server.restart().unwrap();
        for mut fresh in [engine.acquire().unwrap(), engine.acquire().unwrap()] {
            assert_eq!(fresh.execute("(+ 40 2)").unwrap().value().unwrap().as_i64(), Ok(42));
            fresh.release();
        }
        assert_eq!(engine.pool_size(), 2);
    }
}

/// The late answer would be taken for that of the next request.
#[test]
fn a_query_that_takes_too_long_closes_the_connection() {
    for version in ALL {
        println!("--- {version}");
        let server = start(version);
        let mut buffers = Buffers::<256, 128>::new();
        let mut connection = connect(&server, buffers.lend());
        connection.execute("(set slow (fn [] (sum (map (fn [x] (* x x)) (til 3000000)))))").unwrap();
        // It takes a hundred times longer.
        let mut options = Options::new();
        options.timeouts = Timeouts::all(Duration::from_secs(5));
        options.timeouts.first_byte = Duration::from_millis(1);
        connection.reopen(dial(&server), &options).unwrap();
        let error = connection.execute("(slow)").unwrap_err();
        assert!(matches!(error, Error::TimedOut(Phase::FirstByte)), "{error:?}");
        assert_eq!(connection.close_reason(), Some(CloseReason::TimedOut(Phase::FirstByte)));
        assert!(matches!(
            connection.execute("1"),
            Err(Error::Closed(CloseReason::TimedOut(Phase::FirstByte)))
        ));
    }
}

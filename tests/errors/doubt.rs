//! What leaves a connection at a place that nobody knows closes it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayforce_ipc::Error;
use rayforce_ipc::client::{Connection, Options, Push};
use rayforce_ipc::codec::{Encode, Value, Writer};
use rayforce_ipc::error::{CloseReason, Fault, Outcome, PeerError, Phase};
use rayforce_ipc::transports::duplex::Duplex;
use rayforce_ipc::transports::faulty::{End, Faults, Faulty};
use rayforce_ipc::wire::{Generation, MessageType};

use crate::support::codec::{BOTH, sent};
use crate::support::script::{Lent, Script, assert_closed, assert_goes_on, frame, play};

const UNASKED: PeerError = PeerError { fault: Fault::Unasked, offset: 0 };

#[test]
fn an_answer_that_came_too_much_is_not_taken_for_that_of_the_next_request() {
    for generation in BOTH {
        let script = Script::opened(generation).asked("(+ 1 2)").answers(&3i64).answers(&666i64);
        play(&script, 4096, |connection| {
            assert_goes_on(connection);
            assert_eq!(connection.execute("(+ 1 2)").unwrap_err(), Error::Peer(UNASKED));
            assert_eq!(connection.close_reason(), Some(CloseReason::Peer(Fault::Unasked)));
        });
    }
}

#[test]
fn an_answer_that_came_too_much_is_not_taken_for_that_of_a_request_that_is_sent() {
    for generation in BOTH {
        let script = Script::opened(generation).asked("(+ 1 2)").answers(&3i64).answers(&666i64);
        play(&script, 4096, |connection| {
            assert_goes_on(connection);
            assert_eq!(connection.send("(+ 1 2)").unwrap_err(), Error::Peer(UNASKED));
            assert_eq!(connection.close_reason(), Some(CloseReason::Peer(Fault::Unasked)));
        });
    }
}

#[test]
fn an_answer_right_behind_the_handshake_answers_nothing() {
    for generation in BOTH {
        let script = Script::opened(generation).answers(&666i64);
        play(&script, 4096, |connection| {
            assert_eq!(connection.execute("(+ 1 2)").unwrap_err(), Error::Peer(UNASKED));
            assert!(!connection.is_open());
        });
    }
}

/// The handler was told, and says nothing of it. «Closed» would say that the request was not sent.
#[test]
fn what_a_handler_has_lost_before_the_answer_leaves_doubt_about_the_request() {
    for generation in BOTH {
        let push = frame(generation, MessageType::Async, &sent(generation, &[7i64; 9]));
        let script = Script::opened(generation).asked("(+ 1 2)").says(&push[..40]).closes();
        play(&script, 4096, |connection| {
            let lost = connection.execute_with("(+ 1 2)", |push| {
                let Push::Async(mut reply) = push else { panic!("another push") };
                assert_eq!(reply.value(), Err(Error::Disconnected(Phase::FirstByte)));
                Ok(())
            });
            let error = lost.unwrap_err();
            assert_eq!((error, error.outcome()), (Error::Disconnected(Phase::FirstByte), Outcome::Unknown));
            assert_closed(connection, CloseReason::Disconnected(Phase::FirstByte));
        });
    }
}

#[test]
fn what_a_handler_has_lost_before_the_request_says_that_it_was_not_sent() {
    for generation in BOTH {
        let push = frame(generation, MessageType::Async, &sent(generation, &[7i64; 9]));
        let script = Script::opened(generation).says(&push[..40]).closes();
        play(&script, 4096, |connection| {
            let lost = connection.execute_with("(+ 1 2)", |push| {
                let Push::Async(mut reply) = push else { panic!("another push") };
                assert!(reply.value().is_err());
                Ok(())
            });
            assert_eq!(lost.unwrap_err().outcome(), Outcome::NotSent);
        });
    }
}

/// Panics in the second window of a small transmit buffer, when a part of it was sent.
struct Bomb(AtomicUsize);

impl Encode for Bomb {
    fn encode(&self, writer: &mut Writer<'_>) {
        assert!(self.0.fetch_add(1, Ordering::Relaxed) < 2, "boom");
        writer.string(&[b'x'; 100]);
    }
}

#[test]
fn a_panic_in_a_half_sent_request_closes_the_connection() {
    for generation in BOTH {
        let bomb = Bomb(AtomicUsize::new(0));
        let script = Script::opened(generation).asked_value(&rayforce_ipc::codec::Text(&[b'x'; 100]));
        let steps = script.steps();
        let mut lent = Lent::new(64, 32);
        let mut connection = Connection::open(Duplex::new(&steps), lent.lend(), &Options::new()).unwrap();
        let caught = catch_unwind(AssertUnwindSafe(|| connection.execute(&bomb).map(drop)));
        assert!(caught.is_err());
        assert!(!connection.is_open());
        assert_eq!(connection.execute("(+ 1 2)").unwrap_err(), Error::Closed(CloseReason::HalfSent));
        assert_eq!(connection.close_reason(), Some(CloseReason::HalfSent));
    }
}

#[test]
fn reading_on_after_a_timeout_says_why_it_is_closed() {
    for generation in BOTH {
        let script = Script::opened(generation).asked("(+ 1 2)").answers(&[7i64; 100]);
        let steps = script.steps();
        let faults = Faults { end_reading_after: Some((200, End::Silence)), ..Faults::default() };
        let mut lent = Lent::new(64, 64);
        let transport = Faulty::new(Duplex::new(&steps), faults);
        let mut connection = Connection::open(transport, lent.lend(), &Options::new()).unwrap();
        let mut reply = connection.execute("(+ 1 2)").unwrap();
        let failed = loop {
            match reply.next_token() {
                Ok(Some(_)) => {}
                Ok(None) => panic!("the reply is cut off"),
                Err(error) => break error,
            }
        };
        assert_eq!(failed, Error::TimedOut(Phase::Reply));
        let reason = CloseReason::TimedOut(Phase::Reply);
        assert_eq!(reply.next_token().unwrap_err(), Error::Closed(reason));
        assert_eq!(connection.close_reason(), Some(reason));
    }
}

/// Through 300,000 levels, each of which would otherwise be searched to its end.
#[test]
fn the_last_value_of_each_level_is_reached_without_a_search() {
    let mut payload = Vec::new();
    for _ in 0..300_000 {
        payload.extend_from_slice(&[0x63, 0x00, 0x7e]);
    }
    payload.push(0x7e);
    let mut value = Value::decode(Generation::V3, &payload).unwrap();
    let mut depth = 0;
    while let Value::Dict(dict) = value {
        value = dict.values();
        depth += 1;
    }
    assert_eq!(depth, 300_000);
}

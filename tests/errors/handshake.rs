//! Servers that do not let us in, or not as they should.

use rayforce_ipc::client::{Connection, Memory, Options};
use rayforce_ipc::error::{CloseReason, Error, Fault, Outcome, PeerError, Phase, Storage};
use rayforce_ipc::transports::duplex::{Duplex, DuplexError};
use rayforce_ipc::wire::Generation;

use crate::support::script::{Lent, Script, assert_closed, assert_goes_on, assert_lets_in, play};

const V1: Generation = Generation::V1;
const V3: Generation = Generation::V3;

fn demanding(generation: Generation) -> Options<'static> {
    let mut options = Options::new();
    options.generation = Some(generation);
    options
}

/// The connection is closed, with the fault as the reason.
#[track_caller]
fn assert_refused(script: &Script, options: &Options<'_>, fault: Fault, offset: u64) {
    let expected = (Error::Peer(PeerError { fault, offset }), CloseReason::Peer(fault));
    assert_fails(script, options, expected);
}

#[track_caller]
fn assert_ended(script: &Script, options: &Options<'_>) {
    let phase = Phase::Handshake;
    assert_fails(script, options, (Error::Disconnected(phase), CloseReason::Disconnected(phase)));
}

#[track_caller]
fn assert_fails(script: &Script, options: &Options<'_>, expected: (Error<DuplexError>, CloseReason)) {
    let steps = script.steps();
    let mut lent = Lent::new(64, 64);
    let mut connection = Connection::closed(lent.lend());
    assert_closed(&mut connection, CloseReason::NeverOpened);
    let error = connection.reopen(Duplex::new(&steps), options).unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotSent);
    assert_eq!(error, expected.0);
    assert_closed(&mut connection, expected.1);
}

#[test]
fn a_third_version_is_told_with_ours() {
    for theirs in [0, 2, 4, 0xfa, 0xff] {
        let script = Script::new(V3).hears(&[3, 0]).says(&[theirs, 0]);
        assert_refused(&script, &Options::new(), Fault::Version { theirs, ours: 3 }, 0);
    }
}

#[test]
fn another_generation_than_the_demanded_one_is_told() {
    let script = Script::new(V1).hears(&[3, 0]).says(&[1]);
    assert_refused(&script, &demanding(V3), Fault::Version { theirs: 1, ours: 3 }, 0);
    let script = Script::new(V3).hears(&[1, 0]).says(&[3, 0]);
    assert_refused(&script, &demanding(V1), Fault::Version { theirs: 3, ours: 1 }, 0);
}

#[test]
fn wire_1_demanded_of_a_wire_3_server_ends_without_a_word() {
    let script = Script::new(V3).hears(&[1, 0]).closes();
    assert_ended(&script, &demanding(V1));
}

#[test]
fn an_answer_that_is_no_verdict_is_a_fault() {
    for byte in [2, 3, 0xfa] {
        let script = Script::new(V3).hears(&[3, 0]).says(&[3, byte]);
        assert_refused(&script, &Options::new(), Fault::Handshake(byte), 1);
    }
}

#[test]
fn a_stream_that_ends_in_the_handshake_is_a_fault() {
    for answer in [&[][..], &[3]] {
        let script = Script::new(V3).hears(&[3, 0]).says(answer).closes();
        assert_ended(&script, &Options::new());
    }
}

#[test]
fn each_generation_can_be_demanded() {
    let wire_1 = Script::new(V1).hears(&[1, 0]).says(&[1]).goes_on();
    assert_lets_in(&wire_1, 64, &demanding(V1));
    let wire_3 = Script::opened(V3).goes_on();
    assert_lets_in(&wire_3, 64, &demanding(V3));
}

#[test]
fn a_second_handshake_byte_of_wire_1_on_windows_is_passed_over_once() {
    let windows = Script::new(V1).hears(&[3, 0]).says(&[1, 0]).goes_on().goes_on();
    for receive in [16, 64] {
        play(&windows, receive, |connection| {
            assert_eq!(connection.generation(), V1);
            assert_goes_on(connection);
            assert_goes_on(connection);
        });
    }
    let twice = Script::new(V1).hears(&[3, 0]).says(&[1, 0, 0]).goes_on();
    play(&twice, 64, |connection| {
        let error = connection.execute("(+ 1 2)").err();
        assert_eq!(error, Some(Error::Peer(PeerError { fault: Fault::Magic, offset: 0 })));
    });
    let later = Script::opened(V1).goes_on().says(&[0]).asked("(+ 1 2)");
    play(&later, 64, |connection| {
        assert_goes_on(connection);
        assert!(matches!(connection.execute("(+ 1 2)"), Err(Error::TimedOut(_))));
    });
}

#[test]
fn memory_below_the_least_is_told() {
    for (receive, transmit, what) in [(15, 1, Storage::Receive), (16, 0, Storage::Transmit)] {
        let mut lent = Lent::new(receive, transmit);
        let mut connection = Connection::closed(lent.lend());
        let (needed, available) = match what {
            Storage::Receive => (Memory::LEAST_RECEIVE, receive),
            _ => (Memory::LEAST_TRANSMIT, transmit),
        };
        let error = connection.reopen(Duplex::new(&[]), &Options::new()).unwrap_err();
        assert_eq!(error, Error::Capacity { what, needed: needed as u64, available: available as u64 });
        assert_closed(&mut connection, CloseReason::NeverOpened);
    }
}

#[test]
fn a_closed_connection_can_be_opened_anew() {
    let script = Script::opened(V3).asked("(+ 1 2)").says(b"something else").closes();
    let other = Script::opened(V1).goes_on();
    let (steps, other_steps) = (script.steps(), other.steps());
    let mut lent = Lent::new(64, 64);
    let mut connection = Connection::open(Duplex::new(&steps), lent.lend(), &Options::new()).unwrap();
    assert!(connection.execute("(+ 1 2)").is_err());
    assert_closed(&mut connection, CloseReason::Disconnected(Phase::FirstByte));
    connection.reopen(Duplex::new(&other_steps), &Options::new()).unwrap();
    assert_eq!(connection.generation(), V1);
    assert_goes_on(&mut connection);
}

//! Headers that are wrong, and streams that end.

use rayforce_ipc::error::{CloseReason, Error, Fault, PeerError, Phase};
use rayforce_ipc::wire::{Generation, MessageType};

use crate::support::codec::{BOTH, sent};
use crate::support::script::{Script, assert_closed, assert_goes_on, frame, play};

/// A reply of the generation with one byte changed; the connection is closed by it, and says why.
#[track_caller]
fn assert_closes(generation: Generation, at: usize, byte: u8, fault: Fault, offset: u64) {
    let mut reply = frame(generation, MessageType::Response, &sent(generation, &3i64));
    reply[at] = byte;
    for script in [
        Script::opened(generation).asked("(+ 1 2)").says(&reply),
        // The header of the second reply, and of one behind a push.
        Script::opened(generation).goes_on().asked("(+ 1 2)").says(&reply),
        Script::opened(generation).asked("(+ 1 2)").pushes(&()).says(&reply),
    ] {
        for receive in [16, 64] {
            play(&script, receive, |connection| {
                // The first exchange of the second script.
                let error =
                    connection.execute("(+ 1 2)").err().or_else(|| connection.execute("(+ 1 2)").err());
                assert_eq!(error, Some(Error::Peer(PeerError { fault, offset })));
                assert!(PeerError { fault, offset }.closes());
                assert_closed(connection, CloseReason::Peer(fault));
            });
        }
    }
}

#[test]
fn a_wrong_magic_number_closes() {
    for generation in BOTH {
        for at in 0..4 {
            assert_closes(generation, at, 0x55, Fault::Magic, 0);
        }
    }
}

#[test]
fn another_version_in_a_header_closes() {
    for generation in BOTH {
        let ours = generation.version();
        for theirs in [0, 2, 4, 4 - ours] {
            assert_closes(generation, 4, theirs, Fault::Version { theirs, ours }, 4);
        }
    }
}

#[test]
fn another_byte_order_closes() {
    for generation in BOTH {
        assert_closes(generation, 6, 1, Fault::ByteOrder(1), 6);
        assert_closes(generation, 6, 0xff, Fault::ByteOrder(0xff), 6);
    }
}

#[test]
fn another_message_type_closes() {
    for generation in BOTH {
        assert_closes(generation, 7, 3, Fault::MessageType(3), 7);
        assert_closes(generation, 7, 0xff, Fault::MessageType(0xff), 7);
    }
}

#[test]
fn a_negative_size_closes() {
    for generation in BOTH {
        let size = i64::from_le_bytes([sent(generation, &3i64).len() as u8, 0, 0, 0, 0, 0, 0, 0x80]);
        assert_closes(generation, 15, 0x80, Fault::Size(size), 8);
    }
}

#[test]
fn a_reply_without_payload_closes_on_wire_3() {
    let script = Script::opened(Generation::V3).asked("(+ 1 2)").answers_payload(&[]);
    play(&script, 64, |connection| {
        let fault = Fault::Size(0);
        let error = connection.execute("(+ 1 2)").err();
        assert_eq!(error, Some(Error::Peer(PeerError { fault, offset: 8 })));
        assert_closed(connection, CloseReason::Peer(fault));
    });
}

#[test]
fn unknown_flags_mean_nothing() {
    for (generation, flags) in [(Generation::V1, 0xff), (Generation::V3, 0xfe)] {
        let mut reply = frame(generation, MessageType::Response, &sent(generation, &3i64));
        reply[5] = flags;
        let script = Script::opened(generation).asked("(+ 1 2)").says(&reply).goes_on();
        play(&script, 64, |connection| {
            assert_goes_on(connection);
            assert_goes_on(connection);
        });
    }
}

#[test]
fn a_stream_that_ends_before_the_reply_closes() {
    for generation in BOTH {
        let reply = frame(generation, MessageType::Response, &sent(generation, &3i64));
        for header in [&[][..], &reply[..1], &reply[..15]] {
            let script = Script::opened(generation).asked("(+ 1 2)").says(header).closes();
            play(&script, 64, |connection| {
                let error = connection.execute("(+ 1 2)").err();
                assert_eq!(error, Some(Error::Disconnected(Phase::FirstByte)));
                assert_closed(connection, CloseReason::Disconnected(Phase::FirstByte));
            });
        }
    }
}

#[test]
fn a_stream_that_ends_in_the_reply_closes() {
    for generation in BOTH {
        let reply = frame(generation, MessageType::Response, &sent(generation, &[1i64, 2, 3]));
        let script = Script::opened(generation).asked("(+ 1 2)").says(&reply[..16 + 10 + 9]).closes();
        play(&script, 64, |connection| {
            let mut reply = connection.execute("(+ 1 2)").unwrap();
            assert!(reply.next_token().unwrap().is_some());
            assert!(reply.next_token().unwrap().is_some());
            let error = reply.next_token().unwrap_err();
            assert_eq!(error, Error::Disconnected(Phase::Reply));
            assert_closed(connection, CloseReason::Disconnected(Phase::Reply));
        });
        play(&script, 64, |connection| {
            let error = connection.execute("(+ 1 2)").unwrap().value().unwrap_err();
            assert_eq!(error, Error::Disconnected(Phase::Reply));
            assert_closed(connection, CloseReason::Disconnected(Phase::Reply));
        });
    }
}

#[test]
fn a_stream_that_ends_behind_a_reply_shows_at_the_next_request() {
    for generation in BOTH {
        let script = Script::opened(generation).goes_on().asked("(+ 1 2)").closes();
        play(&script, 64, |connection| {
            assert_goes_on(connection);
            assert!(connection.is_open());
            assert!(matches!(connection.execute("(+ 1 2)"), Err(Error::Disconnected(Phase::FirstByte))));
            assert_closed(connection, CloseReason::Disconnected(Phase::FirstByte));
        });
    }
}

#[test]
fn a_stream_that_ends_while_a_reply_is_read_away_closes() {
    for generation in BOTH {
        let reply = frame(generation, MessageType::Response, &sent(generation, &[7i64; 100]));
        let script = Script::opened(generation).asked("sevens").says(&reply[..200]).closes();
        play(&script, 64, |connection| {
            connection.execute("sevens").unwrap();
            assert!(matches!(connection.execute("(+ 1 2)"), Err(Error::Disconnected(Phase::Drain))));
            assert_closed(connection, CloseReason::Disconnected(Phase::Drain));
        });
    }
}

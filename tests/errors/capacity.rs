//! Replies that are larger than the memory that was lent.

use rayforce_ipc::client::{Options, Timeouts};
use rayforce_ipc::codec::Token;
use rayforce_ipc::error::{CloseReason, Error, RequestError, Storage};

use crate::support::codec::{BOTH, sent};
use crate::support::script::{Script, assert_closed, assert_goes_on, pieces, play, play_with};
use crate::support::tokens::read_whole;

/// Of 1610 bytes in both generations.
const LARGE: [i64; 200] = [7; 200];
const LARGE_LEN: usize = 1610;

fn too_small<E>(available: usize) -> Error<E> {
    Error::Capacity { what: Storage::Receive, needed: LARGE_LEN as u64, available: available as u64 }
}

#[test]
fn a_reply_larger_than_the_buffer_is_told_and_then_read_by_tokens() {
    for generation in BOTH {
        let script = Script::opened(generation).asked("large").answers(&LARGE).goes_on();
        let reading = read_whole(generation, &sent(generation, &LARGE));
        for receive in [16, 17, 64, 1000, LARGE_LEN - 1] {
            play(&script, receive, |connection| {
                let mut reply = connection.execute("large").unwrap();
                assert_eq!(reply.remaining_len(), LARGE_LEN as u64);
                assert_eq!(reply.value(), Err(too_small(receive)));
                assert_eq!(reply.value(), Err(too_small(receive)));
                assert_eq!(pieces(&mut reply).as_ref(), Ok(&reading.pieces));
                assert_eq!(reply.remaining_len(), 0);
                assert_goes_on(connection);
            });
        }
    }
}

#[test]
fn a_reply_as_large_as_the_buffer_is_a_value() {
    for generation in BOTH {
        let script = Script::opened(generation).asked("large").answers(&LARGE).goes_on();
        for receive in [LARGE_LEN, LARGE_LEN + 1, 5000] {
            play(&script, receive, |connection| {
                let mut reply = connection.execute("large").unwrap();
                assert_eq!(reply.value().unwrap().vector().unwrap().len(), 200);
                assert_eq!(reply.value().unwrap().vector().unwrap().len(), 200);
                assert_goes_on(connection);
            });
        }
    }
}

#[test]
fn a_reply_left_unread_is_read_away_by_the_next_request() {
    for generation in BOTH {
        let script = Script::opened(generation).asked("large").answers(&LARGE).goes_on();
        for receive in [16, 64, 5000] {
            for tokens in 0..4 {
                play(&script, receive, |connection| {
                    let mut reply = connection.execute("large").unwrap();
                    for _ in 0..tokens {
                        reply.next_token().unwrap();
                    }
                    assert_goes_on(connection);
                });
            }
        }
    }
}

#[test]
fn a_reply_left_unread_is_read_away_by_a_request_without_answer() {
    for generation in BOTH {
        let script = Script::opened(generation).asked("large").answers(&LARGE).told("(set x 1)").goes_on();
        play(&script, 16, |connection| {
            connection.execute("large").unwrap();
            connection.send_async("(set x 1)").unwrap();
            assert_goes_on(connection);
        });
    }
}

#[test]
fn a_value_cannot_be_had_once_tokens_were_taken() {
    for generation in BOTH {
        let script = Script::opened(generation).asked("large").answers(&LARGE).goes_on();
        play(&script, 5000, |connection| {
            let mut reply = connection.execute("large").unwrap();
            reply.next_token().unwrap();
            assert_eq!(reply.value(), Err(Error::Request(RequestError::AlreadyRead)));
            assert!(matches!(reply.next_token(), Ok(Some(Token::Elements(_)))));
            assert_goes_on(connection);
        });
    }
}

#[test]
fn tokens_begin_anew_after_a_value() {
    for generation in BOTH {
        let script = Script::opened(generation).asked("large").answers(&LARGE).goes_on();
        play(&script, 5000, |connection| {
            let mut reply = connection.execute("large").unwrap();
            assert!(reply.value().is_ok());
            assert_eq!(pieces(&mut reply), Ok(read_whole(generation, &sent(generation, &LARGE)).pieces));
            assert!(matches!(reply.next_token(), Ok(None)));
            assert_goes_on(connection);
        });
    }
}

fn draining(drain_limit: u64) -> Options<'static> {
    let mut options = Options::new();
    options.drain_limit = drain_limit;
    options
}

#[test]
fn a_reply_with_more_to_come_than_the_limit_closes() {
    for generation in BOTH {
        let script = Script::opened(generation).asked("large").answers(&LARGE).goes_on();
        // 64 bytes are read with the header.
        let to_come = LARGE_LEN as u64 - 48;
        play_with(&script, 64, &draining(to_come), |connection| {
            connection.execute("large").unwrap();
            assert_goes_on(connection);
        });
        play_with(&script, 64, &draining(to_come - 1), |connection| {
            connection.execute("large").unwrap();
            assert!(connection.is_open());
            let error = connection.execute("(+ 1 2)").err();
            assert_eq!(error, Some(Error::Closed(CloseReason::Undrained)));
            assert_closed(connection, CloseReason::Undrained);
        });
    }
}

#[test]
fn a_reply_that_was_read_to_its_end_counts_for_nothing() {
    for generation in BOTH {
        let script = Script::opened(generation).asked("large").answers(&LARGE).goes_on();
        play_with(&script, 5000, &draining(0), |connection| {
            assert!(connection.execute("large").unwrap().value().is_ok());
            assert_goes_on(connection);
        });
        play_with(&script, 16, &draining(0), |connection| {
            pieces(&mut connection.execute("large").unwrap()).unwrap();
            assert_goes_on(connection);
        });
    }
}

#[test]
fn the_defaults_are_those_of_the_docs() {
    let options = Options::default();
    assert_eq!((options.drain_limit, options.generation), (64 * 1024 * 1024, None));
    assert_eq!(options.timeouts, Timeouts::default());
    assert_eq!(Timeouts::new().handshake.as_secs(), 5);
    assert_eq!(Timeouts::new().first_byte.as_secs(), 30);
}

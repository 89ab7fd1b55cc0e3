//! Frames that nobody asked for: pushes are skipped and counted, questions are refused.

use rayforce_ipc::client::{Connection, Options, Push};
use rayforce_ipc::codec::{Text, Token, Value};
use rayforce_ipc::transports::duplex::Duplex;
use rayforce_ipc::wire::{Generation, MessageType};

use crate::support::codec::BOTH;
use crate::support::hex::unhex;
use crate::support::script::{Lent, Script, assert_goes_on, frame, packed_frame, play};

const SIZES: [usize; 4] = [16, 17, 64, 4096];

#[test]
fn pushes_before_an_answer_are_skipped_and_counted() {
    for generation in BOTH {
        let mut script = Script::opened(generation).asked("(+ 1 2)");
        for len in 0..100 {
            script = script.pushes(&Text(&vec![7; len]));
        }
        let script = script.answers(&3i64).asked("(+ 1 2)").pushes(&()).answers(&3i64);
        for receive in SIZES {
            play(&script, receive, |connection| {
                assert_eq!(connection.skipped(), 0);
                assert_goes_on(connection);
                assert_eq!(connection.skipped(), 100);
                assert_goes_on(connection);
                assert_eq!(connection.skipped(), 101);
            });
        }
    }
}

#[test]
fn pushes_that_came_between_requests_are_skipped_by_the_next_one() {
    for generation in BOTH {
        let script = Script::opened(generation).pushes(&1i64).goes_on().pushes(&2i64).pushes(&3i64).goes_on();
        for receive in SIZES {
            play(&script, receive, |connection| {
                assert_goes_on(connection);
                assert_eq!(connection.skipped(), 1);
                assert_goes_on(connection);
                assert_eq!(connection.skipped(), 3);
            });
        }
    }
}

#[test]
fn pushes_larger_than_the_receive_buffer_are_skipped() {
    for generation in BOTH {
        let script =
            Script::opened(generation).asked("(+ 1 2)").pushes(&[7i64; 5000]).answers(&3i64).goes_on();
        for receive in SIZES {
            play(&script, receive, |connection| {
                assert_goes_on(connection);
                assert_eq!(connection.skipped(), 1);
                assert_goes_on(connection);
            });
        }
    }
}

#[test]
fn pushes_that_no_decoder_can_read_are_skipped() {
    let packed = packed_frame(MessageType::Async, &[0, 0, 0, 0, 0xff]);
    let broken = frame(Generation::V3, MessageType::Async, &[50, 0, 0, 0, 0xff]);
    let script = Script::opened(Generation::V3).asked("(+ 1 2)").says(&packed).says(&broken).answers(&3i64);
    for receive in SIZES {
        play(&script, receive, |connection| {
            assert_goes_on(connection);
            assert_eq!(connection.skipped(), 2);
        });
    }
}

#[test]
fn packed_pushes_are_skipped() {
    // 2001 zeros in 42 bytes.
    let mut payload = vec![0xd1, 7, 0, 0];
    payload.extend([0x7f, 0].repeat(15));
    payload.extend([0x60, 0]);
    let packed = packed_frame(MessageType::Async, &payload);
    let script = Script::opened(Generation::V3).asked("(+ 1 2)").says(&packed).answers(&3i64).goes_on();
    for receive in SIZES {
        play(&script, receive, |connection| {
            assert_goes_on(connection);
            assert_goes_on(connection);
            assert_eq!(connection.skipped(), 1);
        });
    }
}

#[test]
fn a_question_is_refused_at_once() {
    let refusal = |generation| match generation {
        Generation::V1 => unhex("fadeface 01 00 00 02 0100000000000000 7e"),
        Generation::V3 => unhex("fadeface 03 00 00 02 0900000000000000 7f 6e79690000000000"),
    };
    for generation in BOTH {
        let question = Text::from("2+2? and some more that a small buffer does not hold");
        let script = Script::opened(generation)
            .asked("(+ 1 2)")
            .questions(&question)
            .hears(&refusal(generation))
            .answers(&3i64)
            .asked("(+ 1 2)")
            .pushes(&1i64)
            .questions(&question)
            .hears(&refusal(generation))
            .questions(&question)
            .hears(&refusal(generation))
            .answers(&3i64);
        for receive in SIZES {
            play(&script, receive, |connection| {
                assert_goes_on(connection);
                assert_eq!(connection.skipped(), 1);
                assert_goes_on(connection);
                assert_eq!(connection.skipped(), 4);
            });
        }
    }
}

#[test]
fn a_question_between_requests_is_refused_by_the_next_one() {
    for generation in BOTH {
        let script = Script::opened(generation)
            .goes_on()
            .questions(&Text::from("2+2?"))
            .asked("(+ 1 2)")
            .refused()
            .answers(&3i64);
        play(&script, 16, |connection| {
            assert_goes_on(connection);
            assert_goes_on(connection);
        });
    }
}

#[test]
fn what_is_skipped_is_counted_anew_for_each_stream() {
    let script = Script::opened(Generation::V3).pushes(&()).goes_on();
    let (steps, other_steps) = (script.steps(), script.steps());
    let mut lent = Lent::new(16, 16);
    let mut connection = Connection::open(Duplex::new(&steps), lent.lend(), &Options::new()).unwrap();
    for steps in [&other_steps, &other_steps] {
        assert_goes_on(&mut connection);
        assert_eq!(connection.skipped(), 1);
        connection.reopen(Duplex::new(steps), &Options::new()).unwrap();
        assert_eq!(connection.skipped(), 0);
    }
}

#[test]
fn what_came_before_the_request_goes_to_the_handler_too() {
    for generation in BOTH {
        let script =
            Script::opened(generation).goes_on().pushes(&7i64).asked("(+ 1 2)").pushes(&8i64).answers(&3i64);
        for receive in SIZES {
            play(&script, receive, |connection| {
                assert_goes_on(connection);
                let mut seen = Vec::new();
                let mut reply = connection
                    .execute_with("(+ 1 2)", |push| {
                        let Push::Async(mut pushed) = push else { panic!("{push:?}") };
                        let Some(Token::Atom(Value::I64(number))) = pushed.next_token()? else {
                            panic!("a number")
                        };
                        seen.push(number);
                        Ok(())
                    })
                    .unwrap();
                assert!(reply.next_token().unwrap().is_some());
                assert_eq!(seen, [7, 8]);
                assert_eq!(connection.skipped(), 0);
            });
        }
    }
}

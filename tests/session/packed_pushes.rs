//! Packed frames that nobody asked for.

use rayforce_ipc::client::{Connection, Options, Push, Topic};
use rayforce_ipc::codec::literal::{Call, List};
use rayforce_ipc::codec::{Symbol, Text, Value};
use rayforce_ipc::error::{Error, Fault};
use rayforce_ipc::transports::duplex::Duplex;
use rayforce_ipc::transports::faulty::{Faults, Faulty};
use rayforce_ipc::wire::{Generation, MessageType};

use crate::support::codec::sent;
use crate::support::pack::pack;
use crate::support::script::{Lent, Script, assert_goes_on, packed_frame, pieces, play_with};

const V3: Generation = Generation::V3;

#[test]
fn pushes_are_limited_and_held_to_what_they_announce_when_they_are_read() {
    let payload = pack(&sent(V3, &[0u8; 100]));
    let limit = 110;
    let announcing = |len: u32| [&len.to_le_bytes(), &payload[4..]].concat();
    let cases = [
        (announcing(110), None),
        (announcing(111), Some(Fault::Unpacked { len: 111, limit })),
        ([&payload[..], &[1, 1]].concat(), Some(Fault::Packing)),
        (payload[..payload.len() - 2].to_vec(), Some(Fault::Packing)),
    ];
    for (payload, fault) in cases {
        let push = packed_frame(MessageType::Async, &payload);
        let script = Script::opened(V3).asked("(+ 40 2)").answers(&42i64).says(&push).goes_on();
        let options = Options { unpack_limit: limit, ..Options::new() };
        for receive in [16, 64, 4096] {
            play_with(&script, receive, &options, |connection| {
                assert_eq!(pieces(&mut connection.execute("(+ 40 2)").unwrap()).unwrap().len(), 1);
                let Some(Push::Async(mut push)) = connection.next_push().unwrap() else { panic!("no push") };
                match (pieces(&mut push), fault) {
                    (Ok(pieces), None) => assert_eq!(pieces.len(), 2),
                    (Err(Error::Peer(error)), Some(fault)) => assert_eq!(error.fault, fault),
                    other => panic!("{other:?}"),
                }
                assert_goes_on(connection);
            });
        }
    }
}

#[test]
fn packed_publications_are_values_wherever_their_envelope_and_payload_find_room() {
    const TOPIC: &str = "topic";
    let numbers: Vec<i64> = (0..30).map(|number| number * number * 0x0101_0307).collect();
    let numbers = numbers.as_slice();
    let value = sent(V3, &numbers);
    let quoted = List(&[&Symbol::name("quote"), &numbers]);
    let plain = sent(V3, &List(&[&Symbol::name("upd"), &Text::from(TOPIC), &1i64, &quoted]));
    let push = packed_frame(MessageType::Async, &pack(&plain));
    let subscribe = Call(".mc.sub", &[&Symbol::quoted(TOPIC)]);
    let script = Script::opened(V3).asked_value(&subscribe).answers(&1i64).says(&push).goes_on();
    let steps = script.steps();
    for receive in (118..2 * plain.len()).chain([4096]) {
        for read_at_most in [1, 3, 17, 1000] {
            let faults = Faults { read_at_most: Some(read_at_most), ..Faults::default() };
            let (mut lent, mut slots) = (Lent::new(receive, 64), [Topic::new()]);
            let stream = Faulty::new(Duplex::new(&steps), faults);
            let mut connection = Connection::open(stream, lent.lend(), &Options::new()).unwrap();
            connection.lend_topics(&mut slots);
            connection.subscribe(TOPIC).unwrap();
            let Some(Push::Message { mut payload, .. }) = connection.next_push().unwrap() else {
                panic!("no message")
            };
            match payload.value() {
                Ok(got) => assert_eq!(got, Value::decode(V3, &value).unwrap(), "{receive} {read_at_most}"),
                Err(Error::Capacity { needed, available, .. }) => {
                    assert!(needed > available && receive < plain.len() + 16, "{receive} {read_at_most}");
                    assert_eq!(pieces(&mut payload).unwrap().len(), 2);
                }
                Err(other) => panic!("{receive} {read_at_most}: {other}"),
            }
            assert_goes_on(&mut connection);
        }
    }
}

/// A run of equal letters is packed to two bytes, so that more comes along than leaves room for the envelope.
#[test]
fn a_packed_envelope_is_recognised_whatever_comes_along_behind_it() {
    let topic = "t".repeat(60);
    let quoted = List(&[&Symbol::name("quote"), &7i64]);
    let plain = sent(V3, &List(&[&Symbol::name("upd"), &Text::from(topic.as_str()), &1i64, &quoted]));
    let push = packed_frame(MessageType::Async, &pack(&plain));
    let behind = packed_frame(MessageType::Async, &pack(&sent(V3, &Text::from("noise"))));
    let subscribe = Call(".mc.sub", &[&Symbol::quoted(&topic)]);
    let numbers: Vec<i64> = (0..60).map(|number| number * number * 0x0101_0307).collect();
    let script = Script::opened(V3).asked_value(&subscribe).answers(&1i64);
    let script = script.pushes(&numbers.as_slice()).says(&push).says(&behind).pushes(&numbers.as_slice());
    let script = script.goes_on();
    let steps = script.steps();
    for receive in 228..600 {
        for read_at_most in [None, Some(1), Some(50)] {
            let faults = Faults { read_at_most, ..Faults::default() };
            let (mut lent, mut slots) = (Lent::new(receive, 64), [Topic::new()]);
            let stream = Faulty::new(Duplex::new(&steps), faults);
            let mut connection = Connection::open(stream, lent.lend(), &Options::new()).unwrap();
            connection.lend_topics(&mut slots);
            connection.subscribe(&topic).unwrap();
            let Some(Push::Async(mut push)) = connection.next_push().unwrap() else { panic!("a push") };
            // All of the buffer is had for a value all the same.
            match push.value() {
                Ok(_) => assert!(receive >= 490),
                Err(error) => assert!(matches!(error, Error::Capacity { .. }) && receive < 490, "{error}"),
            }
            let push = connection.next_push().unwrap();
            assert!(matches!(push, Some(Push::Message { sequence: 1, .. })), "{receive}: {push:?}");
            assert_goes_on(&mut connection);
        }
    }
}

//! Topics that come and go while something is under way.

use rayforce_ipc::client::{Connection, Options, Push, Topic};
use rayforce_ipc::codec::literal::{Call, List};
use rayforce_ipc::codec::{Symbol, Text, Value};
use rayforce_ipc::error::{Error, RequestError};
use rayforce_ipc::transports::duplex::Duplex;
use rayforce_ipc::wire::Generation;

use crate::support::script::{Lent, Script, assert_goes_on};

const V3: Generation = Generation::V3;

fn opened(topic: &str) -> Script {
    Script::opened(V3).asked_value(&Call(".mc.sub", &[&Symbol::quoted(topic)])).answers(&1i64)
}

fn publishes(script: Script, topic: &str, sequence: i64) -> Script {
    let quoted = List(&[&Symbol::name("quote"), &sequence]);
    script.pushes(&List(&[&Symbol::name("upd"), &Text::from(topic), &sequence, &quoted]))
}

#[test]
fn a_subscription_that_cannot_be_sent_takes_no_slot() {
    let script = Script::opened(V3).asked("1").answers(&1i64);
    let script = script.asked_value(&Call(".mc.sub", &[&Symbol::quoted("b")])).answers(&1i64).goes_on();
    let steps = script.steps();
    let (mut lent, mut slots) = (Lent::new(256, 64), [Topic::new()]);
    let mut connection = Connection::open(Duplex::new(&steps), lent.lend(), &Options::new()).unwrap();
    connection.lend_topics(&mut slots);
    connection.send("1").unwrap();
    assert_eq!(connection.subscribe("a"), Err(Error::Request(RequestError::Pending)));
    connection.receive().unwrap();
    connection.subscribe("b").unwrap();
    assert_goes_on(&mut connection);
}

#[test]
fn a_closed_connection_takes_no_slot() {
    let script = opened("b").goes_on();
    let steps = script.steps();
    let (mut lent, mut slots) = (Lent::new(256, 64), [Topic::new()]);
    let mut connection = Connection::closed(lent.lend());
    connection.lend_topics(&mut slots);
    assert!(matches!(connection.subscribe("a"), Err(Error::Closed(_))));
    connection.reopen(Duplex::new(&steps), &Options::new()).unwrap();
    connection.subscribe("b").unwrap();
    assert_goes_on(&mut connection);
}

/// What was missed before a message is said first, and the message waits behind it.
#[test]
fn a_message_that_waits_behind_its_gap_goes_with_its_topic() {
    for lends in [false, true] {
        let script = publishes(opened("a"), "a", 3);
        let script = script.asked("1").pushes(&7i64).answers(&1i64).goes_on();
        let steps = script.steps();
        let (mut lent, mut slots, mut others) = (Lent::new(256, 64), [Topic::new()], [Topic::new()]);
        let mut connection = Connection::open(Duplex::new(&steps), lent.lend(), &Options::new()).unwrap();
        connection.lend_topics(&mut slots);
        connection.subscribe("a").unwrap();
        assert!(matches!(connection.next_push(), Ok(Some(Push::Gap { topic: "a", .. }))));
        if lends {
            connection.lend_topics(&mut others);
        }
        connection.send("1").unwrap();
        if !lends {
            assert_eq!(connection.unsubscribe("a"), Err(Error::Request(RequestError::Pending)));
        }
        let Some(Push::Async(mut push)) = connection.next_push().unwrap() else { panic!("a push") };
        assert_eq!(push.value(), Ok(Value::I64(7)));
        connection.receive().unwrap();
        assert_goes_on(&mut connection);
    }
}

/// A connection that had topics once, to a server whose errors have texts: the room for topics is not filled by a text.
#[test]
fn the_text_of_an_error_leaves_room_to_go_on() {
    let text = [b'x'; 200];
    let error = [&[0x7f, 5, 12, 0, 200, 0, 0, 0, 0, 0, 0, 0][..], &text].concat();
    for receive in [120, 121, 150, 232, 300] {
        let (before, after) = (
            opened("a").asked_value(&Call(".mc.unsub", &[&Symbol::quoted("a")])).answers(&()),
            Script::opened(Generation::V1).asked("1").answers_payload(&error).pushes(&7i64).goes_on(),
        );
        let (before, after) = (before.steps(), after.steps());
        let (mut lent, mut slots) = (Lent::new(receive, 64), [Topic::new()]);
        let mut connection = Connection::open(Duplex::new(&before), lent.lend(), &Options::new()).unwrap();
        connection.lend_topics(&mut slots);
        connection.subscribe("a").unwrap();
        connection.unsubscribe("a").unwrap();
        connection.reopen(Duplex::new(&after), &Options::new()).unwrap();
        assert!(matches!(connection.execute("1"), Err(Error::Server(_))));
        let kept = connection.error_text().unwrap().as_bytes().to_vec();
        assert!(!kept.is_empty() && text.starts_with(&kept), "{receive}: {} bytes", kept.len());
        // No request comes between, with which the text would go.
        let Some(Push::Async(mut push)) = connection.next_push().unwrap() else { panic!("a push") };
        assert_eq!(push.value(), Ok(Value::I64(7)));
        assert_goes_on(&mut connection);
    }
}

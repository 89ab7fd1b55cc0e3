//! Answers that are error values: no failure at all.

use rayforce_ipc::codec::Value;
use rayforce_ipc::error::{Error, Fault, PeerError, ServerError};
use rayforce_ipc::wire::Generation;

use crate::support::codec::sent;
use crate::support::hex::unhex;
use crate::support::script::{Script, assert_goes_on, play};
use crate::support::vectors::decodable;

const V1: Generation = Generation::V1;
const V3: Generation = Generation::V3;

const MESSAGE: &str = "add: unsupported types: 'i64, 'symbol";

/// Of dialect 1a: a code, and a message that ends in a NUL.
fn with_message(code: u8, message: &str) -> Vec<u8> {
    let message = sent(V1, &rayforce_ipc::codec::Text(format!("{message}\0").as_bytes()));
    [&[0x7f, code], &message[..]].concat()
}

/// The error of a payload, through small and large buffers; the connection goes on.
#[track_caller]
fn server_error(generation: Generation, payload: &[u8]) -> ServerError {
    let script = Script::opened(generation).asked("failing").answers_payload(payload).goes_on();
    let mut found = Vec::new();
    for receive in [16, 17, 48, 4096] {
        play(&script, receive, |connection| {
            match connection.execute("failing").err() {
                Some(Error::Server(error)) => found.push(error),
                other => panic!("{other:?}"),
            }
            assert_goes_on(connection);
        });
    }
    assert!(found.iter().all(|error| error == &found[0]), "{found:?}");
    found[0]
}

#[track_caller]
fn assert_error(error: ServerError, code: &str, number: Option<u8>, text: &str) {
    assert_eq!((error.code(), error.number()), (code, number));
    assert_eq!(error.to_string(), text);
    assert_eq!(Error::<Fault>::Server(error).to_string(), format!("server error: {text}"));
}

#[test]
fn an_error_of_wire_3_is_a_name() {
    assert_error(server_error(V3, &unhex("7f 7479706500000000")), "type", None, "type");
    assert_error(server_error(V3, &unhex("7f 6163636573730000")), "access", None, "access");
    assert_error(server_error(V3, &unhex("7f 6569676874776f72")), "eightwor", None, "eightwor");
    assert_error(server_error(V3, &unhex("7f 0000000000000000")), "", None, "");
}

#[test]
fn an_error_of_dialect_1a_is_a_number_with_a_message() {
    assert_error(server_error(V1, &with_message(5, MESSAGE)), "type", Some(5), "type");
    assert_error(server_error(V1, &with_message(18, "")), "raised", Some(18), "raised");
    assert_error(server_error(V1, &with_message(99, "?")), "unknown", Some(99), "unknown");
}

#[test]
fn an_error_of_dialect_1b_is_a_record() {
    let record = |hex: &str| {
        let mut payload = unhex(hex);
        payload.resize(33, 0);
        server_error(V1, &payload)
    };
    let type_error = record("7f 01 00000000000000 fbfa");
    assert_error(type_error, "type", Some(1), "type: expected i64, got symbol");
    assert_eq!(type_error.detail()[..2], [0xfb, 0xfa]);
    assert_error(record("7f 02 00000000000000 0201"), "arity", Some(2), "arity: needs 2, got 1");
    assert_error(record("7f 08 00000000000000 6f000000"), "os", Some(8), "os: errno 111");
    assert_error(record("7f 09 00000000000000"), "parse", Some(9), "parse");
}

#[test]
fn errors_of_real_servers_leave_the_connection_usable() {
    let mut count = 0;
    for vector in decodable() {
        let header = vector.header();
        let Ok(Value::Error(error)) = Value::decode(vector.generation, &vector.payload) else { continue };
        assert!(!header.packed);
        assert_eq!(server_error(vector.generation, &vector.payload), error.error(), "{}", vector.id);
        count += 1;
    }
    assert!(count > 20, "{count}");
}

/// The text of an error through a receive buffer, if there is any; none after the next request.
fn error_text(receive: usize, payload: &[u8]) -> Option<String> {
    let mut text = None;
    let script = Script::opened(V1).asked("failing").answers_payload(payload).goes_on();
    play(&script, receive, |connection| {
        assert_eq!(connection.error_text(), None);
        assert!(matches!(connection.execute("failing"), Err(Error::Server(_))));
        text = connection.error_text().map(|text| text.as_str().unwrap().to_owned());
        assert_goes_on(connection);
        assert_eq!(connection.error_text(), None);
    });
    text
}

#[test]
fn the_message_of_an_error_stays_until_the_next_request() {
    assert_eq!(error_text(4096, &with_message(5, MESSAGE)).as_deref(), Some(MESSAGE));
    assert_eq!(error_text(128, &with_message(5, MESSAGE)).as_deref(), Some(MESSAGE));
    assert_eq!(error_text(4096, &with_message(5, "")), None);
    assert_eq!(error_text(4096, &unhex("7f 12 0c 00 0400000000000000 626f6f6d")).as_deref(), Some("boom"));
}

#[test]
fn a_message_is_cut_to_the_room_there_is() {
    assert_eq!(error_text(48, &with_message(5, MESSAGE)).as_deref(), Some(&MESSAGE[..16]));
    assert_eq!(error_text(40, &with_message(5, MESSAGE)).as_deref(), Some(&MESSAGE[..8]));
    assert_eq!(error_text(16, &with_message(5, MESSAGE)), None);
}

#[test]
fn a_message_stays_over_requests_that_cannot_be_sent() {
    let script = Script::opened(V1).asked("failing").answers_payload(&with_message(5, MESSAGE)).goes_on();
    play(&script, 128, |connection| {
        connection.execute("failing").err();
        assert!(connection.execute(&rayforce_ipc::codec::Symbol::name("\0")).is_err());
        assert_eq!(connection.error_text().unwrap().as_str(), Ok(MESSAGE));
        assert_goes_on(connection);
    });
}

#[test]
fn an_error_behind_which_bytes_follow_is_a_fault_on_wire_3() {
    let script =
        Script::opened(V3).asked("failing").answers_payload(&unhex("7f 7479706500000000 00")).goes_on();
    for receive in [16, 64] {
        play(&script, receive, |connection| {
            let fault = Fault::TrailingBytes(1);
            let error = connection.execute("failing").err();
            assert_eq!(error, Some(Error::Peer(PeerError { fault, offset: 9 })));
            assert_goes_on(connection);
        });
    }
}

#[test]
fn an_error_that_is_cut_short_is_a_fault() {
    for (generation, payload) in [
        (V3, unhex("7f 747970")),
        (V1, unhex("7f")),
        (V1, unhex("7f 05")),
        (V1, with_message(5, MESSAGE)[..30].to_vec()),
        (V1, unhex("7f 05 32")),
    ] {
        let script = Script::opened(generation).asked("failing").answers_payload(&payload).goes_on();
        for receive in [16, 64] {
            play(&script, receive, |connection| {
                let error = connection.execute("failing").err();
                assert!(matches!(error, Some(Error::Peer(error)) if !error.closes()), "{error:?}");
                assert_goes_on(connection);
            });
        }
    }
}

#[test]
fn an_error_inside_a_value_is_a_value() {
    let payload = unhex("00 00 0200000000000000 f3 00 0000000000000000 7f 7479706500000000");
    let script = Script::opened(V3).asked("verbose").answers_payload(&payload).goes_on();
    play(&script, 64, |connection| {
        let mut reply = connection.execute("verbose").unwrap();
        let list = reply.value().unwrap().list().unwrap();
        assert!(matches!(list.get(1), Some(Value::Error(error)) if error.error().code() == "type"));
        assert_goes_on(connection);
    });
}

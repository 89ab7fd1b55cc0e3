//! Errors of the server, and replies that cannot be decoded: typed, and the connection goes on.

use rayforce_ipc::client::Connection;
use rayforce_ipc::error::Fault;
use rayforce_ipc::transports::tcp::Stream;
use rayforce_ipc::wire::ServerError;
use rayforce_ipc::{Error, codec::Symbol};

use crate::support::{ALL, Call, WIRE_1, answer, on_each};

/// A program and what 0.1.5, 1.0.0, 2.0.0 and 2.4.0 say to it.
const PROGRAMS: [(&str, [&str; 4]); 9] = [
    ("no_such_name", ["eval", "value", "name", "name"]),
    ("(no_such_function 1)", ["eval", "value", "name", "name"]),
    ("(+ 1 'a)", ["type", "type: expected i64, got symbol", "type", "type"]),
    ("(+ 1", ["parse", "domain", "parse", "parse"]),
    ("(+ 1)", ["arity", "arity: needs 2, got 1", "arity", "arity"]),
    ("(1 2)", ["eval", "type: expected LAMBDA, got i64", "type", "type"]),
    ("(til -1)", ["index", "domain", "domain", "domain"]),
    ("(raise \"boom\")", ["raised", "user", "domain", "domain"]),
    ("(read \"/no/such/file\")", ["sys", "os: errno 2", "io", "io"]),
];

fn error(connection: &mut Connection<'_, Stream>, program: &str) -> ServerError {
    match connection.execute(program) {
        Err(Error::Server(error)) => error,
        other => panic!("{program}: {other:?}"),
    }
}

#[test]
fn an_error_of_the_server_is_typed_and_the_connection_goes_on() {
    for (at, version) in ALL.iter().enumerate() {
        on_each(&[version], |_, connection| {
            for (program, said) in PROGRAMS {
                assert_eq!(error(connection, program).to_string(), said[at], "{program}");
                assert!(connection.is_open());
                assert_eq!(answer(connection, "(+ 40 2)"), "I64(42)");
            }
        });
    }
}

#[test]
fn an_error_of_a_request_that_is_an_object_is_the_same() {
    on_each(ALL, |_, connection| {
        let expected = error(connection, "(+ 1 'a)").code().to_owned();
        // As the argument of a call a symbol is a name on 0.1.5, which does not find it.
        let expected =
            if expected == "type" && connection.error_text().is_some() { "eval".into() } else { expected };
        let result = connection.execute(&Call("+", &[&1i64, &Symbol::quoted("a")]));
        assert!(matches!(result, Err(Error::Server(error)) if error.code() == expected), "{result:?}");
        assert_eq!(answer(connection, "(+ 40 2)"), "I64(42)");
    });
}

#[test]
fn only_0_1_5_puts_its_errors_into_words() {
    on_each(ALL, |server, connection| {
        let mut words = |program| {
            error(connection, program);
            connection.error_text().map(|text| text.to_string())
        };
        let found = [words("no_such_name"), words("(+ 1 'a)"), words("(raise \"boom\")")];
        match server.version() {
            "0.1.5" => {
                let expected =
                    ["undefined symbol: 'no_such_name", "add: unsupported types: 'i64, 'symbol", "boom"];
                assert_eq!(found, expected.map(|text| Some(text.to_owned())));
            }
            _ => assert_eq!(found, [None, None, None]),
        }
        // The next request forgets them.
        assert_eq!(answer(connection, "(+ 40 2)"), "I64(42)");
        assert!(connection.error_text().is_none());
    });
}

#[test]
fn a_long_text_of_an_error_is_cut_where_the_buffer_is_small() {
    let server = crate::support::start("0.1.5");
    let mut buffers = rayforce_ipc::client::Buffers::<64, 256>::new();
    let mut connection = crate::support::connect(&server, buffers.lend());
    let long = "long text ".repeat(50);
    error(&mut connection, &format!("(raise \"{long}\")"));
    let text = connection.error_text().unwrap().to_string();
    assert!(!text.is_empty() && text.len() < 64 && long.starts_with(&text), "{text:?}");
    assert_eq!(answer(&mut connection, "(+ 40 2)"), "I64(42)");
}

/// Wire-1 servers leave i16 vectors out of their replies.
#[test]
fn a_reply_that_cannot_be_decoded_does_not_break_the_connection() {
    on_each(WIRE_1, |_, connection| {
        for program in
            ["[1h 2h]", "(list 5 [1h 2h])", "(list [1h 2h] 5)", "(table [a b] (list [1h 2h] [1 2]))"]
        {
            let error =
                connection.execute(program).unwrap().value().map(|value| value.to_string()).unwrap_err();
            let Error::Peer(error) = error else { panic!("{program}: {error}") };
            assert!(matches!(error.fault, Fault::UnexpectedEnd { .. }), "{program}: {error}");
            assert!(!error.closes() && connection.is_open());
            assert_eq!(answer(connection, "(+ 40 2)"), "I64(42)");

            let mut reply = connection.execute(program).unwrap();
            let error = loop {
                match reply.next_token() {
                    Ok(Some(_)) => {}
                    Ok(None) => panic!("{program}: decoded"),
                    Err(error) => break error,
                }
            };
            assert!(matches!(error, Error::Peer(_)), "{program}: {error}");
            assert_eq!(answer(connection, "(+ 40 2)"), "I64(42)");
        }
    });
}

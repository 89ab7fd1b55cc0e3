//! Requests that ask for what is printed, too.

use rayforce_ipc::Error;
use rayforce_ipc::client::{Connection, Verbose};
use rayforce_ipc::error::RequestError;
use rayforce_ipc::transports::tcp::Stream;

use crate::support::{WIRE_1, WIRE_3, answer, on_each};

/// All that is printed, through a chunk of so many bytes.
fn printed(verbose: &mut Verbose<'_, '_, Stream>, size: usize) -> String {
    let (mut text, mut chunk) = (Vec::new(), vec![0; size]);
    while let count @ 1.. = verbose.read(&mut chunk).unwrap() {
        text.extend_from_slice(&chunk[..count]);
    }
    String::from_utf8(text).unwrap()
}

fn ask<'c, 'b>(connection: &'c mut Connection<'b, Stream>, request: &str) -> Verbose<'c, 'b, Stream> {
    connection.execute_verbose(request).unwrap()
}

#[test]
fn what_is_printed_comes_before_the_value() {
    on_each(WIRE_3, |_, connection| {
        for size in [1, 3, 100] {
            let mut verbose = ask(connection, "(do (println \"hi\") (println \"there\") (+ 40 2))");
            assert_eq!(printed(&mut verbose, size), "hi\nthere\n");
            assert_eq!(verbose.result().unwrap().value().unwrap().as_i64(), Ok(42));
        }
        // Unread, half-read, and nothing at all.
        assert_eq!(
            ask(connection, "(do (println \"hi\") 5)").result().unwrap().value().unwrap().as_i64(),
            Ok(5)
        );
        let mut verbose = ask(connection, "(do (println \"a long text\") 6)");
        assert_eq!(verbose.read(&mut [0; 4]).unwrap(), 4);
        assert_eq!(verbose.result().unwrap().value().unwrap().as_i64(), Ok(6));
        let mut verbose = ask(connection, "7");
        assert_eq!(printed(&mut verbose, 10), "");
        let mut reply = verbose.result().unwrap();
        let mut columns = reply.columns().unwrap();
        assert_eq!(columns.next().unwrap().unwrap().read(&mut [0i64; 2]).unwrap(), 1);
        // Dropped, it is read away.
        let _ = ask(connection, "(do (println \"hi\") (til 100000))");
        assert_eq!(answer(connection, "(+ 40 2)"), "I64(42)");
    });
}

#[test]
fn an_error_comes_after_what_was_printed() {
    on_each(WIRE_3, |_, connection| {
        for request in ["(do (println \"hi\") (+ 1 'a))", "(+ 1 'a)"] {
            let mut verbose = ask(connection, request);
            let text = printed(&mut verbose, 10);
            assert_eq!(text, if request.starts_with("(do") { "hi\n" } else { "" });
            match verbose.result() {
                Err(Error::Server(error)) => assert_eq!(error.code(), "type"),
                other => panic!("{other:?}"),
            }
            assert_eq!(answer(connection, "(+ 40 2)"), "I64(42)");
        }
    });
}

#[test]
fn a_large_value_behind_what_was_printed_is_read_by_columns() {
    on_each(WIRE_3, |_, connection| {
        let verbose = ask(connection, "(do (println \"hi\") (table [a b] (list (til 100000) (til 100000))))");
        let mut reply = verbose.result().unwrap();
        let mut columns = reply.columns().unwrap();
        let mut sum = 0;
        while let Some(mut column) = columns.next().unwrap() {
            assert_eq!(column.count(), 100_000);
            let mut chunk = [0i64; 100];
            while let count @ 1.. = column.read(&mut chunk).unwrap() {
                sum += chunk[..count].iter().sum::<i64>();
            }
        }
        assert_eq!(sum, 2 * (0..100_000i64).sum::<i64>());
    });
}

#[test]
fn wire_1_has_no_such_requests() {
    on_each(WIRE_1, |_, connection| {
        match connection.execute_verbose("(+ 1 2)") {
            Err(Error::Request(RequestError::Lacks { dialect: None, .. })) => {}
            other => panic!("{other:?}"),
        }
        assert_eq!(answer(connection, "(+ 40 2)"), "I64(42)");
    });
}

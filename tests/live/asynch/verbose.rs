//! Requests that ask for what is printed, too.

use rayforce_ipc::client::asynch;
use rayforce_ipc::transports::tokio::Stream;

use super::support::{Connection, Error, answer, on_each};
use crate::support::WIRE_3;

type Verbose<'c, 'b> = asynch::Verbose<'c, 'b, Stream>;

/// All that is printed, through a chunk of so many bytes.
async fn printed(verbose: &mut Verbose<'_, '_>, size: usize) -> String {
    let (mut text, mut chunk) = (Vec::new(), vec![0; size]);
    while let count @ 1.. = verbose.read(&mut chunk).await.unwrap() {
        text.extend_from_slice(&chunk[..count]);
    }
    String::from_utf8(text).unwrap()
}

async fn value_of(verbose: Verbose<'_, '_>) -> i64 {
    verbose.result().await.unwrap().value().await.unwrap().as_i64().unwrap()
}

async fn ask<'c, 'b>(connection: &'c mut Connection<'b>, request: &str) -> Verbose<'c, 'b> {
    connection.execute_verbose(request).await.unwrap()
}

#[tokio::test]
async fn what_is_printed_comes_before_the_value() {
    on_each(WIRE_3, async |_, connection| {
        for size in [1, 3, 100] {
            let mut verbose = ask(connection, "(do (println \"hi\") (println \"there\") (+ 40 2))").await;
            assert_eq!(printed(&mut verbose, size).await, "hi\nthere\n");
            assert_eq!(value_of(verbose).await, 42);
        }
        // Unread, half-read, and nothing at all.
        assert_eq!(value_of(ask(connection, "(do (println \"hi\") 5)").await).await, 5);
        let mut verbose = ask(connection, "(do (println \"a long text\") 6)").await;
        assert_eq!(verbose.read(&mut [0; 4]).await.unwrap(), 4);
        assert_eq!(value_of(verbose).await, 6);
        let mut verbose = ask(connection, "7").await;
        assert_eq!(printed(&mut verbose, 10).await, "");
        assert_eq!(value_of(verbose).await, 7);
        // Dropped, it is read away.
        let _ = ask(connection, "(do (println \"hi\") (til 100000))").await;
        assert_eq!(answer(connection, "(+ 40 2)").await, "I64(42)");
    })
    .await;
}

#[tokio::test]
async fn an_error_comes_after_what_was_printed() {
    on_each(WIRE_3, async |_, connection| {
        for (request, expected) in [("(do (println \"hi\") (+ 1 'a))", "hi\n"), ("(+ 1 'a)", "")] {
            let mut verbose = ask(connection, request).await;
            assert_eq!(printed(&mut verbose, 10).await, expected);
            match verbose.result().await {
                Err(Error::Server(error)) => assert_eq!(error.code(), "type"),
                other => panic!("{other:?}"),
            }
            assert_eq!(answer(connection, "(+ 40 2)").await, "I64(42)");
        }
    })
    .await;
}

#[tokio::test]
async fn a_large_value_behind_what_was_printed_is_read_by_columns() {
    on_each(WIRE_3, async |_, connection| {
        let request = "(do (println \"hi\") (table [a b] (list (til 100000) (til 100000))))";
        let mut reply = ask(connection, request).await.result().await.unwrap();
        let mut columns = reply.columns().await.unwrap();
        let mut sum = 0;
        while let Some(mut column) = columns.next().await.unwrap() {
            assert_eq!(column.count(), 100_000);
            let mut chunk = [0i64; 100];
            while let count @ 1.. = column.read(&mut chunk).await.unwrap() {
                sum += chunk[..count].iter().sum::<i64>();
            }
        }
        assert_eq!(sum, 2 * (0..100_000i64).sum::<i64>());
    })
    .await;
}

//! The async front: calls for columns are dropped wherever they wait.

use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use embedded_io_async::{ErrorType, Read, Write};
use rayforce_ipc::client::Options;
use rayforce_ipc::client::asynch::{Connection, Transport};
use rayforce_ipc::codec::literal::{Strings, Symbols, Table};
use rayforce_ipc::codec::{Encode, Text, Value};
use rayforce_ipc::error::{Error, RequestError};
use rayforce_ipc::transports::duplex::{Duplex, DuplexError};
use rayforce_ipc::wire::Generation;

use super::reader::script;
use crate::support::codec::{BOTH, sent};
use crate::support::script::Lent;

/// A stream that lets every read wait once, and gives few bytes at a time.
struct Slow<'s> {
    inner: Duplex<'s>,
    most: usize,
    waited: bool,
}

impl ErrorType for Slow<'_> {
    type Error = DuplexError;
}

impl Read for Slow<'_> {
    async fn read(&mut self, target: &mut [u8]) -> Result<usize, DuplexError> {
        std::future::poll_fn(|_| {
            self.waited = !self.waited;
            if self.waited { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
        let most = target.len().min(self.most);
        Read::read(&mut self.inner, &mut target[..most]).await
    }
}

impl Write for Slow<'_> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, DuplexError> {
        Write::write(&mut self.inner, bytes).await
    }

    async fn flush(&mut self) -> Result<(), DuplexError> {
        Ok(())
    }
}

impl Transport for Slow<'_> {
    type Handle = ();

    fn set_deadline(&mut self, _limit: Duration) {}

    fn handle(&self) -> Result<(), DuplexError> {
        Ok(())
    }
}

/// The call, waited for to its end.
macro_rules! whole {
    ($call:expr) => {{
        let mut call = pin!($call);
        let mut context = Context::from_waker(Waker::noop());
        loop {
            if let Poll::Ready(result) = call.as_mut().poll(&mut context) {
                break result;
            }
        }
    }};
}

/// The call, dropped and made again wherever it waits.
macro_rules! dropped {
    ($call:expr) => {{
        loop {
            let mut context = Context::from_waker(Waker::noop());
            if let Poll::Ready(result) = pin!($call).poll(&mut context) {
                break result;
            }
        }
    }};
}

const NAMES: [&str; 4] = ["a", "a name of more than sixteen bytes", "", "z"];
const NUMBERS: [i64; 5] = [1, 2, 3, 4, 5];

fn table(generation: Generation, names: &dyn Encode) -> Vec<u8> {
    sent(generation, &Table::new(&["n", "name", "x"], &[&NUMBERS, names, &[1.5, 2.5]]))
}

/// Every table through many streams, packed or not.
fn each(run: impl Fn(&mut Connection<'_, Slow<'_>>)) {
    for generation in BOTH {
        for payload in [table(generation, &Symbols(&NAMES)), table(generation, &Strings(&NAMES))] {
            for packed in [false, generation == Generation::V3] {
                let script = script(generation, &payload, packed);
                let steps = script.steps();
                for (receive, most) in [(41, 1), (41, 5), (64, 7), (64, 100), (1000, 1000)] {
                    let mut lent = Lent::new(receive, 64);
                    let stream = Slow { inner: Duplex::new(&steps), most, waited: false };
                    let memory = lent.lend();
                    let options = Options::new();
                    let mut connection = whole!(Connection::open(stream, memory, &options)).unwrap();
                    run(&mut connection);
                    // Goes on.
                    let mut reply = whole!(connection.execute("(+ 1 2)")).unwrap();
                    assert_eq!(whole!(reply.value()).unwrap(), Value::I64(3));
                }
            }
        }
    }
}

#[test]
fn columns_are_those_of_the_blocking_front() {
    each(|connection| {
        let mut reply = whole!(connection.execute("columns")).unwrap();
        let mut columns = whole!(reply.columns()).unwrap();
        let (mut chunk, mut buffer, mut sum) = ([0i64; 2], [0; 40], 0);
        while let Some(mut column) = whole!(columns.next()).unwrap() {
            if column.name().unwrap() == "n" {
                while let count @ 1.. = whole!(column.read(&mut chunk)).unwrap() {
                    sum += chunk[..count].iter().sum::<i64>();
                }
            } else if column.name().unwrap() == "name" {
                for name in NAMES {
                    assert_eq!(whole!(column.next_text(&mut buffer)), Ok(Some(Text(name.as_bytes()))));
                }
                assert_eq!(whole!(column.next_text(&mut buffer)), Ok(None));
            } else {
                assert!(whole!(column.next_token()).unwrap().is_some());
            }
        }
        assert_eq!(sum, 15);
    });
}

#[test]
fn no_cell_is_lost_with_a_call_that_was_dropped_and_no_text_is_cut() {
    each(|connection| {
        let mut reply = whole!(connection.execute("columns")).unwrap();
        let mut columns = dropped!(reply.columns()).unwrap();
        let mut column = dropped!(columns.next()).unwrap().unwrap();
        assert!(column.name().unwrap() == "n");
        let (mut chunk, mut numbers) = ([0i64; 3], Vec::new());
        while let count @ 1.. = dropped!(column.read(&mut chunk)).unwrap() {
            numbers.extend_from_slice(&chunk[..count]);
        }
        assert_eq!(numbers, NUMBERS);

        let mut column = dropped!(columns.next()).unwrap().unwrap();
        assert!(column.name().unwrap() == "name");
        let mut buffer = [0; 40];
        for name in NAMES {
            match dropped!(column.next_text(&mut buffer)) {
                Ok(text) => assert_eq!(text, Some(Text(name.as_bytes()))),
                Err(error) => assert_eq!(error, Error::Request(RequestError::AlreadyRead)),
            }
        }
        assert_eq!(dropped!(column.next_text(&mut buffer)), Ok(None));

        let mut column = dropped!(columns.next()).unwrap().unwrap();
        let mut tokens = 0;
        while dropped!(column.next_token()).unwrap().is_some() {
            tokens += 1;
        }
        assert!(tokens >= 2);
        assert!(dropped!(columns.next()).unwrap().is_none());
    });
}

#[cfg(feature = "alloc")]
#[test]
fn a_reply_in_memory_of_its_own_is_that_of_the_blocking_front() {
    each(|connection| {
        let mut reply = whole!(connection.execute("columns")).unwrap();
        assert!(whole!(reply.read_to_vec(10)).is_err());
        let owned = whole!(reply.read_to_vec(1000)).unwrap();
        let column = owned.value().table().unwrap().column("n").unwrap();
        assert!(column.vector().unwrap().iter::<i64>().unwrap().map(Result::unwrap).eq(NUMBERS));
    });
    // One that was dropped leaves the rest to be read away.
    each(|connection| {
        let mut reply = whole!(connection.execute("columns")).unwrap();
        let mut context = Context::from_waker(Waker::noop());
        let _ = pin!(reply.read_to_vec(1000)).poll(&mut context);
        while whole!(reply.next_token()).unwrap().is_some() {}
        assert_eq!(whole!(reply.columns()).err(), Some(Error::Request(RequestError::AlreadyRead)));
    });
}

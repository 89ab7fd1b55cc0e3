//! Requests that are packed by us. The flags of what travelled are looked at, so that a server cannot be asked plainly
//! unnoticed.

use std::time::Duration;

use embedded_io_async::{ErrorType, Read, Write};
use rayforce_ipc::client::asynch::{Connection, Push, Transport};
use rayforce_ipc::client::{Memory, Options, Packing};
use rayforce_ipc::codec::literal::{Symbols, Table};
use rayforce_ipc::codec::{Encode, Symbol, Value, Writer};
use rayforce_ipc::transports::tcp::TcpError;
use rayforce_ipc::transports::tokio::Stream;
use rayforce_ipc::wire::Timestamp;

use super::support::{answer, dial};
use crate::support::{Call, Evaluated, Literal, Quoted, WIRE_1, WIRE_3, start};

/// Looks at what is written.
#[derive(Debug)]
struct Watched {
    stream: Stream,
    written: usize,
    /// Whether the last header had the packed flag.
    packed: Option<bool>,
}

impl ErrorType for Watched {
    type Error = TcpError;
}

impl Read for Watched {
    async fn read(&mut self, target: &mut [u8]) -> Result<usize, TcpError> {
        self.stream.read(target).await
    }
}

impl Write for Watched {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, TcpError> {
        if let [0xfa, 0xde, 0xfa, 0xce, _, flags, ..] = bytes {
            self.packed = Some(flags & 1 != 0);
        }
        let count = self.stream.write(bytes).await?;
        self.written += count;
        Ok(count)
    }

    async fn flush(&mut self) -> Result<(), TcpError> {
        self.stream.flush().await
    }
}

impl Transport for Watched {
    type Handle = ();

    fn set_deadline(&mut self, limit: Duration) {
        self.stream.set_deadline(limit);
    }

    fn handle(&self) -> Result<(), TcpError> {
        Ok(())
    }
}

type Watching<'b> = Connection<'b, Watched>;

/// Runs a test over transmit buffers of 64 bytes and 4 KiB.
async fn through_small_and_large(version: &str, packing: Packing, test: impl AsyncFn(&mut Watching<'_>)) {
    println!("--- {version}");
    let server = start(version);
    let mut receive = vec![0; 0x10_0000];
    for size in [64, 0x1000] {
        let mut transmit = vec![0; size];
        let memory = Memory { receive: &mut receive, transmit: &mut transmit };
        let stream = Watched { stream: dial(&server).await, written: 0, packed: None };
        let options = Options { packing, ..Options::new() };
        test(&mut Connection::open(stream, memory, &options).await.unwrap()).await;
    }
}

fn written(connection: &Watching<'_>) -> usize {
    connection.transport().unwrap().written
}

fn was_packed(connection: &Watching<'_>) -> bool {
    connection.transport().unwrap().packed.unwrap()
}

/// The value comes back as it was sent.
async fn assert_echo(connection: &mut Watching<'_>, value: &dyn Encode) {
    let mut buffer = vec![0; 0x10_0000];
    let bytes = Writer::encode(connection.generation(), value, &mut buffer).unwrap();
    let sent = format!("{:?}", Value::decode(connection.generation(), bytes).unwrap());
    let mut reply = connection.execute(&Quoted(value)).await.unwrap();
    assert!(sent == format!("{:?}", reply.value().await.unwrap()));
}

#[tokio::test]
async fn all_requests_are_packed() {
    let numbers: Vec<i64> = (0..10_000).collect();
    let names: Vec<_> = ["ibm", "apple", "x", ""].iter().copied().cycle().take(5000).collect();
    for version in WIRE_3 {
        through_small_and_large(version, Packing::ALWAYS, async |connection| {
            for number in 0..100 {
                let sum = answer(connection, &format!("(+ {number} 2)")).await;
                assert_eq!(sum, format!("I64({})", number + 2));
                assert!(was_packed(connection));
            }
            connection.send_async("(set zz 42)").await.unwrap();
            assert!(was_packed(connection));
            assert_eq!(answer(connection, "zz").await, "I64(42)");
            let values: [&dyn Encode; 3] = [&[0u8; 3000], &numbers.as_slice(), &Symbols(&names)];
            for value in values {
                assert_echo(connection, value).await;
                assert!(was_packed(connection));
            }
            let failed = connection.execute("(+ 1 'a)").await.map(drop);
            assert!(matches!(failed, Err(rayforce_ipc::Error::Server(_))));
            assert_eq!(answer(connection, "(+ 40 2)").await, "I64(42)");
        })
        .await;
    }
}

#[tokio::test]
async fn short_requests_and_those_that_would_not_become_shorter_go_plain() {
    let noise: Vec<u8> =
        (0..10_000u32).map(|at| (at.wrapping_mul(at).wrapping_mul(0x9e37_79b1) >> 24) as u8).collect();
    for version in WIRE_3 {
        through_small_and_large(version, Packing::above(2000), async |connection| {
            let values: [(&dyn Encode, bool); 3] =
                [(&[0u8; 3000], true), (&noise.as_slice(), false), (&[0u8; 1000], false)];
            for (value, packs) in values {
                assert_echo(connection, value).await;
                assert_eq!(was_packed(connection), packs);
            }
        })
        .await;
    }
}

#[tokio::test]
async fn a_large_table_is_inserted_packed() {
    const ROWS: usize = 15_000;
    let quantities: Vec<i64> = (0..ROWS as i64).map(|row| row % 100).collect();
    let moments: Vec<_> = (0..ROWS as i64).map(|row| Timestamp(row * 1_000_000_000)).collect();
    let flags = vec![false; ROWS];
    let names: Vec<_> = ["ibm", "apple", "x"].iter().copied().cycle().take(ROWS).collect();
    let columns: [&dyn Encode; 4] =
        [&quantities.as_slice(), &moments.as_slice(), &flags.as_slice(), &Symbols(&names)];
    let table = Table::new(&["n", "at", "ok", "sym"], &columns);
    for version in WIRE_3 {
        for packing in [Packing::ALWAYS, Packing::above(2000)] {
            through_small_and_large(version, packing, async |connection| {
                let before = written(connection);
                connection.execute(&Call("set", &[&Symbol::name("big"), &table])).await.unwrap();
                assert!(was_packed(connection));
                let plain = Writer::measure(connection.generation(), &table).unwrap() as usize;
                assert!((written(connection) - before) * 10 < plain * 9);
                let insert = Call("insert", &[&Literal("big"), &Call("list", &columns)]);
                connection.execute(&insert).await.unwrap();
                assert!(was_packed(connection));
                for (expression, expected) in [
                    ("(count big)", "I64(30000)".to_owned()),
                    ("(sum (at big 'n))", "I64(1485000)".to_owned()),
                    ("(max (at big 'at))", format!("{:?}", moments[ROWS - 1])),
                    ("(count (where (at big 'ok)))", "I64(0)".to_owned()),
                    ("(count (where (== (at big 'sym) 'apple)))", "I64(10000)".to_owned()),
                ] {
                    assert_eq!(answer(connection, expression).await, expected, "{expression}");
                }
            })
            .await;
        }
    }
}

#[tokio::test]
async fn a_packed_answer_to_a_question_is_taken() {
    through_small_and_large("2.4.0", Packing::ALWAYS, async |connection| {
        let many = "(sum (map (fn [x] (.ipc.send (.ipc.handle) (til x))) (til 100)))";
        let mut reply = connection
            .execute_with(many, async |push: Push<'_, '_, Watched>| {
                let Push::Question(mut question) = push else { panic!("no question") };
                let count = question.asked().value().await?.vector()?.len();
                question.answer(&(count as i64)).await
            })
            .await
            .unwrap();
        assert_eq!(reply.value().await.unwrap().as_i64(), Ok((0..100).sum()));
        assert!(was_packed(connection));
    })
    .await;
}

#[tokio::test]
async fn wire_1_is_sent_plain_frames() {
    let numbers: Vec<i64> = (0..10_000).collect();
    for version in WIRE_1 {
        through_small_and_large(version, Packing::ALWAYS, async |connection| {
            let request = Call("sum", &[&numbers.as_slice()]);
            let mut reply = connection.execute(&Evaluated(&request)).await.unwrap();
            assert_eq!(reply.value().await.unwrap(), Value::I64(49_995_000));
            assert!(!was_packed(connection));
        })
        .await;
    }
}

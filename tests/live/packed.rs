//! Requests that are packed by us. What travelled is counted, so that a server cannot be asked plainly unnoticed.

use std::time::Duration;

use embedded_io::{ErrorType, Read, Write};
use rayforce_ipc::client::{Buffers, Connection, Memory, Options, Packing, Push, Transport};
use rayforce_ipc::codec::literal::{Strings, Symbols, Table};
use rayforce_ipc::codec::{Encode, Symbol, Value, Writer};
use rayforce_ipc::transports::tcp::Stream;
use rayforce_ipc::wire::{Generation, Timestamp};
use xtask::server::Server;

use crate::support::{Call, Evaluated, Literal, Quoted, WIRE_3, answer as plain_answer, dial, start};

/// Counts the bytes that are written, and looks at the flags of what begins with a write.
struct Counted {
    stream: Stream,
    written: usize,
    /// Whether the last header had the packed flag.
    packed: Option<bool>,
}

impl ErrorType for Counted {
    type Error = <Stream as ErrorType>::Error;
}

impl Read for Counted {
    fn read(&mut self, target: &mut [u8]) -> Result<usize, Self::Error> {
        self.stream.read(target)
    }
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        if let [0xfa, 0xde, 0xfa, 0xce, _, flags, ..] = bytes {
            self.packed = Some(flags & 1 != 0);
        }
        let count = self.stream.write(bytes)?;
        self.written += count;
        Ok(count)
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        self.stream.flush()
    }
}

impl Transport for Counted {
    type Handle = <Stream as Transport>::Handle;

    fn set_deadline(&mut self, limit: Duration) {
        self.stream.set_deadline(limit);
    }

    fn handle(&self) -> Result<Self::Handle, Self::Error> {
        self.stream.handle()
    }

    fn close(&mut self) -> Result<(), Self::Error> {
        self.stream.close()
    }
}

type Counting<'b> = Connection<'b, Counted>;

fn connect<'b>(server: &Server, memory: Memory<'b>, packing: Packing) -> Counting<'b> {
    let stream = Counted { stream: dial(server), written: 0, packed: None };
    Connection::open(stream, memory, &Options { packing, ..Options::new() }).unwrap()
}

/// Runs a test over transmit buffers of 64 bytes and 4 KiB.
fn through_small_and_large(version: &str, packing: Packing, test: impl Fn(&mut Counting<'_>)) {
    println!("--- {version}");
    let server = start(version);
    let mut receive = vec![0; 0x10_0000];
    for size in [64, 0x1000] {
        let mut transmit = vec![0; size];
        let memory = Memory { receive: &mut receive, transmit: &mut transmit };
        test(&mut connect(&server, memory, packing));
    }
}

fn written(connection: &Counting<'_>) -> usize {
    connection.transport().unwrap().written
}

fn was_packed(connection: &Counting<'_>) -> bool {
    connection.transport().unwrap().packed.unwrap()
}

fn answer(connection: &mut Counting<'_>, expression: &str) -> String {
    format!("{:?}", connection.execute(expression).unwrap().value().unwrap())
}

/// The value comes back as it was sent.
fn assert_echo(connection: &mut Counting<'_>, value: &dyn Encode) {
    let mut buffer = vec![0; 0x10_0000];
    let bytes = Writer::encode(connection.generation(), value, &mut buffer).unwrap();
    let sent = format!("{:?}", Value::decode(connection.generation(), bytes).unwrap());
    let received = format!("{:?}", connection.execute(&Quoted(value)).unwrap().value().unwrap());
    assert!(sent == received);
}

#[test]
fn small_packed_requests_are_answered() {
    for version in WIRE_3 {
        through_small_and_large(version, Packing::ALWAYS, |connection| {
            for number in 0..200 {
                assert_eq!(answer(connection, &format!("(+ {number} 2)")), format!("I64({})", number + 2));
                assert!(was_packed(connection));
            }
            connection.send_async("(set zz 42)").unwrap();
            assert!(was_packed(connection));
            assert_eq!(answer(connection, "zz"), "I64(42)");
        });
    }
}

#[test]
fn packed_values_come_back() {
    let noise: Vec<u8> =
        (0..10_000u32).map(|at| (at.wrapping_mul(at).wrapping_mul(0x9e37_79b1) >> 24) as u8).collect();
    let numbers: Vec<i64> = (0..10_000).collect();
    let floats: Vec<f64> = (0..10_000).map(|at| f64::from(at) / 8.0).collect();
    let names: Vec<_> = ["ibm", "apple", "x", ""].iter().copied().cycle().take(5000).collect();
    let (numbers, floats) = (numbers.as_slice(), floats.as_slice());
    let columns: [&dyn Encode; 2] = [&numbers, &floats];
    let table = Table::new(&["n", "px"], &columns);
    let values: [&dyn Encode; 7] =
        [&[0u8; 3000], &noise.as_slice(), &numbers, &floats, &Symbols(&names), &Strings(&names), &table];
    for version in WIRE_3 {
        through_small_and_large(version, Packing::ALWAYS, |connection| {
            for value in values {
                assert_echo(connection, value);
                assert!(was_packed(connection));
            }
        });
        // What is short and what does not become shorter goes plain.
        through_small_and_large(version, Packing::above(2000), |connection| {
            for (at, value) in values.into_iter().enumerate() {
                assert_echo(connection, value);
                match at {
                    0 => assert!(was_packed(connection)),
                    1 => assert!(!was_packed(connection)),
                    _ => {}
                }
            }
            assert_eq!(answer(connection, "(+ 40 2)"), "I64(42)");
            assert!(!was_packed(connection));
        });
    }
}

const ROWS: usize = 100_000;

#[test]
fn a_large_table_is_inserted_packed() {
    let quantities: Vec<i64> = (0..ROWS as i64).map(|row| row % 100).collect();
    let levels: Vec<f64> = (0..ROWS).map(|row| (row % 8) as f64).collect();
    let moments: Vec<_> = (0..ROWS as i64).map(|row| Timestamp(row * 1_000_000_000)).collect();
    let flags = vec![false; ROWS];
    let names: Vec<_> = ["ibm", "apple", "x"].iter().copied().cycle().take(ROWS).collect();
    let columns: [&dyn Encode; 5] = [
        &quantities.as_slice(),
        &levels.as_slice(),
        &moments.as_slice(),
        &flags.as_slice(),
        &Symbols(&names),
    ];
    let table = Table::new(&["n", "level", "at", "ok", "sym"], &columns);
    let plain = Writer::measure(Generation::V3, &table).unwrap() as usize;
    for packing in [Packing::ALWAYS, Packing::above(2000)] {
        for version in WIRE_3 {
            through_small_and_large(version, packing, |connection| {
                let before = written(connection);
                connection.execute(&Call("set", &[&Symbol::name("big"), &table])).unwrap();
                assert!(was_packed(connection));
                let travelled = written(connection) - before;
                println!("{plain} bytes travelled as {travelled}");
                assert!(travelled * 10 < plain * 9);
                let insert = Call("insert", &[&Literal("big"), &Call("list", &columns)]);
                connection.execute(&insert).unwrap();
                assert!(was_packed(connection));
                let mut is = |expression, expected: String| {
                    assert_eq!(answer(connection, expression), expected, "{expression}");
                };
                is("(count big)", format!("I64({})", 2 * ROWS));
                is("(sum (at big 'n))", format!("I64({})", 2 * ROWS / 100 * 4950));
                is("(sum (at big 'level))", format!("F64({:?})", (2 * ROWS / 8 * 28) as f64));
                is("(max (at big 'at))", format!("{:?}", Timestamp((ROWS as i64 - 1) * 1_000_000_000)));
                is("(count (where (at big 'ok)))", "I64(0)".into());
                let apples = format!("I64({})", 2 * (ROWS / 3));
                is("(count (where (== (at big 'sym) 'apple)))", apples);
                // It is the table that was sent, to the last cell.
                let mut reply = connection.execute("(take big 1000)").unwrap();
                let rows = reply.value().unwrap().table().unwrap();
                let mut count = 0;
                for row in rows.rows::<(i64, f64, Timestamp, bool, &str)>().unwrap() {
                    let (quantity, level, at, flag, name) = row.unwrap();
                    let same = (quantity, level, at, flag, name)
                        == (quantities[count], levels[count], moments[count], flags[count], names[count]);
                    assert!(same);
                    count += 1;
                }
                assert_eq!(count, 1000);
            });
        }
    }
}

#[test]
fn a_packed_answer_to_a_question_is_taken() {
    through_small_and_large("2.4.0", Packing::ALWAYS, |connection| {
        let many = "(sum (map (fn [x] (.ipc.send (.ipc.handle) (til x))) (til 100)))";
        let mut reply = connection
            .execute_with(many, |push| {
                let Push::Question(mut question) = push else { panic!("no question") };
                let count = question.asked().value()?.vector()?.len();
                question.answer(&(count as i64))
            })
            .unwrap();
        assert_eq!(reply.value().unwrap().as_i64(), Ok((0..100).sum()));
        assert!(was_packed(connection));
    });
}

#[test]
fn a_packed_request_with_an_error_is_answered_by_it() {
    for version in WIRE_3 {
        through_small_and_large(version, Packing::ALWAYS, |connection| {
            assert!(matches!(connection.execute("(+ 1 'a)"), Err(rayforce_ipc::Error::Server(_))));
            assert_eq!(answer(connection, "(+ 40 2)"), "I64(42)");
        });
    }
}

#[test]
fn wire_1_is_sent_plain_frames() {
    let numbers: Vec<i64> = (0..10_000).collect();
    for version in ["0.1.5", "1.0.0"] {
        through_small_and_large(version, Packing::ALWAYS, |connection| {
            assert_eq!(answer(connection, "(+ 40 2)"), "I64(42)");
            let request = Call("sum", &[&numbers.as_slice()]);
            let mut reply = connection.execute(&Evaluated(&request)).unwrap();
            assert_eq!(reply.value().unwrap(), Value::I64(49_995_000));
            assert!(!was_packed(connection));
        });
    }
}

#[test]
fn a_small_transmit_buffer_sends_plain_frames() {
    for version in WIRE_3 {
        let server = start(version);
        let mut buffers = Buffers::<64, 63>::new();
        let options = Options { packing: Packing::ALWAYS, ..Options::new() };
        let mut connection = Connection::open(dial(&server), buffers.lend(), &options).unwrap();
        assert_eq!(plain_answer(&mut connection, "(+ 40 2)"), "I64(42)");
    }
}

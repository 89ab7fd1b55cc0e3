//! The floors: sockets that are read and written with no client at all, and copies of the bytes.
//!
//! Frames are made beforehand, and the lengths of most answers known. Sockets have `TCP_NODELAY`, as those of the clients have.

use std::hint::black_box;
use std::io::{Read, Write};
use std::net::TcpStream;

use rayforce_ipc::query::table;
use rayforce_ipc::wire::{Generation, Header, MessageType};
use subject::data::{self, Rows};
use subject::frames::{self, ANSWER_LEN, DEPTH, REQUEST};
use subject::inserts::{BATCH, COUNT, FULL, RESET, ROWS, SINK, WINDOW};
use subject::{Measure, Work};

fn main() {
    subject::serve(&MEASURES);
}

const MEASURES: [Measure; 18] = [
    ("round-trip", |port| {
        let mut stream = connect(port);
        Box::new(move || {
            stream.write_all(REQUEST).expect("a server");
            assert_eq!(i64_of(&read(&mut stream, ANSWER_LEN)), 3);
        })
    }),
    ("connect", |port| Box::new(move || drop(connect(port)))),
    ("fetch", fetch),
    ("fetch-64k", fetch),
    ("fetch-4k", fetch),
    ("in-flight", |port| {
        let mut stream = connect(port);
        Box::new(move || {
            for _ in 0..DEPTH {
                stream.write_all(REQUEST).expect("a server");
            }
            black_box(read(&mut stream, DEPTH * ANSWER_LEN));
        })
    }),
    ("insert-async", |port| Box::new(Insert::new(port, MessageType::Async, None))),
    ("insert-sync", |port| Box::new(Insert::new(port, MessageType::Sync, Some(0)))),
    ("insert-pipelined", |port| Box::new(Insert::new(port, MessageType::Sync, Some(WINDOW)))),
    ("decode-sum", |_| copy(large())),
    ("cells", |_| copy(large())),
    ("encode", |_| copy(large())),
    ("decode-small", |_| copy(data::small())),
    ("build-small", |_| copy(data::small())),
    ("decode-atom", |_| copy(data::payload(&3i64))),
    ("build-atom", |_| copy(data::payload(&3i64))),
    ("decode-tree", |_| copy(data::tree())),
    ("build-tree", |_| copy(data::tree())),
];

const BATCHES: usize = ROWS / BATCH;

fn large() -> Vec<u8> {
    data::payload(&Rows::new(ROWS))
}

/// A copy of the bytes, whose number comes from memory, as a program's would.
fn copy(payload: Vec<u8>) -> Box<dyn Work> {
    let mut target = vec![0; payload.len()];
    Box::new(move || {
        let len = black_box(payload.len());
        black_box(&mut target[..len]).copy_from_slice(black_box(&payload[..len]));
    })
}

fn connect(port: u16) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a server");
    stream.set_nodelay(true).expect("a socket");
    stream.write_all(&[3, 0]).expect("a server");
    stream.read_exact(&mut [0; 2]).expect("a server of wire 3");
    stream
}

/// Reads so many bytes, or more, into 4 KiB.
fn read(stream: &mut TcpStream, len: usize) -> [u8; 0x1000] {
    let (mut filled, mut buffer) = (0, [0; 0x1000]);
    while filled < len {
        let count = stream.read(&mut buffer[filled..]).expect("a server");
        assert_ne!(count, 0, "an answer");
        filled += count;
    }
    buffer
}

fn i64_of(answer: &[u8; 0x1000]) -> i64 {
    i64::from_le_bytes(answer[18..ANSWER_LEN].try_into().expect("eight bytes"))
}

/// The frame into one buffer, and the sum of the column of which it knows where it is.
fn fetch(port: u16) -> Box<dyn Work> {
    let rows = Rows::new(ROWS);
    let (sum, frame) = (data::sum_of_quantities(&rows), Header::LEN + data::payload(&rows).len());
    let quantities = frame - ROWS * (8 + 8 + 1) - 2 * HEAD;
    let (mut stream, request) = (connect(port), frames::text(FULL));
    let mut buffer = vec![0; frame];
    Box::new(move || {
        stream.write_all(&request).expect("a server");
        stream.read_exact(&mut buffer).expect("the table");
        let column = buffer[quantities..].chunks_exact(8).take(ROWS);
        let cells = column.map(|cell| i64::from_le_bytes(cell.try_into().expect("eight bytes")));
        assert_eq!(cells.fold(0i64, i64::wrapping_add), sum);
    })
}

/// Bytes in front of a vector's elements.
const HEAD: usize = 10;

/// The batches, and at the end a request whose answer comes when all are done.
struct Insert {
    stream: TcpStream,
    batches: Vec<Vec<u8>>,
    /// Batches that may be without an answer, where they have answers.
    window: Option<usize>,
    buffer: Vec<u8>,
    taken: usize,
}

impl Insert {
    fn new(port: u16, message: MessageType, window: Option<usize>) -> Insert {
        let rows = Rows::new(ROWS);
        let batches = (0..BATCHES)
            .map(|batch| {
                let (from, to) = (batch * BATCH, (batch + 1) * BATCH);
                let insert = table(SINK).insert((
                    &rows.times[from..to],
                    &rows.symbols[from..to],
                    &rows.quantities[from..to],
                    &rows.prices[from..to],
                    &rows.buys[from..to],
                ));
                frames::frame(message, &insert)
            })
            .collect();
        Insert { stream: connect(port), batches, window, buffer: Vec::new(), taken: 0 }
    }

    /// The payload of the next answer, which stays in the buffer with what else came along.
    fn answer(&mut self) -> &[u8] {
        self.buffer.drain(..std::mem::take(&mut self.taken));
        loop {
            if let Some(header) = self.buffer.first_chunk() {
                let size = Header::parse(Generation::V3, header).expect("a header").size;
                self.taken = Header::LEN + size as usize;
                if self.buffer.len() >= self.taken {
                    return &self.buffer[Header::LEN..self.taken];
                }
            }
            let mut chunk = [0; 0x1000];
            let count = self.stream.read(&mut chunk).expect("a server");
            assert_ne!(count, 0, "an answer");
            self.buffer.extend_from_slice(&chunk[..count]);
        }
    }
}

impl Work for Insert {
    fn prepare(&mut self) {
        self.stream.write_all(&frames::text(RESET)).expect("a server");
        self.answer();
    }

    fn repeat(&mut self, times: u32) {
        for _ in 0..times {
            let mut due = 0;
            for at in 0..self.batches.len() {
                self.stream.write_all(&self.batches[at]).expect("a server");
                let Some(window) = self.window else { continue };
                due += 1;
                if due > window {
                    self.answer();
                    due -= 1;
                }
            }
            for _ in 0..due {
                self.answer();
            }
            self.stream.write_all(&frames::text(COUNT)).expect("a server");
            let count = self.answer();
            assert_eq!(count[2..], (ROWS as i64).to_le_bytes());
        }
    }
}

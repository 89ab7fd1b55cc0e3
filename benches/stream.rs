//! A table of 30 MB, received over loopback and summed: `cargo bench --bench stream --features std-tcp`.
//!
//! By columns through a receive buffer of 64 KiB, as a ratio to the same received whole into a buffer of 32 MiB. Both are
//! done in turn, many times, and the median of the ratios is shown: machines differ and are shared.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "data/mod.rs"]
mod data;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use rayforce_ipc::client::{Connect, Connection, Memory, Options};
use rayforce_ipc::codec::Token;
use rayforce_ipc::codec::cell::Scalar;
use rayforce_ipc::transports::tcp::{Connector, Stream};
use rayforce_ipc::wire::{Generation, Header, MessageType, Timestamp};

type Columns<'r, 'b> = rayforce_ipc::client::Column<'r, 'b, Stream>;

const ROUNDS: usize = 61;
const SMALL: usize = 64 << 10;
const LARGE: usize = 32 << 20;
/// Cells that are copied at a time.
const CHUNK: usize = 1024;

fn main() {
    let port = serve();
    let (mut small, mut large) = (vec![0; SMALL], vec![0; LARGE]);
    let (mut transmit, mut other) = ([0; 64], [0; 64]);
    let mut streaming = open(port, Memory { receive: &mut small, transmit: &mut transmit });
    let mut whole = open(port, Memory { receive: &mut large, transmit: &mut other });
    println!(
        "{:<58} {:>10} {:>10} {:>7}",
        "1,000,000 x 5 over loopback, summed", "whole", "columns", "ratio"
    );
    let numbers = by_value::<false>;
    measure("the four columns of numbers", &mut whole, &mut streaming, numbers, |connection| {
        by_columns(connection, |_| 0)
    });
    measure("the column of f64", &mut whole, &mut streaming, prices_by_value, prices_by_columns);
    let all = by_value::<true>;
    measure("every column, of names the length, by tokens", &mut whole, &mut streaming, all, |connection| {
        by_columns(connection, names)
    });
    measure("every column, of names the length, one by one", &mut whole, &mut streaming, all, |connection| {
        by_columns(connection, texts)
    });
}

/// Times both in turn.
fn measure<'b>(
    name: &str,
    whole: &mut Connection<'b, Stream>,
    streaming: &mut Connection<'b, Stream>,
    by_value: fn(&mut Connection<'b, Stream>) -> u64,
    by_columns: impl Fn(&mut Connection<'b, Stream>) -> u64,
) {
    assert_eq!(by_value(whole), by_columns(streaming));
    let pairs: Vec<(Duration, Duration)> = (0..ROUNDS)
        .map(|round| {
            let (mut first, mut second) = (Duration::ZERO, Duration::ZERO);
            // Neither is always the first.
            if round % 2 == 0 {
                first = time(|| by_value(whole));
            }
            second += time(|| by_columns(streaming));
            if round % 2 == 1 {
                first = time(|| by_value(whole));
            }
            (first, second)
        })
        .collect();
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let seconds = |of: fn(&(Duration, Duration)) -> Duration| {
        Duration::from_secs_f64(median(pairs.iter().map(|pair| of(pair).as_secs_f64()).collect()))
    };
    let ratio =
        median(pairs.iter().map(|(first, second)| second.as_secs_f64() / first.as_secs_f64()).collect());
    println!("{name:<58} {:>10.1?} {:>10.1?} {ratio:>7.2}", seconds(|pair| pair.0), seconds(|pair| pair.1));
}

fn time(work: impl FnOnce() -> u64) -> Duration {
    let start = Instant::now();
    std::hint::black_box(work());
    start.elapsed()
}

fn by_value<const NAMES: bool>(connection: &mut Connection<'_, Stream>) -> u64 {
    let mut reply = connection.execute("table").unwrap();
    let table = reply.value().unwrap().table().unwrap();
    let column = |name| table.column(name).unwrap().vector().unwrap();
    let mut sum = 0u64;
    for cell in column("at").elements::<Timestamp>().unwrap() {
        sum = sum.wrapping_add(cell.get() as u64);
    }
    if NAMES {
        for name in column("sym").names().unwrap() {
            sum = sum.wrapping_add(name.len() as u64);
        }
    }
    for cell in column("qty").i64s().unwrap() {
        sum = sum.wrapping_add(cell.get() as u64);
    }
    for cell in column("px").f64s().unwrap() {
        sum = sum.wrapping_add(cell.get().to_bits());
    }
    for cell in column("buy").elements::<bool>().unwrap() {
        sum = sum.wrapping_add(u64::from(*cell != 0));
    }
    sum
}

fn prices_by_value(connection: &mut Connection<'_, Stream>) -> u64 {
    let mut reply = connection.execute("table").unwrap();
    let column = reply.value().unwrap().table().unwrap().column("px").unwrap().vector().unwrap();
    column.f64s().unwrap().iter().fold(0, |sum, cell| sum.wrapping_add(cell.get().to_bits()))
}

fn by_columns(connection: &mut Connection<'_, Stream>, texts: fn(&mut Columns<'_, '_>) -> u64) -> u64 {
    let mut reply = connection.execute("table").unwrap();
    let mut columns = reply.columns().unwrap();
    let mut sum = 0u64;
    while let Some(mut column) = columns.next().unwrap() {
        sum = sum.wrapping_add(match column.name().unwrap().as_bytes() {
            b"at" => cells(&mut column, |cell: Timestamp| cell.0 as u64),
            b"qty" => cells(&mut column, |cell: i64| cell as u64),
            b"px" => cells(&mut column, f64::to_bits),
            b"buy" => cells(&mut column, u64::from as fn(bool) -> u64),
            _ => texts(&mut column),
        });
    }
    sum
}

fn prices_by_columns(connection: &mut Connection<'_, Stream>) -> u64 {
    let mut reply = connection.execute("table").unwrap();
    let mut columns = reply.columns().unwrap();
    while let Some(mut column) = columns.next().unwrap() {
        if column.name().unwrap() == "px" {
            return cells(&mut column, f64::to_bits);
        }
    }
    0
}

fn cells<E: Scalar + Default>(column: &mut Columns<'_, '_>, number: impl Fn(E) -> u64) -> u64 {
    let mut chunk = [E::default(); CHUNK];
    let mut sum = 0u64;
    while let count @ 1.. = column.read(&mut chunk).unwrap() {
        sum = chunk[..count].iter().fold(sum, |sum, cell| sum.wrapping_add(number(*cell)));
    }
    sum
}

fn names(column: &mut Columns<'_, '_>) -> u64 {
    let mut len = 0;
    while let Some(token) = column.next_token().unwrap() {
        len += match token {
            Token::Names(names) => names.map(<[u8]>::len).sum(),
            Token::Text { bytes, .. } => bytes.len(),
            _ => 0,
        };
    }
    len as u64
}

fn texts(column: &mut Columns<'_, '_>) -> u64 {
    let mut buffer = [0; 64];
    let mut len = 0;
    while let Some(text) = column.next_text(&mut buffer).unwrap() {
        len += text.as_bytes().len();
    }
    len as u64
}

fn open<'b>(port: u16, memory: Memory<'b>) -> Connection<'b, Stream> {
    let stream = Connector::new("127.0.0.1", port).connect(Duration::from_secs(5)).unwrap();
    Connection::open(stream, memory, &Options::new()).unwrap()
}

/// Answers whatever is asked by the table.
fn serve() -> u16 {
    let payload = data::payload(&data::Rows::new(1_000_000));
    let header = Header {
        generation: Generation::V3,
        message: MessageType::Response,
        packed: false,
        verbose: false,
        size: payload.len() as u64,
    };
    let frame = [&header.to_bytes()[..], &payload].concat();
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let frame = &frame;
        thread::scope(|scope| {
            for stream in listener.incoming() {
                scope.spawn(move || answer(stream.unwrap(), frame));
            }
        });
    });
    port
}

fn answer(mut stream: TcpStream, frame: &[u8]) {
    let mut opening = [0; 2];
    stream.read_exact(&mut opening).unwrap();
    stream.write_all(&[3, 0]).unwrap();
    let mut header = [0; Header::LEN];
    while stream.read_exact(&mut header).is_ok() {
        let size = Header::parse(Generation::V3, &header).unwrap().size;
        stream.read_exact(&mut vec![0; size as usize]).unwrap();
        if stream.write_all(frame).is_err() {
            return;
        }
    }
}

//! Requests under way together, as ratios to a bare socket loop that does the same, against a real server in one run:
//! `cargo bench --bench pipeline --features std-tcp`.
//!
//! The bare loop writes each request by a call of its own, as ours does, and reads answers into 4 KiB as they come;
//! it knows how long all of them are, and looks into none.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rayforce_ipc::client::{Buffers, Connect, Connection, Options};
use rayforce_ipc::transports::tcp::{Connector, Stream};
use xtask::server::Server;

/// Requests that are under way together.
const DEPTH: usize = 64;
const ROUNDS: usize = 301;
/// `(+ 1 2)`, as every client of wire 3 sends it.
const REQUEST: &[u8] = b"\xfa\xde\xfa\xce\x03\0\0\x01\x11\0\0\0\0\0\0\0\xf3\0\x07\0\0\0\0\0\0\0(+ 1 2)";
/// Bytes of its answer: a header and an i64.
const ANSWER_LEN: usize = 26;

fn main() {
    let server = Server::start("2.4.0").unwrap();
    let mut bare = TcpStream::connect(server.address()).unwrap();
    bare.set_nodelay(true).unwrap();
    bare.write_all(&[3, 0]).unwrap();
    bare.read_exact(&mut [0; 2]).unwrap();
    let stream = Connector::new("127.0.0.1", server.port()).connect(Duration::from_secs(5)).unwrap();
    let mut buffers = Buffers::<0x1000, 256>::new();
    let mut ours = Connection::open(stream, buffers.lend(), &Options::new()).unwrap();

    let mut times = [const { Vec::new() }; 4];
    let mut orders = Orders(7);
    for _ in 0..ROUNDS {
        for which in orders.shuffled() {
            times[which].push(match which {
                0 => time(|| bare_together(&mut bare)),
                1 => time(|| ours_together(&mut ours)),
                2 => time(|| bare_in_turn(&mut bare)),
                _ => time(|| ours_in_turn(&mut ours)),
            });
        }
    }
    let ratio = |over: usize, under: usize| {
        let mut ratios: Vec<f64> = times[over]
            .iter()
            .zip(&times[under])
            .map(|(over, under)| over.as_secs_f64() / under.as_secs_f64())
            .collect();
        ratios.sort_by(f64::total_cmp);
        ratios[ratios.len() / 2]
    };
    println!(
        "{DEPTH} requests of {} bytes, answers of {ANSWER_LEN}; medians of {ROUNDS} pairs",
        REQUEST.len()
    );
    println!("  together, ours to a bare loop             {:.3}", ratio(1, 0));
    println!("  one at a time, ours to a bare loop        {:.3}", ratio(3, 2));
    println!("  ours, together to one at a time           {:.3}", ratio(1, 3));
    println!("  bare, together to one at a time           {:.3}", ratio(0, 2));
}

/// The four in a random order: what comes before leaves the processors in one state or another, which makes more of a
/// difference than anything that is measured here.
struct Orders(u32);

impl Orders {
    fn shuffled(&mut self) -> [usize; 4] {
        let mut order = [0, 1, 2, 3];
        for at in (1..4).rev() {
            self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            order.swap(at, (self.0 >> 16) as usize % (at + 1));
        }
        order
    }
}

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn bare_together(stream: &mut TcpStream) {
    for _ in 0..DEPTH {
        stream.write_all(REQUEST).unwrap();
    }
    let (mut left, mut buffer) = (DEPTH * ANSWER_LEN, [0; 0x1000]);
    while left > 0 {
        left -= stream.read(&mut buffer).unwrap();
    }
}

fn bare_in_turn(stream: &mut TcpStream) {
    for _ in 0..DEPTH {
        stream.write_all(REQUEST).unwrap();
        let (mut left, mut buffer) = (ANSWER_LEN, [0; 0x1000]);
        while left > 0 {
            left -= stream.read(&mut buffer).unwrap();
        }
    }
}

fn ours_together(connection: &mut Connection<'_, Stream>) {
    for _ in 0..DEPTH {
        connection.send("(+ 1 2)").unwrap();
    }
    for _ in 0..DEPTH {
        assert_eq!(connection.receive().unwrap().value().unwrap().as_i64(), Ok(3));
    }
}

fn ours_in_turn(connection: &mut Connection<'_, Stream>) {
    for _ in 0..DEPTH {
        assert_eq!(connection.execute("(+ 1 2)").unwrap().value().unwrap().as_i64(), Ok(3));
    }
}

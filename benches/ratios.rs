//! Decode and encode as ratios to a memcpy of the same bytes, in one run: `cargo bench --bench ratios`.
//!
//! Machines differ and are shared; a ratio holds. Each measure is taken in turn with its memcpy, many times, and the
//! medians of the two are divided. A memcpy of few bytes has its length from memory, as a program's would.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "data/mod.rs"]
mod data;

use std::hint::black_box;
use std::time::{Duration, Instant};

use rayforce_ipc::codec::{Value, Writer};
use rayforce_ipc::wire::{Generation, Timestamp, Type};

const GENERATION: Generation = Generation::V3;

fn main() {
    println!("{:<58} {:>10} {:>10} {:>7}", "", "memcpy", "ours", "ratio");
    let rows = data::Rows::new(1_000_000);
    let large = data::payload(&rows);
    let small = data::small();
    let atom = [0xfb, 0, 3, 0, 0, 0, 0, 0, 0, 0];

    measure("decode 1,000,000 x 5, sum a column", &large, 1, |payload| {
        let table = Value::decode(GENERATION, payload).unwrap().table().unwrap();
        let quantities = table.column("qty").unwrap().vector().unwrap().i64s().unwrap();
        black_box(quantities.iter().fold(0i64, |sum, quantity| sum.wrapping_add(quantity.get())));
    });
    measure("  the same, UTF-8 of the symbol column checked", &large, 1, |payload| {
        let table = Value::decode(GENERATION, payload).unwrap().table().unwrap();
        black_box(table.column("sym").unwrap().vector().unwrap().symbols().unwrap());
        let quantities = table.column("qty").unwrap().vector().unwrap().i64s().unwrap();
        black_box(quantities.iter().fold(0i64, |sum, quantity| sum.wrapping_add(quantity.get())));
    });
    measure("decode it, read every cell by columns", &large, 1, |payload| {
        let table = Value::decode(GENERATION, payload).unwrap().table().unwrap();
        black_box(data::read_by_columns(&table));
    });
    measure("decode it, read every cell by rows", &large, 1, |payload| {
        let table = Value::decode(GENERATION, payload).unwrap().table().unwrap();
        let mut sum = 0f64;
        for row in table.rows::<(Timestamp, &str, i64, f64, bool)>().unwrap() {
            let (at, symbol, quantity, price, buy) = row.unwrap();
            sum += at.0 as f64 + symbol.len() as f64 + quantity as f64 + price + f64::from(u8::from(buy));
        }
        black_box(sum);
    });
    let mut target = vec![0; large.len()];
    measure("encode it from slices", &large, 1, |_| {
        black_box(Writer::encode(GENERATION, &rows, &mut target).unwrap().len());
    });
    measure("payload to as_i64", &atom, 1000, |payload| {
        black_box(Value::decode(GENERATION, payload).unwrap().as_i64().unwrap());
    });
    measure("decode 10 x 3, UTF-8 checked", &small, 100, |payload| {
        let table = Value::decode(GENERATION, payload).unwrap().table().unwrap();
        for column in table.columns() {
            if let Value::Vector(column) = column
                && column.ty() == Type::Symbol
            {
                black_box(column.symbols().unwrap());
            }
        }
    });
}

/// Times `work` and a memcpy of the payload in turn.
fn measure(name: &str, payload: &[u8], repeat: u32, mut work: impl FnMut(&[u8])) {
    let mut target = vec![0u8; payload.len()];
    let rounds = if payload.len() > 100_000 { 31 } else { 2001 };
    let (mut copies, mut works) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        copies.push(time(repeat, || {
            let len = black_box(payload.len());
            black_box(&mut target[..len]).copy_from_slice(black_box(&payload[..len]));
        }));
        works.push(time(repeat, || work(black_box(payload))));
    }
    let (copy, ours) = (median(copies), median(works));
    let ratio = ours.as_secs_f64() / copy.as_secs_f64();
    println!("{name:<58} {:>10.1?} {:>10.1?} {ratio:>7.2}", copy / repeat, ours / repeat);
}

fn time(repeat: u32, mut work: impl FnMut()) -> Duration {
    let start = Instant::now();
    for _ in 0..repeat {
        work();
    }
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

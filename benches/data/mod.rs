//! The tables that the benches work on.
#![allow(dead_code)]

use rayforce_ipc::codec::{Encode, Table, Writer, literal};
use rayforce_ipc::query::{col, table};
use rayforce_ipc::wire::{Generation, Timestamp};

/// Columns of a program's own: timestamps, symbols of 100 distinct names, i64, f64, bool.
pub struct Rows {
    /// The timestamps as numbers: the official crate has no vector of timestamps from a slice.
    pub times: Vec<i64>,
    pub at: Vec<Timestamp>,
    pub symbols: Vec<&'static str>,
    pub quantities: Vec<i64>,
    pub prices: Vec<f64>,
    pub buys: Vec<bool>,
}

impl Rows {
    pub fn new(count: usize) -> Rows {
        let names: Vec<&'static str> = (0..100).map(|n| &*format!("SYM{n}").leak()).collect();
        Rows {
            times: (0..count).map(|n| n as i64 * 1_000_000).collect(),
            at: (0..count).map(|n| Timestamp(n as i64 * 1_000_000)).collect(),
            symbols: (0..count).map(|n| names[n * 7919 % 100]).collect(),
            quantities: (0..count).map(|n| n as i64 * 31 % 1000).collect(),
            prices: (0..count).map(|n| n as f64 * 0.25).collect(),
            buys: (0..count).map(|n| n % 3 == 0).collect(),
        }
    }
}

impl Rows {
    /// As a table of the wire.
    pub fn with<T>(&self, use_it: impl FnOnce(&literal::Table<'_>) -> T) -> T {
        let columns: [&dyn Encode; 5] = [
            &&self.at[..],
            &literal::Symbols(&self.symbols),
            &&self.quantities[..],
            &&self.prices[..],
            &&self.buys[..],
        ];
        use_it(&literal::Table::new(&["at", "sym", "qty", "px", "buy"], &columns))
    }
}

impl Rows {
    /// The same with numbers in place of timestamps, as all clients can insert it.
    pub fn with_times<T>(&self, use_it: impl FnOnce(&literal::Table<'_>) -> T) -> T {
        let columns: [&dyn Encode; 5] = [
            &&self.times[..],
            &literal::Symbols(&self.symbols),
            &&self.quantities[..],
            &&self.prices[..],
            &&self.buys[..],
        ];
        use_it(&literal::Table::new(&["at", "sym", "qty", "px", "buy"], &columns))
    }
}

impl Encode for Rows {
    fn encode(&self, writer: &mut Writer<'_>) {
        self.with(|table| table.encode(writer));
    }
}

pub fn payload(value: &dyn Encode) -> Vec<u8> {
    let size = Writer::measure(Generation::V3, value).unwrap();
    let mut buffer = vec![0; size as usize];
    Writer::encode(Generation::V3, value, &mut buffer).unwrap();
    buffer
}

/// 10 rows of three columns.
pub fn small() -> Vec<u8> {
    payload(&literal::Table::new(&FEW_NAMES, &[&literal::Symbols(&FEW.0), &FEW.1, &FEW.2]))
}

/// Looks at every cell, with no arithmetic that would take longer than the looking.
pub fn read_by_columns(table: &Table<'_>) -> u64 {
    let column = |name| table.column(name).unwrap().vector().unwrap();
    let mut sum = 0u64;
    for cell in column("at").elements::<Timestamp>().unwrap() {
        sum = sum.wrapping_add(cell.get() as u64);
    }
    for symbol in column("sym").symbols().unwrap() {
        sum = sum.wrapping_add(symbol.len() as u64);
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

/// Its sum of `qty`, with so many rows that they all are in it.
pub fn sum_of_quantities(rows: &Rows) -> i64 {
    rows.quantities.iter().sum()
}

/// A query with an aggregate, a filter and groups, as a value of the wire.
pub fn query() -> impl Encode {
    let total = (col("price") * col("quantity")).sum().named("total");
    table("trades").select(total).filter(col("price").gt(100.0)).by("symbol")
}

/// Its payload.
pub fn tree() -> Vec<u8> {
    payload(&query())
}

/// The names and columns of [`small`].
pub const FEW_NAMES: [&str; 3] = ["sym", "px", "qty"];
pub const FEW: ([&str; 10], [f64; 10], [i64; 10]) = (
    ["IBM", "AAPL", "MSFT", "GOOG", "AMZN", "IBM", "AAPL", "MSFT", "GOOG", "AMZN"],
    [0.0, 1.5, 3.0, 4.5, 6.0, 7.5, 9.0, 10.5, 12.0, 13.5],
    [0, 10, 20, 30, 40, 50, 60, 70, 80, 90],
);

/// Bytes as servers pack them: any two equal differences make a run.
pub fn packed(plain: &[u8]) -> Vec<u8> {
    let mut last = 0u8;
    let differences: Vec<u8> = plain
        .iter()
        .map(|byte| {
            let difference = byte.wrapping_sub(last);
            last = *byte;
            difference
        })
        .collect();
    let (mut packed, mut literal) = (Vec::new(), Vec::new());
    for equal in differences.chunk_by(|a, b| a == b) {
        if equal.len() == 1 {
            literal.extend_from_slice(equal);
            continue;
        }
        end(&mut packed, &mut literal);
        for run in equal.chunks(127) {
            packed.extend([run.len() as u8, run[0]]);
        }
    }
    end(&mut packed, &mut literal);
    packed
}

fn end(packed: &mut Vec<u8>, literal: &mut Vec<u8>) {
    for differences in literal.chunks(128) {
        packed.push((differences.len() as u8).wrapping_neg());
        packed.extend_from_slice(differences);
    }
    literal.clear();
}

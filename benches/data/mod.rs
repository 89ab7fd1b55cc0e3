//! The tables that the benches work on.
#![allow(dead_code)]

use rayforce_ipc::codec::{Encode, Table, Writer, literal};
use rayforce_ipc::wire::{Generation, Timestamp};

/// Columns of a program's own: timestamps, symbols of 100 distinct names, i64, f64, bool.
pub struct Rows {
    at: Vec<Timestamp>,
    symbols: Vec<&'static str>,
    quantities: Vec<i64>,
    prices: Vec<f64>,
    buys: Vec<bool>,
}

impl Rows {
    pub fn new(count: usize) -> Rows {
        let names: Vec<&'static str> = (0..100).map(|n| &*format!("SYM{n}").leak()).collect();
        Rows {
            at: (0..count).map(|n| Timestamp(n as i64 * 1_000_000)).collect(),
            symbols: (0..count).map(|n| names[n * 7919 % 100]).collect(),
            quantities: (0..count).map(|n| n as i64 * 31 % 1000).collect(),
            prices: (0..count).map(|n| n as f64 * 0.25).collect(),
            buys: (0..count).map(|n| n % 3 == 0).collect(),
        }
    }
}

impl Encode for Rows {
    fn encode(&self, writer: &mut Writer<'_>) {
        let columns: [&dyn Encode; 5] = [
            &&self.at[..],
            &literal::Symbols(&self.symbols),
            &&self.quantities[..],
            &&self.prices[..],
            &&self.buys[..],
        ];
        literal::Table::new(&["at", "sym", "qty", "px", "buy"], &columns).encode(writer);
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
    let symbols = ["IBM", "AAPL", "MSFT", "GOOG", "AMZN", "IBM", "AAPL", "MSFT", "GOOG", "AMZN"];
    let prices: [f64; 10] = std::array::from_fn(|n| n as f64 * 1.5);
    let quantities: [i64; 10] = std::array::from_fn(|n| n as i64 * 10);
    payload(&literal::Table::new(&["sym", "px", "qty"], &[&literal::Symbols(&symbols), &prices, &quantities]))
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

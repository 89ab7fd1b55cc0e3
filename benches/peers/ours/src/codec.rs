//! In memory.

use std::hint::black_box;

use rayforce_ipc::codec::{Encode, Value, Writer, literal};
use rayforce_ipc::wire::{Generation, Type};
use subject::data::{self, FEW, FEW_NAMES, Rows};
use subject::inserts::ROWS;
use subject::{Measure, Work};

use crate::wire::deflate::Deflater;
use crate::wire::inflate::Inflater;
use crate::wire::region::Region;

pub const MEASURES: [Measure; 11] = [
    ("decode-sum", |_| {
        let payload = data::payload(&Rows::new(ROWS));
        let sum = data::sum_of_quantities(&Rows::new(ROWS));
        Box::new(move || {
            let table = decode(&payload).table().expect("a table");
            let quantities =
                table.column("qty").expect("a column").vector().expect("a vector").i64s().expect("i64");
            assert_eq!(quantities.iter().fold(0i64, |sum, cell| sum.wrapping_add(cell.get())), sum);
        })
    }),
    ("cells", |_| {
        let payload = data::payload(&Rows::new(ROWS));
        Box::new(move || {
            black_box(data::read_by_columns(&decode(&payload).table().expect("a table")));
        })
    }),
    ("encode", |_| encoded(Rows::new(ROWS))),
    ("decode-small", |_| {
        let payload = data::small();
        Box::new(move || {
            let table = decode(&payload).table().expect("a table");
            for column in table.columns() {
                if let Value::Vector(column) = column
                    && column.ty() == Type::Symbol
                {
                    black_box(column.symbols().expect("UTF-8"));
                }
            }
        })
    }),
    ("build-small", |_| encoded(Few)),
    ("decode-atom", |_| {
        let payload = data::payload(&3i64);
        Box::new(move || assert_eq!(decode(&payload).as_i64(), Ok(3)))
    }),
    ("build-atom", |_| encoded(3i64)),
    ("decode-tree", |_| {
        let payload = data::tree();
        Box::new(move || {
            black_box(decode(&payload));
        })
    }),
    ("build-tree", |_| encoded(data::query())),
    ("inflate", |_| {
        let plain = data::payload(&Rows::new(ROWS));
        let packed = data::packed(&plain);
        // What is plain grows into the room of what was packed.
        let room = plain.len().max(packed.len());
        let mut buffer = vec![0; room + packed.len()];
        buffer[room..].copy_from_slice(&packed);
        Box::new(move || {
            let (mut input, mut output) = (Region { start: room, end: room + packed.len() }, 0);
            Inflater::new().run(black_box(&mut buffer), &mut input, &mut output, plain.len());
            assert_eq!((output, input.is_empty()), (plain.len(), true));
        })
    }),
    ("deflate", |_| {
        let plain = data::payload(&Rows::new(ROWS));
        let mut target = vec![0; Deflater::most(plain.len())];
        Box::new(move || {
            black_box(Deflater::new().run(black_box(&plain), &mut target)).expect("room");
        })
    }),
];

fn decode(payload: &[u8]) -> Value<'_> {
    Value::decode(Generation::V3, black_box(payload)).expect("a value")
}

/// A value into a buffer that has its size.
fn encoded(value: impl Encode + 'static) -> Box<dyn Work> {
    let mut target = vec![0; data::payload(&value).len()];
    Box::new(move || {
        black_box(Writer::encode(Generation::V3, black_box(&value), &mut target).expect("room").len());
    })
}

/// The table of 10 rows.
struct Few;

impl Encode for Few {
    fn encode(&self, writer: &mut Writer<'_>) {
        let (symbols, prices, quantities) = black_box(&FEW);
        literal::Table::new(&FEW_NAMES, &[&literal::Symbols(symbols), prices, quantities]).encode(writer);
    }
}

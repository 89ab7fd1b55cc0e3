//! `kdb_codec` on an equivalent payload in its own format, in memory: it cannot talk to the server.

use std::hint::black_box;

use kdb_codec::K;
use subject::Measure;
use subject::data::{self, FEW, FEW_NAMES, Rows};
use subject::inserts::ROWS;

fn main() {
    subject::serve(&MEASURES);
}

const MEASURES: [Measure; 7] = [
    ("decode-sum", |_| {
        let (payload, sum) = (large().q_ipc_encode(), data::sum_of_quantities(&Rows::new(ROWS)));
        Box::new(move || {
            let table = decode(&payload);
            let quantities = table.get_column("qty").expect("a column").as_vec::<i64>().expect("i64");
            assert_eq!(quantities.iter().fold(0i64, |sum, cell| sum.wrapping_add(*cell)), sum);
        })
    }),
    ("cells", |_| {
        let payload = large().q_ipc_encode();
        Box::new(move || {
            black_box(read(&decode(&payload)));
        })
    }),
    // From vectors of its own, which it takes as they are.
    ("encode", |_| {
        let rows = Rows::new(ROWS);
        Box::new(move || {
            black_box(table_of(&rows).q_ipc_encode());
        })
    }),
    ("decode-small", |_| {
        let payload = few().q_ipc_encode();
        Box::new(move || {
            black_box(decode(&payload));
        })
    }),
    ("build-small", |_| {
        Box::new(move || {
            black_box(few().q_ipc_encode());
        })
    }),
    ("decode-atom", |_| {
        let payload = K::new_long(3).q_ipc_encode();
        Box::new(move || assert_eq!(decode(&payload).get_long().expect("i64"), 3))
    }),
    ("build-atom", |_| {
        Box::new(move || {
            black_box(K::new_long(black_box(3)).q_ipc_encode());
        })
    }),
];

const NAMES: [&str; 5] = ["at", "sym", "qty", "px", "buy"];
/// As the byte in a header tells it.
const LITTLE_ENDIAN: u8 = 1;

fn decode(payload: &[u8]) -> K {
    K::q_ipc_decode(black_box(payload), LITTLE_ENDIAN).expect("a value")
}

fn large() -> K {
    table_of(&Rows::new(ROWS))
}

/// Numbers in place of timestamps, whose type it makes of chrono's one by one.
fn table_of(rows: &Rows) -> K {
    table(
        &NAMES,
        vec![
            K::new_long_list(rows.times.clone(), 0),
            K::new_symbol_list(rows.symbols.iter().map(|&name| name.to_owned()).collect(), 0),
            K::new_long_list(rows.quantities.clone(), 0),
            K::new_float_list(rows.prices.clone(), 0),
            K::new_bool_list(rows.buys.clone(), 0),
        ],
    )
}

fn few() -> K {
    let (symbols, prices, quantities) = black_box(&FEW);
    table(
        &FEW_NAMES,
        vec![
            K::new_symbol_list(symbols.iter().map(|&name| name.to_owned()).collect(), 0),
            K::new_float_list(prices.to_vec(), 0),
            K::new_long_list(quantities.to_vec(), 0),
        ],
    )
}

fn table(names: &[&str], columns: Vec<K>) -> K {
    let names = K::new_symbol_list(names.iter().map(|&name| name.to_owned()).collect(), 0);
    let columns = K::new_compound_list(columns);
    K::new_dictionary(names, columns).and_then(|dictionary| dictionary.flip()).expect("a table")
}

fn read(table: &K) -> u64 {
    let column = |name| table.get_column(name).expect("a column");
    let mut sum = 0u64;
    for name in ["at", "qty"] {
        for cell in column(name).as_vec::<i64>().expect("i64") {
            sum = sum.wrapping_add(*cell as u64);
        }
    }
    for symbol in column("sym").as_vec::<String>().expect("symbols") {
        sum = sum.wrapping_add(symbol.len() as u64);
    }
    for cell in column("px").as_vec::<f64>().expect("f64") {
        sum = sum.wrapping_add(cell.to_bits());
    }
    for cell in column("buy").as_vec::<u8>().expect("bool") {
        sum = sum.wrapping_add(u64::from(*cell));
    }
    sum
}

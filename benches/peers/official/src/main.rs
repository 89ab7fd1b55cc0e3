//! The official crate: its client, its serializer, and the coder of packed payloads of the engine inside it.

use std::hint::black_box;

use rayforce::{Runtime, Table, TcpClient, Value, col};
use rayforce_ipc::codec::Encode;
use subject::data::{self, FEW, FEW_NAMES, Rows};
use subject::frames;
use subject::inserts::{BATCH, COUNT, FULL, RESET, ROWS, SINK};
use subject::{Measure, Work};

fn main() {
    let served = Runtime::scope(|_| {
        subject::serve(&MEASURES);
        Ok(())
    });
    served.expect("a runtime");
}

const MEASURES: [Measure; 16] = [
    ("round-trip", |port| {
        let client = connect(port);
        Box::new(move || assert_eq!(client.execute("(+ 1 2)").expect("an answer").as_i64().expect("i64"), 3))
    }),
    ("connect", |port| Box::new(move || connect(port).close())),
    ("fetch", |port| {
        let (client, sum) = (connect(port), data::sum_of_quantities(&Rows::new(ROWS)));
        Box::new(move || assert_eq!(sum_of(client.execute(FULL).expect("an answer")), sum))
    }),
    ("insert-async", |port| Box::new(Insert::new(port, false))),
    ("insert-sync", |port| Box::new(Insert::new(port, true))),
    ("decode-sum", |_| {
        let (frame, sum) = (framed(&Rows::new(ROWS)), data::sum_of_quantities(&Rows::new(ROWS)));
        Box::new(move || assert_eq!(sum_of(decode(&frame)), sum))
    }),
    ("cells", |_| {
        let frame = framed(&Rows::new(ROWS));
        Box::new(move || {
            black_box(read(&decode(&frame).as_table().expect("a table")));
        })
    }),
    ("encode", |_| {
        let rows = Rows::new(ROWS);
        Box::new(move || {
            black_box(
                Table::new(&NAMES, &columns(&rows, 0, ROWS)).expect("a table").into_value().serialize(),
            )
            .expect("bytes");
        })
    }),
    ("decode-small", |_| {
        let frame = frames::response(&data::small());
        Box::new(move || {
            black_box(decode(&frame).as_table()).expect("a table");
        })
    }),
    ("build-small", |_| {
        Box::new(move || {
            let (symbols, prices, quantities) = black_box(&FEW);
            let columns = [Value::sym_vec(symbols), Value::vec(prices), Value::vec(quantities)];
            black_box(Table::new(&FEW_NAMES, &columns).expect("a table").into_value().serialize())
                .expect("bytes");
        })
    }),
    ("decode-atom", |_| {
        let frame = framed(&3i64);
        Box::new(move || assert_eq!(decode(&frame).as_i64().expect("i64"), 3))
    }),
    ("build-atom", |_| {
        Box::new(move || {
            black_box(Value::i64(black_box(3)).serialize()).expect("bytes");
        })
    }),
    ("decode-tree", |_| {
        let frame = framed(&data::query());
        Box::new(move || {
            black_box(decode(&frame));
        })
    }),
    ("build-tree", |_| {
        Box::new(move || {
            black_box(select().serialize()).expect("bytes");
        })
    }),
    ("inflate", |_| {
        let plain = data::payload(&Rows::new(ROWS));
        let packed = data::packed(&plain);
        let mut target = vec![0; plain.len()];
        Box::new(move || {
            let packed = black_box(&packed);
            // SAFETY: both ranges are of the lengths that are told, and apart.
            let len = unsafe {
                ray_ipc_decompress(packed.as_ptr(), packed.len(), target.as_mut_ptr(), target.len())
            };
            assert_eq!(len, plain.len());
        })
    }),
    ("deflate", |_| {
        let plain = data::payload(&Rows::new(ROWS));
        let mut target = vec![0; 2 * plain.len()];
        Box::new(move || {
            let plain = black_box(&plain);
            // SAFETY: both ranges are of the lengths that are told, and apart.
            let len =
                unsafe { ray_ipc_compress(plain.as_ptr(), plain.len(), target.as_mut_ptr(), target.len()) };
            assert_ne!(len, 0);
        })
    }),
];

unsafe extern "C" {
    fn ray_ipc_compress(source: *const u8, len: usize, target: *mut u8, room: usize) -> usize;
    fn ray_ipc_decompress(source: *const u8, len: usize, target: *mut u8, room: usize) -> usize;
}

const NAMES: [&str; 5] = ["at", "sym", "qty", "px", "buy"];

fn connect(port: u16) -> TcpClient {
    TcpClient::connect("127.0.0.1", port, "", "").expect("a server")
}

fn framed(value: &dyn Encode) -> Vec<u8> {
    frames::response(&data::payload(value))
}

fn decode(frame: &[u8]) -> Value {
    Value::deserialize(black_box(frame)).expect("a value")
}

fn sum_of(table: Value) -> i64 {
    let column = table.as_table().and_then(|table| table.column("qty")).expect("a column");
    column.as_slice::<i64>().expect("i64").iter().fold(0, |sum, cell| sum.wrapping_add(*cell))
}

/// Every cell by the quickest way that it has.
fn read(table: &Table) -> u64 {
    let column = |name| table.column(name).expect("a column");
    let mut sum = 0u64;
    for cell in column("at").timestamp_nanos_slice().expect("timestamps") {
        sum = sum.wrapping_add(*cell as u64);
    }
    for symbol in column("sym").iter() {
        sum = sum.wrapping_add(symbol.expect("a symbol").as_sym().expect("a symbol").len() as u64);
    }
    for cell in column("qty").as_slice::<i64>().expect("i64") {
        sum = sum.wrapping_add(*cell as u64);
    }
    for cell in column("px").as_slice::<f64>().expect("f64") {
        sum = sum.wrapping_add(cell.to_bits());
    }
    for cell in column("buy").bool_slice().expect("bool") {
        sum = sum.wrapping_add(u64::from(*cell != 0));
    }
    sum
}

fn columns(rows: &Rows, from: usize, to: usize) -> [Value; 5] {
    [
        Value::vec(&rows.times[from..to]),
        Value::sym_vec(&rows.symbols[from..to]),
        Value::vec(&rows.quantities[from..to]),
        Value::vec(&rows.prices[from..to]),
        Value::bool_vec(&rows.buys[from..to]),
    ]
}

/// The query of `data::query` in the form in which it goes over the wire.
fn select() -> Value {
    let total = (col("price") * col("quantity")).sum();
    let by = Value::dict(Value::sym_vec(&["symbol"]), Value::list(&[Value::name_ref("symbol")]));
    let values = [total.compile(), by, Value::name_ref("trades"), col("price").gt(100.0).compile()];
    let query = Value::dict(Value::sym_vec(&["total", "by", "from", "where"]), Value::list(&values));
    Value::list(&[Value::name_ref("select"), query])
}

struct Insert {
    client: TcpClient,
    rows: Rows,
    is_sync: bool,
}

impl Insert {
    fn new(port: u16, is_sync: bool) -> Insert {
        Insert { client: connect(port), rows: Rows::new(ROWS), is_sync }
    }
}

impl Work for Insert {
    fn prepare(&mut self) {
        self.client.execute(RESET).expect("an answer");
    }

    fn repeat(&mut self, times: u32) {
        for _ in 0..times {
            for from in (0..ROWS).step_by(BATCH) {
                let [at, symbols, quantities, prices, buys] = columns(&self.rows, from, from + BATCH);
                let rows = Value::list(&[Value::name_ref("list"), at, symbols, quantities, prices, buys]);
                // Its symbols go out unquoted, and would be the table itself.
                let sink = Value::list(&[Value::name_ref("quote"), Value::name_ref(SINK)]);
                let insert = Value::list(&[Value::name_ref("insert"), sink, rows]);
                if self.is_sync {
                    self.client.send(&insert).expect("an answer");
                } else {
                    self.client.send_async(&insert).expect("a server");
                }
            }
            let count = self.client.execute(COUNT).expect("an answer");
            assert_eq!(count.as_i64().expect("i64"), ROWS as i64);
        }
    }
}

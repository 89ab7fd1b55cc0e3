//! Requests larger than the transmit buffer.

use rayforce_ipc::client::{Buffers, Connection};
use rayforce_ipc::codec::literal::{Symbols, Table};
use rayforce_ipc::codec::{Encode, Symbol};
use rayforce_ipc::transports::tcp::Stream;
use rayforce_ipc::wire::Timestamp;
use xtask::server::Server;

use crate::support::{ALL, Call, Evaluated, Literal, answer, connect, start};

const ROWS: usize = 50_000;

/// Five columns in the caller's own slices.
struct Columns {
    numbers: Vec<i64>,
    prices: Vec<f64>,
    moments: Vec<Timestamp>,
    flags: Vec<bool>,
    names: Vec<&'static str>,
}

impl Columns {
    fn new() -> Columns {
        Columns {
            numbers: (0..ROWS as i64).collect(),
            prices: (0..ROWS).map(|row| row as f64 / 4.0).collect(),
            moments: (0..ROWS as i64).map(|row| Timestamp(row * 1_000_000_007)).collect(),
            flags: (0..ROWS).map(|row| row % 5 == 0).collect(),
            names: ["ibm", "apple", "x"].iter().copied().cycle().take(ROWS).collect(),
        }
    }

    fn with<R>(&self, run: impl FnOnce(&[&dyn Encode]) -> R) -> R {
        run(&[
            &self.numbers.as_slice(),
            &self.prices.as_slice(),
            &self.moments.as_slice(),
            &self.flags.as_slice(),
            &Symbols(&self.names),
        ])
    }
}

const NAMES: [&str; 5] = ["n", "px", "at", "ok", "sym"];

/// What the server makes of as many copies of the columns.
fn assert_arrived(connection: &mut Connection<'_, Stream>, copies: usize) {
    let rows = copies * ROWS;
    assert_eq!(answer(connection, "(count big)"), format!("I64({rows})"));
    let sum: usize = copies * (0..ROWS).sum::<usize>();
    assert_eq!(answer(connection, "(sum (at big 'n))"), format!("I64({sum})"));
    assert_eq!(answer(connection, "(sum (at big 'px))"), format!("F64({:?})", sum as f64 / 4.0));
    let last = Timestamp((ROWS as i64 - 1) * 1_000_000_007);
    assert_eq!(answer(connection, "(max (at big 'at))"), format!("{last:?}"));
    assert_eq!(answer(connection, "(count (where (at big 'ok)))"), format!("I64({})", rows / 5));
    let apples = copies * (ROWS / 3 + 1);
    assert_eq!(answer(connection, "(count (where (== (at big 'sym) 'apple)))"), format!("I64({apples})"));
}

fn arrives_through<const SIZE: usize>(server: &Server) {
    let mut buffers = Buffers::<4096, SIZE>::new();
    let connection = &mut connect(server, buffers.lend());
    Columns::new().with(|columns| {
        let table = Table::new(&NAMES, columns);
        // The answers are whole tables, too large for this buffer: they are thrown away.
        let set = Call("set", &[&Symbol::name("big"), &table]);
        connection.execute(&Evaluated(&set)).unwrap();
        assert_arrived(connection, 1);

        let rows = Call("list", columns);
        let insert = Call("insert", &[&Literal("big"), &rows]);
        connection.execute(&Evaluated(&insert)).unwrap();
        assert_arrived(connection, 2);
    });
}

#[test]
fn a_large_table_goes_out_through_a_small_and_a_large_buffer() {
    for version in ALL {
        println!("--- {version}");
        let server = start(version);
        arrives_through::<64>(&server);
        arrives_through::<0x1_0000>(&server);
    }
}

#[test]
fn a_small_request_goes_out_through_one_byte() {
    for version in ALL {
        println!("--- {version}");
        let server = start(version);
        let mut buffers = Buffers::<16, 1>::new();
        let mut connection = connect(&server, buffers.lend());
        let mut reply = connection.execute("(+ 40 2)").unwrap();
        assert_eq!(reply.value().unwrap().as_i64(), Ok(42));
    }
}

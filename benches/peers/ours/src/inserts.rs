//! A million rows from slices.

use rayforce_ipc::client::Connection;
use rayforce_ipc::codec::Request;
use rayforce_ipc::query::table;
use rayforce_ipc::transports::tcp::Stream;
use subject::data::Rows;
use subject::inserts::{BATCH, COUNT, RESET, ROWS, SINK, WINDOW};
use subject::{Measure, Work};

use crate::network::open;

pub const MEASURES: [Measure; 3] = [
    ("insert-async", |port| Box::new(Insert::new(port, Way::Async))),
    ("insert-sync", |port| Box::new(Insert::new(port, Way::Sync))),
    ("insert-pipelined", |port| Box::new(Insert::new(port, Way::Pipelined))),
];

enum Way {
    Async,
    Sync,
    Pipelined,
}

struct Insert {
    connection: Connection<'static, Stream>,
    rows: Rows,
    way: Way,
}

impl Insert {
    fn new(port: u16, way: Way) -> Insert {
        Insert { connection: open(port, 0x1000, 0x1_0000), rows: Rows::new(ROWS), way }
    }
}

impl Work for Insert {
    fn prepare(&mut self) {
        self.connection.execute(RESET).expect("an answer");
    }

    fn repeat(&mut self, times: u32) {
        for _ in 0..times {
            let (rows, mut due) = (&self.rows, 0);
            for from in (0..ROWS).step_by(BATCH) {
                let to = from + BATCH;
                let insert = table(SINK).insert((
                    &rows.times[from..to],
                    &rows.symbols[from..to],
                    &rows.quantities[from..to],
                    &rows.prices[from..to],
                    &rows.buys[from..to],
                ));
                due += send(&mut self.connection, &self.way, &insert);
                if due > WINDOW {
                    self.connection.receive().expect("an answer");
                    due -= 1;
                }
            }
            for _ in 0..due {
                self.connection.receive().expect("an answer");
            }
            let mut count = self.connection.execute(COUNT).expect("an answer");
            assert_eq!(count.value().expect("a value").as_i64(), Ok(ROWS as i64));
        }
    }
}

/// How many answers are to come.
fn send(connection: &mut Connection<'_, Stream>, way: &Way, insert: impl Request) -> usize {
    match way {
        Way::Async => connection.send_async(insert).map(|()| 0).expect("a server"),
        Way::Sync => connection.execute(insert).map(|_| 0).expect("an answer"),
        Way::Pipelined => connection.send(insert).map(|()| 1).expect("a server"),
    }
}

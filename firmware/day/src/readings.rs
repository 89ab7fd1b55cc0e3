//! What the sensors say, and the requests of a day.

use rayforce_ipc::codec::Encode;
use rayforce_ipc::codec::literal::Table;
use rayforce_ipc::query::{call, col, from, sym, table};

/// Readings of a batch.
pub const BATCH_LEN: usize = 100;
/// The fewest readings of a day that the server has to acknowledge: 1,000.
pub const BATCHES: u32 = 1_000 / BATCH_LEN as u32;

/// A batch of readings, by columns as they are sent. The number of a reading is its `id`, counted from 0.
#[derive(Clone, Debug)]
pub struct Batch {
    ids: [i64; BATCH_LEN],
    sensors: [i64; BATCH_LEN],
    values: [f64; BATCH_LEN],
}

impl Batch {
    /// Zeroed.
    pub const fn new() -> Self {
        Batch { ids: [0; BATCH_LEN], sensors: [0; BATCH_LEN], values: [0.0; BATCH_LEN] }
    }

    /// Reads the sensors for the batch of that number.
    pub fn measure(&mut self, number: u32) {
        let columns = self.ids.iter_mut().zip(&mut self.sensors).zip(&mut self.values);
        for (((id, sensor), reading), number) in columns.zip(first_id(number)..) {
            (*id, *sensor, *reading) = (number, number % 3, value(number));
        }
    }

    /// The request that inserts it.
    pub fn insert(&self) -> impl Encode + '_ {
        table(READINGS).insert((&self.ids[..], &self.sensors[..], &self.values[..]))
    }
}

impl Default for Batch {
    fn default() -> Self {
        Self::new()
    }
}

/// The number of a batch's first reading.
pub const fn first_id(batch: u32) -> i64 {
    batch as i64 * BATCH_LEN as i64
}

/// What the sensor said: a multiple of 1/4, so that sums are exact in whatever order.
pub const fn value(id: i64) -> f64 {
    (id % 997) as f64 * 0.25
}

/// Makes the empty table.
pub fn create() -> impl Encode {
    from(Table::new(&NAMES, &EMPTY)).save(READINGS)
}

/// How many readings the table has; an error of the server where there is no table.
pub fn count() -> impl Encode {
    table(READINGS).count()
}

/// The numbers of the readings, in their order.
pub fn ids() -> impl Encode {
    table(READINGS).column("id")
}

/// One row: the sum of the values, how many there are, the greatest number.
pub fn aggregate() -> impl Encode {
    let total = col("value").sum().named("total");
    table(READINGS).select((total, col("id").count().named("readings"), col("id").max().named("last")))
}

/// Makes a table of 80 KB and answers with a number.
pub const CREATE_HISTORY: &str = "(count (set history (table [n x] (list (til 5000) (* 0.5 (til 5000))))))";
/// Rows of that table.
pub const HISTORY_LEN: i64 = 5_000;

/// The table.
pub fn history() -> impl Encode {
    table("history")
}

/// The topic.
pub const TOPIC: &str = "alarms";
/// How many publications there are.
pub const PUBLICATION_COUNT: i64 = 10;

/// Publishes a number.
pub fn publish(number: i64) -> impl Encode {
    call(".mc.pub", (sym(TOPIC), number))
}

const READINGS: &str = "readings";
const NAMES: [&str; 3] = ["id", "sensor", "value"];
const EMPTY: [&dyn Encode; 3] = [&[0i64; 0], &[0i64; 0], &[0f64; 0]];

//! What the sensors say, and the requests of a day.

use core::ops::Range;

use rayforce_ipc::codec::Encode;
use rayforce_ipc::codec::literal::Table;
use rayforce_ipc::query::{call, col, from, sym, table};

/// The most readings of a batch.
pub const BATCH_LEN: usize = 100;
/// The fewest readings of a day that the server has to acknowledge.
pub const READINGS: u32 = 1_000;

/// A batch of readings, by columns as they are sent. The number of a reading is its `id`, counted on from batch to batch.
#[derive(Clone, Debug)]
pub struct Batch {
    ids: [i64; BATCH_LEN],
    sensors: [i64; BATCH_LEN],
    values: [f64; BATCH_LEN],
    len: usize,
}

impl Batch {
    /// Empty.
    pub const fn new() -> Self {
        Batch { ids: [0; BATCH_LEN], sensors: [0; BATCH_LEN], values: [0.0; BATCH_LEN], len: 0 }
    }

    /// Reads the sensors for a batch of those numbers, of the first [`BATCH_LEN`] where they are more.
    pub fn measure(&mut self, numbers: Range<i64>) {
        self.len = 0;
        let columns = self.ids.iter_mut().zip(&mut self.sensors).zip(&mut self.values);
        for (((id, sensor), reading), number) in columns.zip(numbers) {
            (*id, *sensor, *reading) = (number, number % 3, value(number));
            self.len += 1;
        }
    }

    /// The request that inserts it.
    pub fn insert(&self) -> impl Encode + '_ {
        let len = self.len;
        table(TABLE).insert((&self.ids[..len], &self.sensors[..len], &self.values[..len]))
    }
}

impl Default for Batch {
    fn default() -> Self {
        Self::new()
    }
}

/// What the sensor said: a multiple of 1/4, so that sums are exact in whatever order.
pub const fn value(id: i64) -> f64 {
    (id % 997) as f64 * 0.25
}

/// Makes the empty table.
pub fn create() -> impl Encode {
    from(Table::new(&NAMES, &EMPTY)).save(TABLE)
}

/// How many readings the table has; an error of the server where there is no table.
pub fn count() -> impl Encode {
    table(TABLE).count()
}

/// The numbers of the readings, in their order.
pub fn ids() -> impl Encode {
    table(TABLE).column("id")
}

/// One row: the sum of the values, how many there are, the greatest number.
pub fn aggregate() -> impl Encode {
    let total = col("value").sum().named("total");
    table(TABLE).select((total, col("id").count().named("readings"), col("id").max().named("last")))
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

const TABLE: &str = "readings";
const NAMES: [&str; 3] = ["id", "sensor", "value"];
const EMPTY: [&dyn Encode; 3] = [&[0i64; 0], &[0i64; 0], &[0f64; 0]];

//! What `docs/devices.md` says of the servers: their time, and rows that are there once.

use std::time::{Duration, Instant, SystemTime};

use rayforce_ipc::client::{Buffers, Connection, Options};
use rayforce_ipc::codec::Encode;
use rayforce_ipc::error::Outcome;
use rayforce_ipc::query::{col, each, from, functions, sym, table};
use rayforce_ipc::transports::faulty::{End, Faults, Faulty};
use rayforce_ipc::transports::tcp::Stream;
use rayforce_ipc::wire::{Generation, Timestamp};
use rayforce_ipc::{Error, codec::Writer};
use xtask::server::Server;

use crate::support::{ALL, answer, dial, on_each};

#[path = "../../examples/boards/station/src/time.rs"]
mod time;

use time::ServerTime;

const CREATE: &str = "(do (try readings (fn [x] (set readings (table [device run number at celsius] (list \
                      (take ['a] 0) (take [0] 0) (take [0] 0) (take [2000.01.01D00:00:00.000000000] 0) \
                      (take [0.0] 0)))))) null)";

/// Three readings from a number on.
struct Batch(i64);

impl Batch {
    const LEN: i64 = 3;

    fn with<R>(&self, run: impl FnOnce(&dyn Encode, &dyn Encode) -> R) -> R {
        let numbers = [self.0, self.0 + 1, self.0 + 2];
        let rows = each(&numbers)
            .field(|_| "oven")
            .field(|_| 7i64)
            .field(|number| *number)
            .field(|number| Timestamp(849_000_000_123_456_789 + *number))
            .field(|_| 21.5);
        run(&table("readings").insert(rows), &table("readings").upsert(3, rows))
    }

    /// How many of its rows are in the table.
    fn count(&self, connection: &mut Connection<'_, Stream>) -> i64 {
        let ours = col("device").eq("oven")
            & col("run").eq(7)
            & col("number").between(self.0, self.0 + Batch::LEN - 1);
        let rows = from(table("readings").select("number").filter(ours)).count();
        connection.execute(&rows).unwrap().value().unwrap().as_i64().unwrap()
    }
}

#[test]
fn the_servers_time_is_utc_and_lies_within_its_bounds() {
    on_each(ALL, |_, connection| {
        let start = Instant::now();
        let mut time = ServerTime::new();
        for _ in 0..20 {
            let sent = start.elapsed();
            let mut reply = connection.execute(&functions::timestamp(sym("utc"))).unwrap();
            let moment = reply.value().unwrap().read::<Timestamp>().unwrap();
            let received = start.elapsed();
            let whole_seconds = moment.0 % 1_000_000_000 == 0;
            assert_eq!(whole_seconds, connection.generation() == Generation::V3, "{moment}");
            time.answered(sent, received, moment);

            // This host's clock, which is the server's as well, was read between these two.
            let before = start.elapsed();
            let truth = Timestamp::from(SystemTime::now());
            let after = start.elapsed();
            let doubt = time.doubt(after).unwrap();
            assert!(doubt <= Duration::from_millis(500) + (received - sent) / 2, "{doubt:?}");
            let doubt = i64::try_from(doubt.as_nanos()).unwrap() + 2;
            assert!(time.moment(before).0 - doubt <= truth.0, "{truth} {}", time.moment(before));
            assert!(time.moment(after).0 + doubt >= truth.0, "{truth} {}", time.moment(after));
        }
    });
}

#[test]
fn a_table_is_made_where_there_is_none_and_left_where_there_is_one() {
    on_each(ALL, |_, connection| {
        for rows in [0, 3, 6] {
            assert_eq!(answer(connection, CREATE), "Null");
            assert_eq!(answer(connection, "(count readings)"), format!("I64({rows})"));
            Batch(rows).with(|insert, _| connection.execute(insert).map(drop)).unwrap();
        }
        let all = answer(connection, "readings");
        assert!(
            all.starts_with("Table((table [device run number at celsius] ([oven oven oven oven"),
            "{all}"
        );
    });
}

/// Sends a batch over a connection that breaks, and says what is known of it.
fn lose(server: &Server, batch: &Batch, faults: Faults) -> Outcome {
    let mut buffers = Buffers::<64, 128>::new();
    let mut connection =
        Connection::open(Faulty::new(dial(server), faults), buffers.lend(), &Options::new()).unwrap();
    let error = batch.with(|insert, _| connection.execute(insert).map(drop)).unwrap_err();
    assert!(!matches!(error, Error::Server(_)), "{error}");
    error.outcome()
}

#[test]
fn a_batch_in_doubt_is_there_as_a_whole_or_not_at_all() {
    on_each(ALL, |server, connection| {
        connection.execute(CREATE).unwrap();
        let mut payload = [0; 512];
        let generation = connection.generation();
        let len = Batch(0).with(|insert, _| Writer::encode(generation, insert, &mut payload).unwrap().len());
        let request = (16 + len) as u64;
        let hello = 2;
        let said = if generation == Generation::V3 { 2 } else { 1 };
        let mut number = 0;
        for written in (0..request).step_by(5) {
            let batch = Batch(number);
            let faults =
                Faults { end_writing_after: Some((hello + written, End::Reset)), ..Faults::default() };
            let outcome = lose(server, &batch, faults);
            assert_eq!(outcome, if written == 0 { Outcome::NotSent } else { Outcome::Unknown }, "{written}");
            assert_eq!(batch.count(connection), 0, "{written}");
            number += Batch::LEN;
        }
        let mut found = 0;
        for _ in 0..20 {
            let batch = Batch(number);
            let faults = Faults { end_reading_after: Some((said, End::Silence)), ..Faults::default() };
            assert_eq!(lose(server, &batch, faults), Outcome::Unknown);
            match batch.count(connection) {
                0 => {}
                rows => {
                    assert_eq!(rows, Batch::LEN);
                    found += Batch::LEN;
                }
            }
            number += Batch::LEN;
        }
        assert_eq!(answer(connection, "(count readings)"), format!("I64({found})"));
        // Where the rest of the stream had arrived when it ended, old servers leave the request undone.
        assert!(found > 0);
    });
}

/// 2.0.0 upserts no moments.
#[test]
fn a_batch_that_is_upserted_again_is_there_once() {
    on_each(&["0.1.5", "1.0.0", "2.4.0"], |_, connection| {
        connection.execute(CREATE).unwrap();
        for number in [0, 3, 6] {
            for _ in 0..3 {
                let batch = Batch(number);
                batch.with(|_, upsert| connection.execute(upsert).map(drop)).unwrap();
                assert_eq!(batch.count(connection), Batch::LEN);
                assert_eq!(answer(connection, "(count readings)"), format!("I64({})", number + Batch::LEN));
            }
        }
    });
}

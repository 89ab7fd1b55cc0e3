//! Every captured value, through receive buffers of all sizes, cut everywhere.

use rayforce_ipc::codec::Value;
use rayforce_ipc::transports::faulty::Faults;
use rayforce_ipc::wire::Generation;

use super::oracle::columns;
use super::reader::{assert_read, connect, pieces, replies, script};
use crate::support::pack::pack;
use crate::support::script::{Lent, assert_goes_on};
use crate::support::unpack::unpack;

/// Payloads up to this length are tried in all ways.
const SHORT: usize = 600;

fn packings(generation: Generation) -> &'static [bool] {
    if generation == Generation::V3 { &[false, true] } else { &[false] }
}

#[test]
fn every_frame_has_the_columns_of_its_value_through_any_buffer() {
    let mut count = 0;
    for vector in replies() {
        let expected = columns(vector.generation, &vector.payload);
        let sizes: Vec<usize> = match vector.payload.len() {
            len if len <= SHORT => (16..=64).chain([0x1_0000]).collect(),
            ..=10_000 => vec![16, 17, 40, 64, 0x1_0000],
            _ => vec![16, 64, 0x1_0000],
        };
        for packed in packings(vector.generation) {
            let script = script(vector.generation, &vector.payload, *packed);
            let steps = script.steps();
            for (at, receive) in sizes.iter().enumerate() {
                let mut lent = Lent::new(*receive, 64);
                let mut connection = connect(&steps, &mut lent, Faults::default());
                println!("{} {packed} {receive}", vector.id);
                assert_read(&mut connection, &expected, *receive, at % 5 + 1);
                assert_goes_on(&mut connection);
                count += 1;
            }
        }
    }
    assert!(count > 40_000, "{count}");
}

#[test]
fn small_frames_have_their_columns_however_the_stream_is_cut() {
    for vector in replies().filter(|vector| vector.payload.len() <= 120) {
        let expected = columns(vector.generation, &vector.payload);
        for packed in packings(vector.generation) {
            let script = script(vector.generation, &vector.payload, *packed);
            let steps = script.steps();
            let cuts = (17..vector.payload.len() as u64 + 24).map(|at| (Some(at), None));
            for (at, (split_read_at, read_at_most)) in
                cuts.chain([(None, Some(1)), (None, Some(3))]).enumerate()
            {
                for receive in [16, 39, 1000] {
                    let mut lent = Lent::new(receive, 64);
                    let faults = Faults { split_read_at, read_at_most, ..Faults::default() };
                    let mut connection = connect(&steps, &mut lent, faults);
                    assert_read(&mut connection, &expected, receive, at % 5 + 1);
                    assert_goes_on(&mut connection);
                }
            }
        }
    }
}

/// The tokens of a column are those that it has in the whole, its head among them.
#[test]
fn every_column_has_its_tokens() {
    for vector in replies() {
        let expected = columns(vector.generation, &vector.payload);
        let script = script(vector.generation, &vector.payload, false);
        let steps = script.steps();
        for receive in [16, 21, 1000] {
            let mut lent = Lent::new(receive, 64);
            let mut connection = connect(&steps, &mut lent, Faults::default());
            let mut reply = connection.execute("columns").unwrap();
            let mut columns = reply.columns().unwrap();
            for expected in &expected {
                let mut column = columns.next().unwrap().unwrap();
                assert_eq!(pieces(&mut column), expected.pieces, "{}", vector.id);
            }
            assert!(columns.next().unwrap().is_none());
        }
    }
}

/// The oracle itself, against the views of the value.
#[test]
fn the_columns_of_a_table_are_those_of_its_value() {
    let mut tables = 0;
    for vector in replies() {
        let Ok(Value::Table(table)) = Value::decode(vector.generation, &vector.payload) else { continue };
        let expected = columns(vector.generation, &vector.payload);
        assert_eq!(expected.len(), table.column_count());
        let names: Vec<_> =
            expected.iter().map(|column| String::from_utf8(column.name.clone()).unwrap()).collect();
        assert_eq!(names, table.names().unwrap().take(names.len()).collect::<Vec<_>>());
        for (expected, value) in expected.iter().zip(table.columns()) {
            let count = match value {
                Value::Vector(vector) => vector.len(),
                Value::List(list) => list.len(),
                _ => 1,
            };
            assert_eq!(expected.count, count as u64);
        }
        tables += 1;
    }
    assert!(tables > 60, "{tables}");
}

#[test]
fn what_is_packed_is_unpacked() {
    for seed in 0..200usize {
        let plain: Vec<u8> = (0..seed * 3 + 1).map(|at| (at * at / (seed + 1)) as u8).collect();
        assert_eq!(unpack(&pack(&plain)), plain);
    }
}

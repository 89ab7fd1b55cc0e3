//! Columns that are not read, or not to their end.

use rayforce_ipc::client::{Column, Transport};
use rayforce_ipc::codec::literal::{List, Symbols, Table};
use rayforce_ipc::transports::faulty::Faults;
use rayforce_ipc::wire::Generation;

use super::oracle::columns;
use super::reader::{assert_cells, connect, pieces, replies, script};
use crate::support::codec::{BOTH, sent};
use crate::support::script::{Lent, Script, assert_goes_on, play};

/// A token or two, which may end within a text or an element of a list.
fn begin<T: Transport<Error: std::fmt::Debug>>(column: &mut Column<'_, '_, T>, tokens: usize) {
    for _ in 0..tokens {
        column.next_token().unwrap();
    }
}

#[test]
fn any_subset_of_the_columns_can_be_passed_over() {
    let mut subsets = 0;
    for vector in replies().filter(|vector| vector.payload.len() <= 600) {
        let expected = columns(vector.generation, &vector.payload);
        if !(1..=6).contains(&expected.len()) {
            continue;
        }
        for packed in [false, vector.generation == Generation::V3] {
            let script = script(vector.generation, &vector.payload, packed);
            let steps = script.steps();
            for subset in 0u32..1 << expected.len() {
                for tokens in 0..3 {
                    let mut lent = Lent::new(16 + subset as usize, 64);
                    let mut connection = connect(&steps, &mut lent, Faults::default());
                    let mut reply = connection.execute("columns").unwrap();
                    let mut columns = reply.columns().unwrap();
                    for (at, expected) in expected.iter().enumerate() {
                        let mut column = columns.next().unwrap().unwrap();
                        if subset >> at & 1 == 1 {
                            assert_cells(&mut column, expected, 3);
                        } else {
                            begin(&mut column, tokens);
                        }
                    }
                    assert!(columns.next().unwrap().is_none(), "{}", vector.id);
                    assert_goes_on(&mut connection);
                    subsets += 1;
                }
            }
        }
    }
    assert!(subsets > 10_000, "{subsets}");
}

#[test]
fn the_rest_of_a_reply_is_read_away_wherever_it_is_left() {
    for vector in replies().filter(|vector| vector.payload.len() <= 200) {
        let expected = columns(vector.generation, &vector.payload);
        let script = script(vector.generation, &vector.payload, false);
        let steps = script.steps();
        for left in 0..=expected.len() {
            for tokens in 0..3 {
                let mut lent = Lent::new(33, 64);
                let faults = Faults { read_at_most: Some(5), ..Faults::default() };
                let mut connection = connect(&steps, &mut lent, faults);
                let mut reply = connection.execute("columns").unwrap();
                let mut columns = reply.columns().unwrap();
                for _ in 0..left {
                    begin(&mut columns.next().unwrap().unwrap(), tokens);
                }
                assert_goes_on(&mut connection);
            }
        }
    }
}

#[test]
fn a_reply_goes_on_where_its_columns_were_dropped() {
    for generation in BOTH {
        let table =
            Table::new(&["id", "name", "px"], &[&[1i64, 2, 3], &Symbols(&["a", "b", "c"]), &[1.5, 2.5, 3.5]]);
        let script = Script::opened(generation).asked("columns").answers(&table).goes_on();
        play(&script, 48, |connection| {
            let mut reply = connection.execute("columns").unwrap();
            let mut chunk = [0i64; 2];
            {
                let mut columns = reply.columns().unwrap();
                let mut column = columns.next().unwrap().unwrap();
                assert!(column.read(&mut chunk).unwrap() > 0);
            }
            assert!(reply.remaining_len() > 0);
            let mut columns = reply.columns().unwrap();
            assert_eq!(columns.column_count(), 3);
            let column = columns.next().unwrap().unwrap();
            assert!(column.name().unwrap() == "name" && column.index() == 1);
            let mut columns = reply.columns().unwrap();
            let mut column = columns.next().unwrap().unwrap();
            assert!(column.name().unwrap() == "px");
            assert_eq!(pieces(&mut column).len(), 2);
            assert_goes_on(connection);
        });
    }
}

#[test]
fn a_column_deep_in_itself_is_passed_over() {
    let generation = Generation::V3;
    let mut payload = sent(generation, &List(&[&1i64, &2i64]));
    // The first of two is now 10,000 lists one inside another.
    let mut nested = Vec::new();
    for _ in 0..10_000 {
        nested.extend_from_slice(&[0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
    }
    payload.splice(10..10, nested);
    let script = Script::opened(generation).asked("columns").answers_payload(&payload).goes_on();
    play(&script, 16, |connection| {
        let mut reply = connection.execute("columns").unwrap();
        let mut columns = reply.columns().unwrap();
        assert_eq!(columns.next().unwrap().unwrap().count(), 1);
        let mut chunk = [0i64; 4];
        assert_eq!(columns.next().unwrap().unwrap().read(&mut chunk).unwrap(), 1);
        assert_eq!(chunk[0], 2);
        assert!(columns.next().unwrap().is_none());
        assert_goes_on(connection);
    });
}

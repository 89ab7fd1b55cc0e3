//! The names of a table's columns, which stay in the receive buffer.

use rayforce_ipc::client::Push;
use rayforce_ipc::codec::Value;
use rayforce_ipc::codec::literal::{Symbols, Table};
use rayforce_ipc::error::{Error, Storage};
use rayforce_ipc::transports::faulty::Faults;
use rayforce_ipc::wire::Generation;

use super::reader::{connect, read, script};
use crate::support::codec::{BOTH, sent};
use crate::support::hex::unhex;
use crate::support::script::{Lent, Script, assert_goes_on, play};

const READS: [Option<usize>; 3] = [None, Some(1), Some(7)];
const VERY_LONG: &str =
    "a name that is longer than many a buffer and has to come in pieces, of 16 bytes for example";

/// Every name through a receive buffer of a size, from a stream that gives few bytes at a time.
fn names(
    generation: Generation,
    payload: &[u8],
    packed: bool,
    receive: usize,
) -> Vec<Result<String, (u64, u64)>> {
    let mut found = Vec::new();
    for read_at_most in READS {
        let names = names_read(generation, payload, packed, receive, read_at_most);
        assert!(found.is_empty() || found == names);
        found = names;
    }
    found
}

/// The same from a stream that gives no more bytes at a time.
fn names_read(
    generation: Generation,
    payload: &[u8],
    packed: bool,
    receive: usize,
    read_at_most: Option<usize>,
) -> Vec<Result<String, (u64, u64)>> {
    let script = script(generation, payload, packed);
    let steps = script.steps();
    let mut lent = Lent::new(receive, 64);
    let mut connection = connect(&steps, &mut lent, Faults { read_at_most, ..Faults::default() });
    let mut reply = connection.execute("columns").unwrap();
    let mut columns = reply.columns().unwrap();
    let mut names = Vec::new();
    while let Some(mut column) = columns.next().unwrap() {
        let name = || match column.name() {
            Ok(name) => Ok(name.as_str().unwrap().to_owned()),
            Err(Error::Capacity { what: Storage::Receive, needed, available }) => Err((needed, available)),
            Err(other) => panic!("{other}"),
        };
        let before = name();
        assert_eq!(name(), before);
        if column.index() % 2 == 0 {
            assert_eq!(read::<i64, _>(&mut column, 2), [column.index() as i64, 7, 8, 9]);
        }
        // It stays while the column is read.
        names.push(before.clone());
        let after = match column.name() {
            Ok(name) => Ok(name.as_str().unwrap().to_owned()),
            Err(_) => before.clone(),
        };
        assert_eq!(after, before);
    }
    assert_eq!(connection.error_text(), None);
    assert_goes_on(&mut connection);
    assert_eq!(connection.error_text(), None);
    names
}

fn table(generation: Generation, names: &[&str]) -> Vec<u8> {
    let columns: Vec<[i64; 4]> = (0..names.len()).map(|at| [at as i64, 7, 8, 9]).collect();
    let columns: Vec<&dyn rayforce_ipc::codec::Encode> =
        columns.iter().map(|column| column as &dyn rayforce_ipc::codec::Encode).collect();
    sent(generation, &Table::new(names, &columns))
}

#[test]
fn names_are_had_where_they_fit_with_32_bytes_more() {
    for names_of in
        [&["a"][..], &["id", "px", ""], &["", "", "x"], &[VERY_LONG, "b", VERY_LONG], &["same", "same"]]
    {
        let bytes: usize = names_of.iter().map(|name| name.len() + 1).sum();
        for (generation, packed) in [(Generation::V1, false), (Generation::V3, false), (Generation::V3, true)]
        {
            let payload = table(generation, names_of);
            let expected: Vec<_> = names_of.iter().map(|name| Ok((*name).to_owned())).collect();
            for receive in [bytes + 32, bytes + 33, bytes + 47, bytes + 500] {
                assert_eq!(names(generation, &payload, packed, receive), expected, "{receive}");
            }
            for receive in [16, 17, 31, bytes + 16, bytes + 31].into_iter().filter(|size| *size < bytes + 32)
            {
                let missing = vec![Err((bytes as u64 + 32, receive as u64)); names_of.len()];
                assert_eq!(names(generation, &payload, packed, receive), missing, "{receive}");
            }
        }
    }
}

/// A run unpacks to more than it leaves room for: what came along behind it must not shut the names in, so that there is no
/// room for another byte.
#[test]
fn names_that_are_packed_to_a_part_of_their_length_leave_room_to_go_on() {
    let run = "a".repeat(60);
    let payload = table(Generation::V3, &["id", &run, "", &run]);
    let bytes = 3 + 61 + 1 + 61;
    for receive in 16..400 {
        let read = |read_at_most| names_read(Generation::V3, &payload, true, receive, read_at_most);
        for (at, name) in
            READS.into_iter().flat_map(|read_at_most| read(read_at_most).into_iter().enumerate())
        {
            match name {
                Ok(name) => assert_eq!(name, ["id", &run, "", &run][at], "{receive}"),
                Err((needed, available)) => {
                    assert!(needed > available && available == receive as u64, "{receive}");
                    assert!(receive < 2 * (bytes + 32), "{receive}");
                }
            }
        }
    }
}

#[test]
fn a_column_without_a_name_has_an_empty_one() {
    for generation in BOTH {
        let mut payload = table(generation, &["a", "b", "c"]);
        // Two names for three columns, as 2.0.0 and wire 1 let through.
        payload[4] = 2;
        payload.drain(16..18);
        let named = ["a", "b", ""].map(|name| Ok(name.to_owned()));
        assert_eq!(names(generation, &payload, false, 100), named);
        // Four names for three columns.
        let mut payload = table(generation, &["a", "b", "c"]);
        payload[4] = 4;
        payload.splice(18..18, *b"d\0");
        assert_eq!(names(generation, &payload, false, 100), ["a", "b", "c"].map(|name| Ok(name.to_owned())));
    }
}

#[test]
fn what_is_no_table_has_no_names() {
    for generation in BOTH {
        let script = Script::opened(generation).asked("columns").answers(&Symbols(&["a", "b"])).goes_on();
        play(&script, 16, |connection| {
            let mut reply = connection.execute("columns").unwrap();
            let mut columns = reply.columns().unwrap();
            let column = columns.next().unwrap().unwrap();
            assert!(column.name().unwrap() == "");
            assert!(columns.next().unwrap().is_none());
            assert_goes_on(connection);
        });
    }
}

/// Both are kept in front of the receive buffer.
#[test]
fn names_are_not_taken_for_the_text_of_an_error_nor_the_other_way_round() {
    let generation = Generation::V1;
    let failure = unhex("7f 12 0c 00 0400000000000000 626f6f6d");
    let script = Script::opened(generation)
        .asked("columns")
        .answers_payload(&table(generation, &["a", "b"]))
        .asked("failing")
        .answers_payload(&failure)
        .asked("columns")
        .answers_payload(&table(generation, &["c"]))
        .goes_on();
    play(&script, 100, |connection| {
        let mut reply = connection.execute("columns").unwrap();
        assert!(reply.columns().unwrap().next().unwrap().unwrap().name().unwrap() == "a");
        assert_eq!(connection.error_text(), None);
        assert!(matches!(connection.execute("failing"), Err(Error::Server(_))));
        assert!(connection.error_text().unwrap() == "boom");
        let mut reply = connection.execute("columns").unwrap();
        assert!(reply.columns().unwrap().next().unwrap().unwrap().name().unwrap() == "c");
        assert_eq!(connection.error_text(), None);
        assert_goes_on(connection);
        assert_eq!(connection.error_text(), None);
    });
}

/// Those of one push are gone with it: the next one finds all of the buffer.
#[test]
fn the_names_of_pushes_do_not_pile_up() {
    for generation in BOTH {
        let payload = table(generation, &["a", "b"]);
        let pushed = Value::decode(generation, &payload).unwrap();
        let script = Script::opened(generation)
            .pushes(&pushed)
            .pushes(&pushed)
            .pushes(&pushed)
            .pushes(&pushed)
            .goes_on();
        play(&script, payload.len(), |connection| {
            for by_columns in [true, true, false, true] {
                let Ok(Some(Push::Async(mut reply))) = connection.next_push() else { panic!("a push") };
                if !by_columns {
                    assert_eq!(reply.value(), Ok(pushed));
                    continue;
                }
                let mut columns = reply.columns().unwrap();
                columns.next().unwrap();
                let mut column = columns.next().unwrap().unwrap();
                assert!(column.name().unwrap() == "b");
                let mut chunk = [0i64; 2];
                assert!(column.read(&mut chunk).unwrap() > 0);
                assert_eq!(connection.error_text(), None);
            }
            assert_goes_on(connection);
        });
    }
}

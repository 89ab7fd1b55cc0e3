//! Tables read by columns, through receive buffers that hold a few cells.

use rayforce_ipc::client::{Buffers, Column, Connection};
use rayforce_ipc::codec::Text;
use rayforce_ipc::codec::cell::Scalar;
use rayforce_ipc::error::{Error, Storage};
use rayforce_ipc::transports::tcp::Stream;
use rayforce_ipc::wire::{Date, Timestamp};
use xtask::server::Server;

use crate::support::{ALL, connect, on_each, start};

const ROWS: usize = 10_000;
/// 2.0.0 packs it, also for this host.
const TABLE: &str = "(table [n half name day at ok] (list (til 10000) (* 0.5 (til 10000)) \
                     (take [alpha be c] 10000) (take [2024.01.15 1999.12.31] 10000) \
                     (take [2024.01.15D10:30:00.000000001 0Np] 10000) (take [true false true] 10000)))";

/// What the rows come to.
#[derive(Debug, Default, PartialEq)]
struct Sums {
    whole: i64,
    halves: f64,
    letters: usize,
    days: i64,
    moments: usize,
    nulls: usize,
    oks: usize,
}

fn expected() -> Sums {
    let whole = (ROWS * (ROWS - 1) / 2) as i64;
    Sums {
        whole,
        halves: whole as f64 / 2.0,
        letters: ROWS / 3 * 8 + 5,
        days: (8780 - 1) * ROWS as i64 / 2,
        moments: ROWS / 2,
        nulls: ROWS / 2,
        oks: ROWS / 3 * 2 + 1,
    }
}

fn each<E: Scalar + Default>(column: &mut Column<'_, '_, Stream>, mut look: impl FnMut(E)) {
    let mut chunk = [E::default(); 7];
    let mut count = 0;
    while let read @ 1.. = column.read(&mut chunk).unwrap() {
        chunk[..read].iter().for_each(|cell| look(*cell));
        count += read;
    }
    assert_eq!((count, column.count()), (ROWS, ROWS as u64));
}

/// Reads all columns, told apart by their index.
fn sums(connection: &mut Connection<'_, Stream>, names_fit: bool) -> Sums {
    let mut sums = Sums::default();
    let mut reply = connection.execute(TABLE).unwrap();
    let mut columns = reply.columns().unwrap();
    assert_eq!(columns.column_count(), 6);
    while let Some(mut column) = columns.next().unwrap() {
        let name = ["n", "half", "name", "day", "at", "ok"][column.index() as usize];
        match column.name() {
            Ok(text) => assert!(names_fit && text == name),
            Err(error) => {
                assert!(matches!(
                    error,
                    Error::Capacity { what: Storage::Receive, needed: 54, available: 16 }
                ));
                assert!(!names_fit);
            }
        }
        match name {
            "n" => each(&mut column, |cell: i64| sums.whole += cell),
            "half" => each(&mut column, |cell: f64| sums.halves += cell),
            "day" => each(&mut column, |cell: Date| sums.days += i64::from(cell.0)),
            "at" => each(&mut column, |cell: Timestamp| match cell {
                Timestamp::NULL => sums.nulls += 1,
                Timestamp(moment) => sums.moments += usize::from(moment == 758_629_800_000_000_001),
            }),
            "ok" => each(&mut column, |cell: bool| sums.oks += usize::from(cell)),
            _ => {
                let mut buffer = [0; 5];
                while let Some(text) = column.next_text(&mut buffer).unwrap() {
                    sums.letters += text.as_str().unwrap().len();
                }
            }
        }
    }
    sums
}

#[test]
fn a_table_goes_through_a_small_buffer_by_columns() {
    for version in ALL {
        println!("--- {version}");
        let server = start(version);
        through::<16>(&server, false);
        through::<64>(&server, true);
        through::<4096>(&server, true);
    }
}

fn through<const SIZE: usize>(server: &Server, names_fit: bool) {
    let mut buffers = Buffers::<SIZE, 256>::new();
    let mut connection = connect(server, buffers.lend());
    assert_eq!(sums(&mut connection, names_fit), expected(), "{SIZE} bytes");
    assert_eq!(connection.execute("(+ 40 2)").unwrap().value().unwrap().as_i64(), Ok(42));
}

#[test]
fn columns_are_passed_over_and_replies_left() {
    for version in ALL {
        println!("--- {version}");
        let server = start(version);
        let mut buffers = Buffers::<64, 256>::new();
        let mut connection = connect(&server, buffers.lend());
        for _ in 0..3 {
            let mut reply = connection.execute(TABLE).unwrap();
            let mut columns = reply.columns().unwrap();
            while let Some(mut column) = columns.next().unwrap() {
                if column.name().unwrap() == "day" {
                    let mut chunk = [Date(0); 3];
                    assert!(column.read(&mut chunk).unwrap() > 0);
                    assert_eq!(chunk[0], Date(8780));
                    break;
                }
            }
        }
        assert_eq!(connection.execute("(+ 40 2)").unwrap().value().unwrap().as_i64(), Ok(42));
    }
}

/// Columns of strings are vectors on wire 3 and lists on wire 1.
#[test]
fn columns_of_text_are_read_alike_from_vectors_and_lists() {
    on_each(ALL, |_, connection| {
        let mut reply = connection.execute("(table [id name] (list [1 2] (list \"one\" \"\")))").unwrap();
        let mut columns = reply.columns().unwrap();
        columns.next().unwrap();
        let mut column = columns.next().unwrap().unwrap();
        let mut buffer = [0; 8];
        for text in ["one", ""] {
            assert_eq!(column.next_text(&mut buffer).unwrap(), Some(Text::from(text)));
        }
        assert_eq!(column.next_text(&mut buffer).unwrap(), None);
        assert!(columns.next().unwrap().is_none());
    });
}

/// Values are a vector on wire 1 and a list on wire 3.
#[test]
fn a_dict_has_two_columns() {
    on_each(ALL, |_, connection| {
        let mut reply = connection.execute("(dict [a b c] [1 2 3])").unwrap();
        let mut columns = reply.columns().unwrap();
        let mut keys = columns.next().unwrap().unwrap();
        let mut buffer = [0; 8];
        assert_eq!(keys.next_text(&mut buffer).unwrap(), Some(Text::from("a")));
        let mut values = columns.next().unwrap().unwrap();
        let (mut chunk, mut sum) = ([0i64; 2], 0);
        while let count @ 1.. = values.read(&mut chunk).unwrap() {
            sum += chunk[..count].iter().sum::<i64>();
        }
        assert_eq!(sum, 6);
        assert!(columns.next().unwrap().is_none());
    });
}

#[cfg(feature = "alloc")]
#[test]
fn a_reply_larger_than_the_buffer_is_had_in_memory_of_its_own() {
    for version in ALL {
        println!("--- {version}");
        let server = start(version);
        let mut buffers = Buffers::<64, 256>::new();
        let mut connection = connect(&server, buffers.lend());
        let owned = connection.execute(TABLE).unwrap().read_to_vec(1 << 20).unwrap();
        let table = owned.value().table().unwrap();
        assert_eq!((table.column_count(), table.row_count()), (6, ROWS));
        let numbers = table.column("n").unwrap().vector().unwrap().i64s().unwrap();
        assert_eq!(numbers.iter().map(|cell| cell.get()).sum::<i64>(), expected().whole);
        let error = connection.execute(TABLE).unwrap().read_to_vec(100_000).err();
        assert!(matches!(error, Some(Error::Capacity { what: Storage::Limit, available: 100_000, .. })));
        assert_eq!(connection.execute("(+ 40 2)").unwrap().value().unwrap().as_i64(), Ok(42));
    }
}

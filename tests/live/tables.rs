//! Tables that the server makes, read by columns, by rows and by tokens.

use rayforce_ipc::client::{Buffers, Memory, Reply};
use rayforce_ipc::codec::literal::{self, List};
use rayforce_ipc::codec::{Cell, Encode, Symbol, Text, Token, Value, Vector};
use rayforce_ipc::transports::tcp::Stream;
use rayforce_ipc::wire::{Date, Generation, Time, Timestamp, Type};
use xtask::server::Server;

use crate::support::{ALL, Quoted, connect, on_each, start};

/// The same words make the same table on all versions.
const TRADES: &str = "(table [sym px qty day at time ok] (list [ibm aapl ibm] [101.5 0Nf 415.0] [10 20 0Nl] \
                      [2024.01.15 1999.12.31 0Nd] \
                      [2024.01.15D10:30:00.000000001 1999.12.31D23:59:59.999999999 0Np] \
                      [09:30:00.001 0Nt 16:00:00.000] [true false true]))";
const ROWS: u64 = 200_000;
/// One column each of i64, f64 and symbols; 2.0.0 packs it, also for this host.
const LARGE: &str =
    "(table [n half name] (list (til 200000) (* 0.5 (til 200000)) (take [alpha be c] 200000)))";

fn cells<'a, T: Cell<'a>>(column: Vector<'a>) -> Vec<T> {
    column.iter::<T>().unwrap().collect::<Result<_, _>>().unwrap()
}

#[test]
fn a_table_is_read_column_by_column() {
    on_each(ALL, |_, connection| {
        let mut reply = connection.execute(TRADES).unwrap();
        let table = reply.value().unwrap().table().unwrap();
        let names: Vec<&str> = table.names().unwrap().collect();
        assert_eq!(names, ["sym", "px", "qty", "day", "at", "time", "ok"]);
        assert_eq!((table.column_count(), table.row_count()), (7, 3));
        let column = |name| table.column(name).unwrap().vector().unwrap();

        assert_eq!(column("sym").symbols().unwrap().collect::<Vec<_>>(), ["ibm", "aapl", "ibm"]);
        let quantities = column("qty").i64s().unwrap().iter().map(|element| element.get());
        assert_eq!(quantities.collect::<Vec<_>>(), [10, 20, i64::MIN]);
        assert_eq!(cells::<Option<f64>>(column("px")), [Some(101.5), None, Some(415.0)]);
        let days = [Date::from_ymd(2024, 1, 15), Date::from_ymd(1999, 12, 31), None];
        assert_eq!(cells::<Option<Date>>(column("day")), days);
        let moments = [Some(Timestamp(758_629_800_000_000_001)), Some(Timestamp(-1)), None];
        assert_eq!(cells::<Option<Timestamp>>(column("at")), moments);
        assert_eq!(
            cells::<Option<Time>>(column("time")),
            [Some(Time(34_200_001)), None, Some(Time(57_600_000))]
        );
        assert_eq!(cells::<bool>(column("ok")), [true, false, true]);
        assert!(table.column("none").is_none());
    });
}

#[test]
fn a_table_is_read_row_by_row() {
    type Row<'a> = (&'a str, Option<f64>, Option<i64>, Option<Date>, Option<Timestamp>, Option<Time>, bool);
    on_each(ALL, |_, connection| {
        let mut reply = connection.execute(TRADES).unwrap();
        let table = reply.value().unwrap().table().unwrap();
        let rows: Vec<Row<'_>> = table.rows().unwrap().collect::<Result<_, _>>().unwrap();
        assert_eq!(rows.len(), 3);
        let day = Date::from_ymd(1999, 12, 31);
        assert_eq!(rows[1], ("aapl", None, Some(20), day, Some(Timestamp(-1)), None, false));
        assert_eq!(rows[2], ("ibm", Some(415.0), None, None, None, Some(Time(57_600_000)), true));

        // A null that is not read as an `Option` is an error of its row alone.
        let plain =
            table.rows::<(Symbol<'_>, f64, Value<'_>, Value<'_>, Value<'_>, Value<'_>, bool)>().unwrap();
        assert_eq!(plain.map(|row| row.is_ok()).collect::<Vec<_>>(), [true, false, true]);
        assert!(table.rows::<(&str, f64)>().is_err());
        assert!(table.rows::<(i64, f64, i64, Date, Timestamp, Time, bool)>().is_err());
    });
}

/// Strings are a vector on wire 3 and a list on wire 1.
#[test]
fn columns_of_text_are_read_alike_from_vectors_and_lists() {
    on_each(ALL, |_, connection| {
        let mut reply = connection.execute("(table [id name] (list [1 2] (list \"one\" \"\")))").unwrap();
        let table = reply.value().unwrap().table().unwrap();
        let rows: Vec<_> = table.rows::<(i64, &str)>().unwrap().map(Result::unwrap).collect();
        assert_eq!(rows, [(1, "one"), (2, "")]);
    });
}

/// The `table` of wire 3 makes none, but knows them.
#[test]
fn a_column_of_anything_is_read_as_values() {
    on_each(ALL, |_, connection| {
        let columns: [&dyn Encode; 2] = [&[1i64, 2, 3], &List(&[&5i64, &Text(b"text"), &[1.5, 2.5]])];
        let sent = literal::Table::new(&["id", "any"], &columns);
        let mut reply = connection.execute(&Quoted(&sent)).unwrap();
        let table = reply.value().unwrap().table().unwrap();
        let rows: Vec<_> = table.rows::<(i64, Value<'_>)>().unwrap().map(Result::unwrap).collect();
        assert_eq!(format!("{rows:?}"), "[(1, I64(5)), (2, String(\"text\")), (3, F64([1.5 2.5]))]");
        // What is no number is an error of its row alone.
        let numbers = table.rows::<(i64, i64)>().unwrap();
        assert_eq!(numbers.map(|row| row.is_ok()).collect::<Vec<_>>(), [true, false, false]);
    });
}

#[test]
fn a_table_without_rows_has_its_columns() {
    on_each(ALL, |_, connection| {
        let mut reply = connection.execute("(table [a b] (list (til 0) (as 'F64 (til 0))))").unwrap();
        let table = reply.value().unwrap().table().unwrap();
        assert_eq!((table.column_count(), table.row_count()), (2, 0));
        assert_eq!(table.rows::<(i64, f64)>().unwrap().count(), 0);
    });
}

/// What 200,000 rows come to, read by tokens.
#[derive(Debug, Default, PartialEq)]
struct Sums {
    rows: u64,
    whole: i64,
    halves: f64,
    letters: u64,
    names: u64,
}

impl Sums {
    fn expected() -> Sums {
        let whole = (ROWS * (ROWS - 1) / 2) as i64;
        // "alpha", "be" and "c" in turn, two thirds of the way through at the end; and the names of the columns.
        let letters = ROWS / 3 * 8 + 5 + 2 + 9;
        Sums { rows: ROWS, whole, halves: whole as f64 / 2.0, letters, names: ROWS + 3 }
    }

    fn of(reply: &mut Reply<'_, '_, Stream>) -> Sums {
        let mut sums = Sums::default();
        while let Some(token) = reply.next_token().unwrap() {
            match token {
                Token::Vector { ty: Type::I64, count, .. } => sums.rows = count,
                Token::Elements(elements) if elements.ty() == Type::I64 => {
                    sums.whole += elements.read::<i64>().unwrap().iter().map(|e| e.get()).sum::<i64>();
                }
                Token::Elements(elements) => {
                    sums.halves += elements.read::<f64>().unwrap().iter().map(|e| e.get()).sum::<f64>();
                }
                Token::Names(names) => {
                    for name in names {
                        sums.letters += name.len() as u64;
                        sums.names += 1;
                    }
                }
                Token::Text { bytes, last } => {
                    sums.letters += bytes.len() as u64;
                    sums.names += u64::from(last);
                }
                _ => {}
            }
        }
        sums
    }
}

#[test]
fn a_large_table_goes_through_a_small_buffer_by_tokens() {
    for version in ALL {
        println!("--- {version}");
        let server = start(version);
        sums_through::<16>(&server);
        sums_through::<64>(&server);
        sums_through::<4096>(&server);
    }
}

fn sums_through<const SIZE: usize>(server: &Server) {
    let mut buffers = Buffers::<SIZE, 256>::new();
    let mut connection = connect(server, buffers.lend());
    let mut reply = connection.execute(LARGE).unwrap();
    assert_eq!(Sums::of(&mut reply), Sums::expected(), "{SIZE} bytes");
    assert_eq!(reply.remaining_len(), 0);
    assert_eq!(connection.execute("(+ 40 2)").unwrap().value().unwrap().as_i64(), Ok(42));
}

#[test]
fn a_large_table_is_a_value_in_a_large_buffer() {
    for version in ALL {
        println!("--- {version}");
        let server = start(version);
        let (mut receive, mut transmit) = (vec![0; 0x80_0000], [0; 1024]);
        let memory = Memory { receive: &mut receive, transmit: &mut transmit };
        let mut connection = connect(&server, memory);
        let mut reply = connection.execute(LARGE).unwrap();
        let travels = reply.remaining_len();
        let table = reply.value().unwrap().table().unwrap();
        let mut sums = Sums { letters: 9, names: 3, ..Sums::default() };
        for row in table.rows::<(i64, f64, &str)>().unwrap() {
            let (whole, half, name) = row.unwrap();
            sums.rows += 1;
            sums.whole += whole;
            sums.halves += half;
            sums.letters += name.len() as u64;
            sums.names += 1;
        }
        assert_eq!(sums, Sums::expected());
        // The elements alone, as they lie in a frame that is not packed.
        let plain = ROWS * (8 + 8 + 1) + sums.letters - 9;
        assert_eq!(travels < plain, *version == "2.0.0", "{travels} bytes");
        assert_eq!(connection.generation() == Generation::V1, version.starts_with(['0', '1']));
    }
}

/// A reply that is too large for the buffer is not lost.
#[test]
fn a_value_that_does_not_fit_can_still_be_read_by_tokens() {
    on_each(ALL, |_, connection| {
        let mut reply = connection.execute(LARGE).unwrap();
        assert!(
            matches!(reply.value(), Err(rayforce_ipc::Error::Capacity { needed, .. }) if needed > ROWS * 16)
        );
        assert_eq!(Sums::of(&mut reply), Sums::expected());
        // Nor does one that is not read at all keep the next request.
        connection.execute(LARGE).unwrap();
        assert_eq!(connection.execute("(+ 40 2)").unwrap().value().unwrap().as_i64(), Ok(42));
    });
}

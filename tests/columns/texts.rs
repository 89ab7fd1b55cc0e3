//! Texts one by one, into a buffer that may be too small, and what is no text.

use rayforce_ipc::codec::literal::{List, Strings, Symbols, Table};
use rayforce_ipc::codec::{Encode, Symbol, Text, Token};
use rayforce_ipc::error::{Error, Mismatch, RequestError, Shape, Storage};
use rayforce_ipc::transports::faulty::Faults;
use rayforce_ipc::wire::{Date, Generation, Tag, Type};

use super::reader::{connect, script};
use crate::support::codec::{BOTH, sent};
use crate::support::script::{Lent, Script, assert_goes_on, play};

const NAMES: [&str; 5] = ["a", "a name of more than sixteen bytes", "", "sixteen bytes...", "z"];

/// Values whose one column has the names as texts.
fn texts(generation: Generation) -> [Vec<u8>; 3] {
    let atoms: Vec<Text<'_>> = NAMES.iter().map(|name| Text(name.as_bytes())).collect();
    let atoms: Vec<&dyn Encode> = atoms.iter().map(|text| text as &dyn Encode).collect();
    let columns: [&dyn Encode; 1] = [&List(&atoms)];
    [
        sent(generation, &Table::new(&["t"], &[&Symbols(&NAMES)])),
        sent(generation, &Table::new(&["t"], &[&Strings(&NAMES)])),
        sent(generation, &Table::new(&["t"], &columns)),
    ]
}

#[test]
fn a_text_that_is_too_long_is_passed_over_and_said_to_be() {
    for generation in BOTH {
        for payload in texts(generation) {
            for packed in [false, generation == Generation::V3] {
                let script = script(generation, &payload, packed);
                let steps = script.steps();
                for (receive, read_at_most) in [(16, None), (16, Some(1)), (34, Some(3)), (500, None)] {
                    for size in [0, 1, 15, 16, 33, 64] {
                        let mut lent = Lent::new(receive, 64);
                        let mut connection =
                            connect(&steps, &mut lent, Faults { read_at_most, ..Faults::default() });
                        let mut reply = connection.execute("columns").unwrap();
                        let mut columns = reply.columns().unwrap();
                        let mut column = columns.next().unwrap().unwrap();
                        let mut buffer = vec![0xee; size];
                        for name in NAMES {
                            let available = size as u64;
                            match column.next_text(&mut buffer) {
                                Ok(text) => assert_eq!(text, Some(Text(name.as_bytes()))),
                                Err(error) => {
                                    let needed = name.len() as u64;
                                    let what = Storage::Text;
                                    assert_eq!(error, Error::Capacity { what, needed, available });
                                    assert!(needed > available);
                                }
                            }
                        }
                        assert_eq!(column.next_text(&mut buffer), Ok(None));
                        assert!(columns.next().unwrap().is_none());
                        assert_goes_on(&mut connection);
                    }
                }
            }
        }
    }
}

#[test]
fn a_text_that_was_begun_by_tokens_is_never_given_without_its_beginning() {
    for generation in BOTH {
        for payload in texts(generation) {
            let script = script(generation, &payload, false);
            let steps = script.steps();
            for read_at_most in [Some(1), Some(3), None] {
                let mut lent = Lent::new(40, 64);
                let mut connection = connect(&steps, &mut lent, Faults { read_at_most, ..Faults::default() });
                let mut reply = connection.execute("columns").unwrap();
                let mut columns = reply.columns().unwrap();
                let mut column = columns.next().unwrap().unwrap();
                let mut buffer = [0; 64];
                assert_eq!(column.next_text(&mut buffer), Ok(Some(Text(b"a"))));
                loop {
                    match column.next_token().unwrap().unwrap() {
                        Token::Text { last: false, .. } => break,
                        Token::Text { bytes: b"", .. } | Token::String { .. } => {}
                        other => panic!("{other:?}"),
                    }
                }
                let cut = column.next_text(&mut buffer);
                assert_eq!(cut, Err(Error::Request(RequestError::AlreadyRead)));
                for name in &NAMES[2..] {
                    assert_eq!(column.next_text(&mut buffer), Ok(Some(Text(name.as_bytes()))));
                }
                assert_eq!(column.next_text(&mut buffer), Ok(None));
                assert_goes_on(&mut connection);
            }
        }
    }
}

fn mismatch<E>(expected: Tag, found: Tag) -> Error<E> {
    Error::Mismatch(Mismatch { expected: Shape::Value(expected), found: Shape::Value(found) })
}

#[test]
fn cells_of_another_type_are_a_mismatch_and_stay() {
    for generation in BOTH {
        let columns: [&dyn Encode; 4] = [&[1i64, 2], &Symbols(&["a", "b"]), &[1.5, 2.5], &[Date(0); 0]];
        let script = Script::opened(generation)
            .asked("columns")
            .answers(&Table::new(&["n", "s", "x", "d"], &columns))
            .goes_on();
        play(&script, 60, |connection| {
            let mut reply = connection.execute("columns").unwrap();
            let mut columns = reply.columns().unwrap();
            let (mut i64s, mut i32s, mut f64s, mut buffer) = ([0i64; 1], [0i32; 1], [0f64; 1], [0; 8]);
            let string = Tag::Atom(Type::String);

            let mut column = columns.next().unwrap().unwrap();
            for expected in [1, 2] {
                let [i32, i64] = [Type::I32, Type::I64].map(Tag::Vector);
                assert_eq!(column.read(&mut i32s), Err(mismatch(i32, i64)));
                assert_eq!(column.next_text(&mut buffer), Err(mismatch(string, i64)));
                assert_eq!((column.read(&mut i64s), i64s), (Ok(1), [expected]));
            }
            assert_eq!(column.read(&mut i64s), Ok(0));

            let mut column = columns.next().unwrap().unwrap();
            let found = Tag::Vector(Type::Symbol);
            assert_eq!(column.read(&mut i64s), Err(mismatch(Tag::Vector(Type::I64), found)));
            assert_eq!(column.next_text(&mut buffer), Ok(Some(Text(b"a"))));
            assert_eq!(column.read(&mut f64s), Err(mismatch(Tag::Vector(Type::F64), found)));
            assert_eq!(column.next_text(&mut buffer), Ok(Some(Text(b"b"))));
            assert_eq!(column.next_text(&mut buffer), Ok(None));

            let mut column = columns.next().unwrap().unwrap();
            assert_eq!((column.read(&mut f64s), f64s), (Ok(1), [1.5]));
            assert!(column.read(&mut i64s).is_err());
            // An empty chunk takes nothing.
            assert_eq!(column.read::<f64>(&mut []), Ok(0));

            // A column without cells has its type, too.
            let mut column = columns.next().unwrap().unwrap();
            assert!(column.read(&mut i64s).is_err() && column.next_text(&mut buffer).is_err());
            assert_eq!(column.read(&mut [Date(0)]), Ok(0));
            assert!(columns.next().unwrap().is_none());
            assert_goes_on(connection);
        });
    }
}

#[test]
fn atoms_are_columns_of_one_cell() {
    for generation in BOTH {
        let script = Script::opened(generation)
            .asked("columns")
            .answers(&List(&[&7i64, &Symbol::quoted("sym"), &Text(b"text"), &2.5]))
            .asked("columns")
            .answers(&i64::MIN)
            .goes_on();
        play(&script, 16, |connection| {
            let mut reply = connection.execute("columns").unwrap();
            let mut columns = reply.columns().unwrap();
            let (mut i64s, mut f64s, mut buffer) = ([0i64; 3], [0f64; 3], [0; 8]);
            let mut column = columns.next().unwrap().unwrap();
            assert_eq!(column.read(&mut f64s), Err(mismatch(Tag::Atom(Type::F64), Tag::Atom(Type::I64))));
            assert_eq!((column.read(&mut i64s), i64s[0]), (Ok(1), 7));
            assert_eq!(column.read(&mut i64s), Ok(0));
            for text in ["sym", "text"] {
                let mut column = columns.next().unwrap().unwrap();
                assert!(column.read(&mut f64s).is_err());
                assert_eq!(column.next_text(&mut buffer), Ok(Some(Text(text.as_bytes()))));
                assert_eq!(column.next_text(&mut buffer), Ok(None));
            }
            assert_eq!(columns.next().unwrap().unwrap().read(&mut f64s), Ok(1));
            assert!(columns.next().unwrap().is_none());

            // A null comes as its sentinel.
            let mut reply = connection.execute("columns").unwrap();
            let mut columns = reply.columns().unwrap();
            assert_eq!(columns.next().unwrap().unwrap().read(&mut i64s), Ok(1));
            assert_eq!(i64s[0], i64::MIN);
            assert!(columns.next().unwrap().is_none());
            assert_goes_on(connection);
        });
    }
}

//! Ways of reading one after the other.

use rayforce_ipc::codec::literal::{List, Symbols, Table};
use rayforce_ipc::codec::{Text, Token, Value};
use rayforce_ipc::error::{Error, RequestError};
use rayforce_ipc::wire::Generation;

use crate::support::codec::{BOTH, sent};
use crate::support::script::{Script, assert_goes_on, pieces, play};
use crate::support::tokens::read_whole;

const READ: RequestError = RequestError::AlreadyRead;

fn table(generation: Generation) -> Vec<u8> {
    sent(generation, &Table::new(&["id", "name"], &[&[1i64, 2, 3], &Symbols(&["x", "yy", "zzz"])]))
}

fn script(generation: Generation) -> Script {
    Script::opened(generation).asked("columns").answers_payload(&table(generation)).goes_on()
}

#[test]
fn columns_are_had_after_a_value_or_one_that_did_not_fit() {
    for generation in BOTH {
        for receive in [40, 500] {
            play(&script(generation), receive, |connection| {
                let mut reply = connection.execute("columns").unwrap();
                assert_eq!(reply.value().is_ok(), receive == 500);
                let mut columns = reply.columns().unwrap();
                let mut chunk = [0i64; 8];
                assert!(columns.next().unwrap().unwrap().read(&mut chunk).unwrap() > 0);
                assert_eq!(reply.value(), Err(Error::Request(READ)));
                assert_goes_on(connection);
            });
        }
    }
}

#[test]
fn columns_are_refused_after_tokens_and_tokens_go_on_after_columns() {
    for generation in BOTH {
        let whole = read_whole(generation, &table(generation)).pieces;
        play(&script(generation), 40, |connection| {
            let mut reply = connection.execute("columns").unwrap();
            assert_eq!(reply.next_token().unwrap(), Some(Token::Table));
            assert_eq!(reply.columns().err(), Some(Error::Request(READ)));
            assert!(pieces(&mut reply).unwrap() == whole[1..]);
            assert_eq!(reply.columns().err(), Some(Error::Request(READ)));
            assert_goes_on(connection);
        });
        play(&script(generation), 40, |connection| {
            let mut reply = connection.execute("columns").unwrap();
            reply.columns().unwrap();
            assert!(pieces(&mut reply).unwrap() == whole[5..]);
            // They were taken behind its back.
            assert_eq!(reply.columns().err(), Some(Error::Request(READ)));
            assert_goes_on(connection);
        });
    }
}

/// Each way goes on where the one before has stopped, also inside of a list.
#[test]
fn a_list_is_read_as_its_cells_come() {
    for generation in BOTH {
        let column = List(&[&1i64, &2i64, &Text(b"text"), &(), &[7i64, 8], &Symbols(&["a", "b"]), &3i64]);
        let script = Script::opened(generation)
            .asked("columns")
            .answers(&Table::new(&["any", "n"], &[&column, &[1i64; 7]]))
            .goes_on();
        play(&script, 42, |connection| {
            let mut reply = connection.execute("columns").unwrap();
            let mut columns = reply.columns().unwrap();
            let mut column = columns.next().unwrap().unwrap();
            let (mut chunk, mut buffer) = ([0i64; 8], [0; 8]);
            let mut numbers = Vec::new();
            let mut texts = Vec::new();
            let mut heads = 0;
            loop {
                // A text is no number, and stays.
                match column.read(&mut chunk) {
                    Ok(0) => break,
                    Ok(count) => numbers.extend_from_slice(&chunk[..count]),
                    Err(Error::Mismatch(_)) => match column.next_text(&mut buffer) {
                        Ok(text) => texts.push(text.unwrap().as_str().unwrap().to_owned()),
                        Err(Error::Mismatch(_)) => {
                            assert!(matches!(column.next_token().unwrap(), Some(Token::Vector { .. })));
                            heads += 1;
                        }
                        Err(other) => panic!("{other}"),
                    },
                    Err(other) => panic!("{other}"),
                }
            }
            assert_eq!(numbers, [1, 2, i64::MIN, 7, 8, 3]);
            assert_eq!(texts, ["text", "a", "b"]);
            assert_eq!(heads, 2);
            assert_eq!(column.next_token().unwrap(), None);
            assert_eq!(columns.next().unwrap().unwrap().count(), 7);
            assert_goes_on(connection);
        });
    }
}

#[test]
fn an_atom_has_its_token() {
    for generation in BOTH {
        let script = Script::opened(generation).asked("columns").answers(&3i64).goes_on();
        play(&script, 16, |connection| {
            let mut reply = connection.execute("columns").unwrap();
            let mut columns = reply.columns().unwrap();
            let mut column = columns.next().unwrap().unwrap();
            assert_eq!(column.next_token().unwrap(), Some(Token::Atom(Value::I64(3))));
            assert_eq!(column.next_token().unwrap(), None);
            assert_goes_on(connection);
        });
    }
}

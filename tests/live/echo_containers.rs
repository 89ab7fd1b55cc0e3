//! Lists, dicts, tables, functions and errors, sent quoted and read back.

use rayforce_ipc::Error;
use rayforce_ipc::codec::literal::{Char, Dict, Lambda, List, Strings, Symbols, Table};
use rayforce_ipc::codec::{Encode, Symbol, Text, Writer};
use rayforce_ipc::wire::{Arity, Date, Generation, Guid, ServerError, Time, Timestamp, Type};

use crate::support::{ALL, Call, NullOf, WIRE_1, WIRE_3, answer, assert_echo, evaluated, on_each};

/// A list in as many others.
struct Nested(usize);

impl Encode for Nested {
    fn encode(&self, writer: &mut Writer<'_>) {
        (0..self.0).for_each(|_| writer.list(1));
        writer.scalar(7i64);
    }
}

#[test]
fn lists_come_back_however_deep_they_are() {
    on_each(ALL, |_, connection| {
        assert_echo(connection, &List(&[]));
        assert_echo(connection, &List(&[&()]));
        assert_echo(connection, &List(&[&(), &()]));
        assert_echo(connection, &List(&[&1i64, &2.5, &Text(b"x"), &Symbol::quoted("y"), &Char(b'c')]));
        assert_echo(connection, &List(&[&List(&[]), &List(&[&List(&[&[1i64, 2]]), &NullOf(Type::I64)])]));
        assert_echo(connection, &Nested(50));
        // More than wire 3 reads are no error there, but null.
        assert_echo(connection, &Nested(510));
    });
}

#[test]
fn dicts_come_back_whatever_keys_they_have() {
    on_each(ALL, |_, connection| {
        let values: [(&dyn Encode, &dyn Encode); 6] = [
            (&Symbols(&["a", "b"]), &List(&[&1i64, &Text(b"x")])),
            (&Symbols(&["a", "b"]), &[1i64, 2]),
            (&Symbols(&["a"]), &List(&[&Dict { keys: &Symbols(&["b"]), values: &List(&[&5i64]) }])),
            (&[10i64, 20], &List(&[&1.5, &2.5])),
            (&[Date(1), Date(-1)], &[1.5, 2.5]),
            (&Symbols(&[]), &List(&[])),
        ];
        for (keys, values) in values {
            assert_echo(connection, &Dict { keys, values });
        }
    });
    on_each(WIRE_1, |_, connection| assert_echo(connection, &Dict { keys: &(), values: &List(&[]) }));
    on_each(WIRE_3, |_, connection| {
        assert_echo(connection, &Dict { keys: &List(&[]), values: &List(&[]) });
        assert_echo(connection, &Dict { keys: &Strings(&["a", "b"]), values: &[1i64, 2] });
    });
}

#[test]
fn tables_come_back_whatever_columns_they_have() {
    let guids = [Guid([1; 16]), Guid([2; 16])];
    let columns: [&dyn Encode; 10] = [
        &[true, false],
        &[1u8, 2],
        &[1i32, i32::MIN],
        &[1i64, i64::MIN],
        &[1.5, 2.5],
        &[Date(8780), Date(-1)],
        &[Time(1), Time(2)],
        &[Timestamp(1), Timestamp(-1)],
        &guids,
        &Symbols(&["x", "y"]),
    ];
    let names = ["b", "u", "i", "l", "f", "d", "t", "p", "g", "s"];
    on_each(ALL, |_, connection| {
        assert_echo(connection, &Table::new(&names, &columns));
        assert_echo(connection, &Table::new(&["a"], &[&[0i64; 0]]));
        assert_echo(connection, &Table::new(&["a", "a"], &[&[1i64], &[2i64]]));
        assert_echo(
            connection,
            &Table::new(
                &["list", "text"],
                &[&List(&[&1i64, &Text(b"x"), &[1.5]]), &Strings(&["", "b", "\u{2603}"])],
            ),
        );
        assert_echo(connection, &Table::new(&[], &[]));
        assert_echo(connection, &List(&[&Table::new(&["a"], &[&[1i64]]), &1i64]));
    });
}

/// A call of a builtin of two arguments, with the tag that servers of wire 1 give to such.
struct Binary<'a>(&'a str, [&'a dyn Encode; 2]);

impl Encode for Binary<'_> {
    fn encode(&self, writer: &mut Writer<'_>) {
        writer.list(3);
        match writer.generation() {
            Generation::V1 => writer.function(Arity::Binary, self.0.as_bytes()),
            Generation::V3 => writer.symbol(self.0.as_bytes(), false),
        }
        self.1.iter().for_each(|argument| argument.encode(writer));
    }
}

#[test]
fn a_lambda_comes_back_and_can_be_called() {
    on_each(ALL, |_, connection| {
        let sum = Binary("+", [&Symbol::name("x"), &1i64]);
        let lambda = Lambda { parameters: &["x"], statements: &[&sum], closure: None };
        assert_echo(connection, &lambda);
        assert_eq!(evaluated(connection, &List(&[&lambda, &41i64])), "I64(42)");

        let two = Binary("*", [&Symbol::name("x"), &Symbol::name("y")]);
        let both = Lambda { parameters: &["x", "y"], statements: &[&sum, &two], closure: None };
        assert_echo(connection, &both);
        assert_eq!(evaluated(connection, &List(&[&both, &6i64, &7i64])), "I64(42)");

        let none = Lambda { parameters: &[], statements: &[&7i64], closure: None };
        assert_echo(connection, &none);
        assert_eq!(evaluated(connection, &List(&[&none])), "I64(7)");
    });
}

/// Wire 1 puts junk behind each lambda of a reply.
#[test]
fn a_lambda_of_the_server_is_read_and_sent_again() {
    on_each(ALL, |server, connection| {
        let mut buffers = Box::new(rayforce_ipc::client::Buffers::<4096, 4096>::new());
        let mut other = crate::support::connect(server, buffers.lend());
        let mut reply = connection.execute("(list (fn [x] (+ x 1)) 5 (fn [] 7))").unwrap();
        let list = reply.value().unwrap().list().unwrap();
        let (Some(lambda), Some(five), Some(seven)) = (list.get(0), list.get(1), list.get(2)) else {
            panic!()
        };
        assert_eq!(evaluated(&mut other, &List(&[&lambda, &five])), "I64(6)");
        assert_eq!(evaluated(&mut other, &List(&[&seven])), "I64(7)");
    });
}

#[test]
fn a_closure_comes_back_from_2_4_0_with_what_it_captured() {
    on_each(&["2.4.0"], |_, connection| {
        let sum = Call("+", &[&Symbol::name("x"), &Symbol::name("k")]);
        let captured = Dict { keys: &Symbols(&["k"]), values: &List(&[&5i64]) };
        let lambda = Lambda { parameters: &["x"], statements: &[&sum], closure: Some(&captured) };
        assert_echo(connection, &lambda);
        assert_eq!(evaluated(connection, &List(&[&lambda, &37i64])), "I64(42)");
    });
}

#[test]
fn builtins_come_back_by_their_names() {
    on_each(ALL, |_, connection| {
        for expression in ["+", "sum", "list"] {
            assert_eq!(answer(connection, expression), format!("Function({expression})"));
        }
    });
}

#[test]
fn an_error_that_is_sent_comes_back_as_the_answer_on_wire_1_and_null_on_wire_3() {
    on_each(WIRE_1, |_, connection| {
        let Err(Error::Server(error)) = connection.execute("(+ 1 'a)") else { panic!("no error") };
        assert_eq!(error.code(), "type");
        let Err(Error::Server(echo)) = connection.execute(&error) else { panic!("no error") };
        assert_eq!(echo, error);
    });
    on_each(WIRE_3, |_, connection| {
        let error = ServerError::new("type");
        assert!(connection.execute(&error).unwrap().value().unwrap().is_null());
    });
}

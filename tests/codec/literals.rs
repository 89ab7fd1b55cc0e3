//! The exact bytes of WIRE §5 to §8, as servers and their own clients send them.

use rayforce_ipc::codec::{Encode, Symbol, Text, Writer, literal};
use rayforce_ipc::wire::{Arity, Generation};

use crate::support::codec::{By, assert_sent};

const V1: Generation = Generation::V1;
const V3: Generation = Generation::V3;

#[test]
fn symbols() {
    let symbols = literal::Symbols(&["a", "b", "c"]);
    assert_sent(V1, &symbols, "06000300000000000000 610062006300");
    assert_sent(V3, &symbols, "0c000300000000000000 610062006300");
}

#[test]
fn strings() {
    let strings = literal::Strings(&["x", "yy", ""]);
    assert_sent(
        V1,
        &strings,
        "00000300000000000000 0c000100000000000000 78 0c000200000000000000 7979 0c000000000000000000",
    );
    assert_sent(
        V3,
        &strings,
        "0d400300000000000000 0100000000000000 78 0200000000000000 7979 0000000000000000",
    );
}

#[test]
fn char() {
    assert_sent(V1, &literal::Char(b'\n'), "f40a");
    assert_sent(V3, &literal::Char(b'\n'), "f3000100000000000000 0a");
}

#[test]
fn list() {
    let mixed = literal::List(&[&1i64, &Text(b"a"), &Symbol::quoted("b")]);
    assert_sent(V1, &mixed, "00000300000000000000 fb0100000000000000 0c00010000000000000061 fa6200");
    assert_sent(V3, &mixed, "00000300000000000000 fb000100000000000000 f300010000000000000061 f4206200");
}

#[test]
fn nested_list() {
    let nested = literal::List(&[&literal::List(&[&1i64, &2.0]), &literal::List(&[])]);
    let (head, empty) = ("00000200000000000000 00000200000000000000", "00000000000000000000");
    assert_sent(V1, &nested, &format!("{head} fb0100000000000000 f60000000000000040 {empty}"));
    assert_sent(V3, &nested, &format!("{head} fb000100000000000000 f9000000000000000040 {empty}"));
}

#[test]
fn dict() {
    let keys = literal::Symbols(&["a", "b"]);
    let flat = literal::Dict { keys: &keys, values: &[1i64, 2] };
    let listed = literal::Dict { keys: &keys, values: &literal::List(&[&1i64, &2i64]) };
    let numbers = "05000200000000000000 0100000000000000 0200000000000000";
    assert_sent(V1, &flat, &format!("6300 06000200000000000000 61006200 {numbers}"));
    assert_sent(V3, &flat, &format!("6300 0c000200000000000000 61006200 {numbers}"));
    let atoms = "00000200000000000000 fb000100000000000000 fb000200000000000000";
    assert_sent(V3, &listed, &format!("6300 0c000200000000000000 61006200 {atoms}"));
}

#[test]
fn table() {
    let table = literal::Table::new(&["a", "b"], &[&[1i64, 2], &literal::Symbols(&["x", "y"])]);
    let numbers = "00000200000000000000 05000200000000000000 0100000000000000 0200000000000000";
    assert_sent(
        V1,
        &table,
        &format!("6200 06000200000000000000 61006200 {numbers} 06000200000000000000 78007900"),
    );
    assert_sent(
        V3,
        &table,
        &format!("6200 0c030200000000000000 61006200 {numbers} 0c000200000000000000 78007900"),
    );
}

#[test]
fn table_without_rows_or_columns() {
    let no_rows = literal::Table::new(&["a"], &[&[0i64; 0]]);
    assert_sent(V3, &no_rows, "62000c03010000000000000061000000010000000000000005000000000000000000");
    assert_sent(V1, &no_rows, "62000600010000000000000061000000010000000000000005000000000000000000");
    assert_sent(V3, &literal::Table::new(&[], &[]), "62000c03000000000000000000000000000000000000");
}

/// `(+ x 1)` with the head that calls inside functions have.
fn sum(writer: &mut Writer<'_>) {
    writer.list(3);
    match writer.generation() {
        Generation::V1 => writer.function(Arity::Binary, b"+"),
        Generation::V3 => writer.symbol(b"+", false),
    }
    writer.symbol(b"x", false);
    writer.scalar(1i64);
}

const SUM_V1: &str = "00000300000000000000 662b00 fa7800 fb0100000000000000";
const SUM_V3: &str = "00000300000000000000 f4002b00 f4007800 fb000100000000000000";

#[test]
fn lambda_of_one_statement() {
    let statements: [&dyn Encode; 1] = [&By(sum)];
    let lambda = literal::Lambda { parameters: &["x"], statements: &statements, closure: None };
    assert_sent(V1, &lambda, &format!("6400 0600010000000000000078 00 {SUM_V1}"));
    assert_sent(V3, &lambda, &format!("6400 0c0001000000000000007800 00000100000000000000 {SUM_V3}"));
}

#[test]
fn lambda_of_two_statements() {
    let statements: [&dyn Encode; 2] = [&By(sum), &5i64];
    let lambda = literal::Lambda { parameters: &["x"], statements: &statements, closure: None };
    let doing = "00000300000000000000 67646f00";
    assert_sent(V1, &lambda, &format!("6400 0600010000000000000078 00 {doing} {SUM_V1} fb0500000000000000"));
    let two = "00000200000000000000";
    assert_sent(V3, &lambda, &format!("6400 0c000100000000000000 7800 {two} {SUM_V3} fb000500000000000000"));
}

#[test]
fn lambda_without_parameters() {
    let statements: [&dyn Encode; 1] = [&1i64];
    let lambda = literal::Lambda { parameters: &[], statements: &statements, closure: None };
    assert_sent(V1, &lambda, "6400 06000000000000000000 fb0100000000000000");
    assert_sent(V3, &lambda, "6400 05000000000000000000 00000100000000000000 fb000100000000000000");
}

#[test]
fn lambda_with_a_closure() {
    let statements: [&dyn Encode; 1] = [&By(sum)];
    let captured = literal::Dict { keys: &literal::Symbols(&["k"]), values: &literal::List(&[&5i64]) };
    let lambda = literal::Lambda { parameters: &["x"], statements: &statements, closure: Some(&captured) };
    let closure = "6300 0c000100000000000000 6b00 00000100000000000000 fb000500000000000000";
    assert_sent(
        V3,
        &lambda,
        &format!("6401 0c000100000000000000 7800 00000100000000000000 {SUM_V3} {closure}"),
    );
}

use rayforce_ipc::codec::{Encode, Function, Symbol, Text, Value, Writer, literal};
use rayforce_ipc::error::ServerError;
use rayforce_ipc::wire::{Arity, Generation};

use crate::support::codec::{By, assert_sent, decoded, sent};
use crate::support::hex::unhex;

const V1: Generation = Generation::V1;
const V3: Generation = Generation::V3;

fn function(payload: &[u8]) -> Function<'_> {
    match decoded(V3, payload) {
        Value::Function(function) => function,
        other => panic!("{other:?}"),
    }
}

fn server_error(generation: Generation, payload: &[u8]) -> (ServerError, Option<Vec<u8>>) {
    match decoded(generation, payload) {
        Value::Error(error) => (error.error(), error.message().map(|text| text.as_bytes().to_vec())),
        other => panic!("{other:?}"),
    }
}

#[test]
fn builtins_have_a_name_and_a_kind() {
    for (digits, arity, name) in [
        ("662b00", Arity::Binary, "+"),
        ("6573756d00", Arity::Unary, "sum"),
        ("676c69737400", Arity::Variadic, "list"),
    ] {
        let payload = unhex(digits);
        assert_eq!((function(&payload).arity(), function(&payload).name()), (arity, Text::from(name)));
        assert_sent(V1, &function(&payload), digits);
        assert_sent(V3, &By(|writer: &mut Writer<'_>| writer.function(arity, name.as_bytes())), digits);
    }
}

/// `(fn [x] (+ x 1))`, WIRE §8.2.
#[test]
fn a_lambda_has_parameters_and_a_body() {
    let payload = unhex(
        "6400 0c0001000000000000007800 00000100000000000000
         00000300000000000000 f4002b00 f4007800 fb000100000000000000",
    );
    let Value::Lambda(lambda) = decoded(V3, &payload) else { panic!("no lambda") };
    assert!(lambda.parameters().vector().unwrap().symbols().unwrap().eq(["x"]));
    let statements = lambda.body().list().unwrap();
    assert_eq!((statements.len(), statements.get(0).unwrap().list().unwrap().len()), (1, 3));
    assert_eq!((lambda.attr(), lambda.closure()), (0, None));
    assert_eq!(sent(V3, &lambda), payload);
}

#[test]
fn a_closure_holds_captured_variables() {
    let captured = literal::Dict { keys: &literal::Symbols(&["k"]), values: &literal::List(&[&5i64]) };
    let body: [&dyn Encode; 1] = [&Symbol::name("k")];
    let lambda = literal::Lambda { parameters: &["x"], statements: &body, closure: Some(&captured) };
    let payload = sent(V3, &lambda);
    let Value::Lambda(lambda) = decoded(V3, &payload) else { panic!("no lambda") };
    assert_eq!(lambda.attr(), 1);
    assert_eq!(lambda.closure().unwrap().dict().unwrap().get("k"), Some(Value::I64(5)));
    assert_eq!(sent(V3, &lambda), payload);
}

#[test]
fn an_error_of_wire_three_is_a_short_code() {
    let payload = unhex("7f7479706500000000");
    let (error, message) = server_error(V3, &payload);
    assert_eq!((error.code(), error.number(), message), ("type", None, None));
    assert_eq!(error.to_string(), "type");
    assert_eq!(error.generation(), V3);
    assert_eq!(sent(V3, &ServerError::new("type")), payload);
    assert_eq!(sent(V3, &decoded(V3, &payload)), payload);
}

#[test]
fn an_error_of_dialect_1a_has_a_message() {
    for digits in ["7f12 0c000400000000000000 626f6f6d", "7f12 0c000500000000000000 626f6f6d00"] {
        let payload = unhex(digits);
        let (error, message) = server_error(V1, &payload);
        assert_eq!((error.code(), error.number()), ("raised", Some(18)));
        assert_eq!(message.as_deref(), Some(&b"boom"[..]), "a final NUL is not part of it");
        assert_eq!(sent(V1, &decoded(V1, &payload)), payload);
    }
}

#[test]
fn an_error_of_dialect_1b_has_details() {
    let payload = unhex("7f0100000000000000fbfa00000000000000000000000000000000000000000000");
    let (error, message) = server_error(V1, &payload);
    assert_eq!((error.code(), error.number(), message), ("type", Some(1), None));
    assert_eq!(error.detail(), [0xfb, 0xfa, 0, 0, 0, 0, 0, 0]);
    assert_eq!(error.to_string(), "type: expected i64, got symbol");
    assert_eq!(sent(V1, &decoded(V1, &payload)), payload);
}

#[test]
fn an_error_may_stand_inside_a_value() {
    let verbose = unhex("00000200000000000000 f3000000000000000000 7f7479706500000000");
    let Some(Value::Error(error)) = decoded(V3, &verbose).list().unwrap().get(1) else { panic!("no error") };
    assert_eq!(error.error().code(), "type");

    let record = "7f0b00000000000000 626f6f6d0000000000000000000000000000000000000000";
    let list = unhex(&format!("00000200000000000000 {record} fb0100000000000000"));
    let list = decoded(V1, &list).list().unwrap();
    let Some(Value::Error(error)) = list.get(0) else { panic!("no error") };
    assert_eq!(error.message(), Some(Text(b"boom")));
    assert_eq!(list.get(1), Some(Value::I64(1)));
}

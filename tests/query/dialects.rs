//! What each dialect is sent for the same query, in the words of [`Value`]'s notation.

use rayforce_ipc::codec::{Encode, Value, Writer};
use rayforce_ipc::error::{CloseReason, Error, Fault, PeerError, RequestError};
use rayforce_ipc::query::functions as f;
use rayforce_ipc::query::{All, call, col, exact, from, lit, set, sym, table, text};
use rayforce_ipc::wire::{Date, Dialect, Generation, MessageType};

use crate::support::codec::sent;
use crate::support::hex::unhex;
use crate::support::script::{Script, assert_closed, assert_goes_on, frame, play};

const DIALECTS: [Dialect; 3] = [Dialect::V1a, Dialect::V1b, Dialect::V3];

/// A request as a tree in words: `(#select {…})`, `'a` for a quoted symbol.
fn tree(dialect: Dialect, query: &dyn Encode) -> String {
    let mut buffer = [0; 4096];
    let payload =
        Writer::encode_for(dialect, query, &mut buffer).unwrap_or_else(|e| panic!("{dialect:?}: {e}"));
    words(&Value::decode(dialect.generation(), payload).unwrap())
}

fn words(value: &Value<'_>) -> String {
    let all = |values: &mut dyn Iterator<Item = String>| values.collect::<Vec<_>>().join(" ");
    match value {
        Value::Null => "null".into(),
        Value::Bool(value) => value.to_string(),
        Value::I64(value) => value.to_string(),
        Value::U8(value) => format!("u8:{value}"),
        Value::F64(value) => format!("{value:?}"),
        Value::Date(value) => format!("date:{}", value.0),
        Value::String(text) => format!("{text:?}"),
        Value::Symbol(symbol) => symbol.to_string(),
        Value::Function(function) => format!("#{}", function.name()),
        Value::List(list) => format!("({})", all(&mut list.iter().map(|value| words(&value)))),
        Value::Vector(vector) => match vector.symbols() {
            Ok(names) => format!("[{}]", all(&mut names.map(str::to_owned))),
            Err(_) => format!("{vector:?}"),
        },
        Value::Dict(dict) => {
            let pair = |(key, value)| format!("{}: {}", words(&key).trim_start_matches('\''), words(&value));
            format!("{{{}}}", all(&mut dict.iter().map(pair)))
        }
        other => format!("{other:?}"),
    }
}

#[track_caller]
fn assert_trees(query: &dyn Encode, wire_1: &str, wire_3: &str) {
    assert_eq!(tree(Dialect::V1a, query), wire_1);
    assert_eq!(tree(Dialect::V1b, query), wire_1);
    assert_eq!(tree(Dialect::V3, query), wire_3);
}

#[test]
fn a_call_of_calls_is_evaluated() {
    assert_trees(&(lit(1) + 2), "(#+ 1 2)", "(+ 1 2)");
    assert_trees(&(lit(1) + lit(2) * 3), "(#do (#+ 1 (#* 2 3)))", "(+ 1 (* 2 3))");
    assert_trees(&(2 * col("x")), "(#do (#* 2 x))", "(* 2 x)");
    assert_trees(&-col("x"), "(#do (#neg x))", "(neg x)");
}

#[test]
fn what_2_0_0_computes_lazily_is_asked_within_a_list() {
    assert_trees(&col("x").sum(), "(#do (#sum x))", "(at (list (sum x)) 0)");
    assert_trees(&(col("x").sum() + 1), "(#do (#+ (#sum x) 1))", "(+ (sum x) 1)");
    let first = f::do_((col("x").first(),));
    assert_trees(&first, "(#do (#do (#first x)))", "(at (list (do (first x))) 0)");
    // Within a list 2.4.0 takes the call of an unknown function for a list, so the name stands in front.
    assert_trees(&call("mine", (1,)), "(mine 1)", "(do mine (at (list (mine 1)) 0))");
    assert_trees(&call("mine", ()), "(#do (mine))", "(do mine (at (list (mine)) 0))");
    assert_trees(&call("sum", (col("x"),)), "(#do (#sum x))", "(do sum (at (list (sum x)) 0))");
}

#[test]
fn text_by_itself_is_no_program() {
    assert_trees(&lit("(exit 1)"), "(#do (#quote (exit 1)))", "(at (list \"(exit 1)\") 0)");
    assert_trees(&lit(text("(exit 1)")), "(#do \"(exit 1)\")", "(at (list \"(exit 1)\") 0)");
    assert_trees(&exact(text("(exit 1)")), "(#do \"(exit 1)\")", "(at (list \"(exit 1)\") 0)");
    let dynamic: &dyn Encode = &text("(exit 1)");
    assert_trees(&lit(dynamic), "(#do \"(exit 1)\")", "(at (list \"(exit 1)\") 0)");
}

#[test]
fn within_another_value_a_query_is_itself() {
    let query = table("t").select("a").filter(col("a").gt(1));
    let inner = "(#select {a: a from: t where: (#> a 1)})";
    assert_eq!(tree(Dialect::V1b, &query), inner);
    let values: [&dyn Encode; 2] = [&query, &col("x").sum()];
    let list = rayforce_ipc::codec::literal::List(&values);
    assert_eq!(tree(Dialect::V1b, &list), format!("({inner} (#sum x))"));
    assert_eq!(tree(Dialect::V3, &list), "((select {a: a from: t where: (> a 1)}) (sum x))");
}

#[test]
fn literals_are_literals() {
    assert_trees(
        &f::list((sym("a"), "b", text("c"))),
        "(#do (#list (#quote a) (#quote b) \"c\"))",
        "(list 'a \"b\" \"c\")",
    );
    let list = rayforce_ipc::codec::literal::List(&[&1i64, &2i64]);
    assert_trees(&f::list((exact(list), 1)), "(#do (#list (#quote (1 2)) 1))", "(list (quote (1 2)) 1)");
    let name = rayforce_ipc::codec::Symbol::name("a");
    assert_trees(&f::list((exact(name), exact(3u8))), "(#do (#list (#quote a) u8:3))", "(list 'a u8:3)");
    assert_trees(&f::list((exact(Value::Null), Date(1))), "(#do (#list null date:1))", "(list null date:1)");
}

#[test]
fn divisions_have_changed_their_names() {
    assert_trees(&(lit(5) / 2), "(#div 5 2)", "(/ 5 2)");
    assert_trees(&lit(5).div_int(2), "(#/ 5 2)", "(div 5 2)");
    assert_trees(&(1.0 / col("x")), "(#do (#div 1.0 x))", "(/ 1.0 x)");
}

#[test]
fn truth_is_compared_in_the_words_of_each() {
    let above = || col("x").gt(1);
    let filter = |condition: &str| format!("(select {{from: t where: {condition}}})");
    let trees = [
        (above().is(true), "(#map-right #== true (#> x 1))", "(> x 1)"),
        (above().is(false), "(#map-right #== false (#> x 1))", "(not (> x 1))"),
    ];
    for (condition, wire_1, wire_3) in trees {
        let query = table("t").filter(condition);
        assert_trees(&query, &filter(wire_1).replace("(select", "(#select"), &filter(wire_3));
    }
    assert_trees(
        &table("t").filter(col("x").is(true)),
        "(#select {from: t where: (#map-right #== true x)})",
        "(select {from: t where: (== x true)})",
    );
}

#[test]
fn names_that_a_select_drops_are_given_back() {
    let query = table("t").select(("sym", (col("px") * 2).named("v"))).by("d").filter(col("px").gt(1));
    assert_trees(
        &query,
        "(#do (#table [d sym v] (#value (#select {~sym: sym ~v: (#* px 2) by: {d: d} from: t where: (#> px 1)}))))",
        "(select {sym: sym v: (* px 2) by: {d: d} from: t where: (> px 1)})",
    );
    let query = table("t").select(("asc", "by"));
    assert_trees(
        &query,
        "(#do (#table [asc by] (#value (#select {~asc: asc ~by: by from: t}))))",
        "(table [asc by] (value (select {~asc: asc ~by: by from: t})))",
    );
    assert_trees(&table("t").select(All), "(#select {from: t})", "(select {from: t})");
}

#[test]
fn changes_are_answered_with_null() {
    let t = || table("t");
    assert_trees(&t().save("u"), "(#do (#set u t) null)", "(do (set u t) null)");
    assert_trees(
        &t().insert(("a", 1.5)),
        "(#do (#insert (#quote t) (#list [a] F64([1.5]))) null)",
        "(do (insert 't (#list [a] F64([1.5]))) null)",
    );
    // Of elements that are not 8 bytes wide 2.0.0 would spoil other rows, so it is made to stop.
    assert_trees(
        &t().insert((1.5, Date(3))),
        "(#do (#insert (#quote t) (#list F64([1.5]) Date([2000.01.04]))) null)",
        "(do ungroup (insert 't (#list F64([1.5]) Date([2000.01.04]))) null)",
    );
    assert_trees(
        &t().upsert(1, ("a", "b")),
        "(#do (#upsert (#quote t) 1 (#list [a] [b])) null)",
        "(do (upsert 't 1 (#list [a] [b])) null)",
    );
    assert_trees(
        &t().update(set("x", col("x") + 1)).filter(col("s").eq("a")).filter(col("x").lt(3)),
        "(#do (#set t (#update {x: (#+ x 1) from: t where: (#and (#== s (#quote a)) (#< x 3))})) null)",
        "(do (update {x: (+ x 1) from: 't where: (and (== s \"a\") (< x 3))}) null)",
    );
    // Text is a symbol as a value, and compared with as a string.
    let update = t().update((set("s", "b"), set("u", f::if_((col("s").eq("b"), "c", "d")))));
    assert_trees(
        &update,
        "(#do (#set t (#update {s: (#quote b) u: (#if (#== s (#quote b)) (#quote c) (#quote d)) from: t})) null)",
        "(do (update {s: 'b u: (if (== s \"b\") \"c\" \"d\") from: 't}) null)",
    );
    assert_trees(
        &t().update(set("sym", "b")),
        "(#do (#alter (#quote t) #set (#quote sym) (#quote b)) null)",
        "(do (update {sym: 'b from: 't}) null)",
    );
    assert_trees(
        &from(t()).update(set("x", 1)).filter(col("x").gt(2)),
        "(#select {from: (#update {x: 1 from: t}) where: (#> x 2)})",
        "(select {from: (update {x: 1 from: t}) where: (> x 2)})",
    );
}

/// A symbol on a condition: 1b does it, 1a does not.
fn brittle() -> impl Encode {
    table("t").update(set("s", "b")).filter(col("x").gt(1))
}

#[test]
fn what_depends_on_the_dialect_of_wire_1_is_refused_where_it_is_not_known() {
    assert_eq!(Writer::measure(Generation::V1, &brittle()), Err(RequestError::DialectUnknown));
    assert!(Writer::measure(Generation::V3, &brittle()).is_ok());
    let vectors: [&dyn Encode; 3] = [
        &table("t").update(set("s", ["b"])).filter(col("x").gt(1)),
        &table("t").update(set("d", [Date(1)])).filter(col("x").gt(1)),
        &table("t").update(set("d", &[Date(1)][..])).filter(col("x").gt(1)),
    ];
    for update in vectors {
        assert_eq!(Writer::measure(Generation::V1, update), Err(RequestError::DialectUnknown));
    }
    assert!(
        Writer::measure(Generation::V1, &table("t").update(set("x", [1])).filter(col("x").gt(1))).is_ok()
    );
    for dialect in DIALECTS {
        let sent = Writer::encode_for(dialect, &brittle(), &mut [0; 512]).map(|_| ());
        let lacks = RequestError::Lacks {
            what: "update of symbols, dates and times on a condition",
            generation: Generation::V1,
            dialect: Some(Dialect::V1a),
        };
        assert_eq!(sent, if dialect == Dialect::V1a { Err(lacks) } else { Ok(()) }, "{dialect:?}");
        assert_eq!(
            lacks.to_string(),
            "wire 1 of engines up to 0.5 has no update of symbols, dates and times on a condition"
        );
    }
}

const PROBE: &str = "00000300000000000000662b00fb010000000000000000000300000000000000662b00fb0100000000000000fb0100000000000000";
const NO_SUM: &str = "7f0100000000000000fb000000000000000000000000000000000000000000000000";

fn request(dialect: Dialect, query: &dyn Encode) -> Vec<u8> {
    let mut buffer = [0; 512];
    frame(dialect.generation(), MessageType::Sync, Writer::encode_for(dialect, query, &mut buffer).unwrap())
}

fn probed(answer: &[u8]) -> Script {
    let script =
        Script::opened(Generation::V1).hears(&frame(Generation::V1, MessageType::Sync, &unhex(PROBE)));
    script.says(&frame(Generation::V1, MessageType::Response, answer))
}

#[test]
fn a_connection_asks_once_which_dialect_of_wire_1_its_server_speaks() {
    let null = frame(Generation::V1, MessageType::Response, &[0x7e]);
    let request = request(Dialect::V1b, &brittle());
    let script =
        probed(&unhex(NO_SUM)[..33]).hears(&request).says(&null).hears(&request).says(&null).goes_on();
    play(&script, 64, |connection| {
        assert_eq!(connection.dialect(), None);
        for _ in 0..2 {
            assert_eq!(connection.execute(&brittle()).unwrap().value(), Ok(Value::Null));
            assert_eq!(connection.dialect(), Some(Dialect::V1b));
        }
        assert_goes_on(connection);
    });
}

#[test]
fn a_server_of_dialect_1a_is_sent_nothing_that_it_cannot_do() {
    let script = probed(&unhex("fb0300000000000000")).goes_on();
    play(&script, 64, |connection| {
        for _ in 0..2 {
            let refused = connection.execute(&brittle()).err();
            assert!(matches!(refused, Some(Error::Request(RequestError::Lacks { .. }))), "{refused:?}");
            assert_eq!(connection.dialect(), Some(Dialect::V1a));
        }
        assert_goes_on(connection);
    });
}

#[test]
fn an_answer_of_neither_dialect_leaves_it_unknown() {
    // An error with a text is none of 1b's.
    let script = probed(&unhex("7f 12 0c 00 0400000000000000 626f6f6d")).goes_on();
    play(&script, 64, |connection| {
        assert_eq!(connection.execute(&brittle()).err(), Some(Error::Request(RequestError::DialectUnknown)));
        assert_eq!(connection.dialect(), None);
        assert_goes_on(connection);
    });
    // Nor is anything but 3 the answer of 1a, however long it is.
    let long = sent(Generation::V1, &[7i64; 100]);
    for answer in [&[0x7e][..], &unhex("fb0700000000000000"), &sent(Generation::V1, &text("3")), &long] {
        play(&probed(answer).goes_on(), 64, |connection| {
            let refused = connection.execute(&brittle()).err();
            assert_eq!(refused, Some(Error::Request(RequestError::DialectUnknown)));
            assert_eq!(connection.dialect(), None);
            assert_goes_on(connection);
        });
    }
}

#[test]
fn a_second_answer_to_the_probe_is_not_taken_for_that_of_the_query() {
    let nine = frame(Generation::V1, MessageType::Response, &unhex("fb0900000000000000"));
    let script = probed(&unhex(NO_SUM)[..33]).says(&nine);
    play(&script, 256, |connection| {
        let unasked = PeerError { fault: Fault::Unasked, offset: 0 };
        assert_eq!(connection.execute(&brittle()).err(), Some(Error::Peer(unasked)));
        assert_closed(connection, CloseReason::Peer(Fault::Unasked));
    });
}

#[test]
fn other_queries_ask_for_no_dialect() {
    let query = table("t").select("sym").filter(col("sym").eq("a")).order_by("sym").take(3);
    let null = frame(Generation::V1, MessageType::Response, &[0x7e]);
    let script = Script::opened(Generation::V1).hears(&request(Dialect::V1a, &query)).says(&null).goes_on();
    play(&script, 64, |connection| {
        assert_eq!(connection.execute(&query).unwrap().value(), Ok(Value::Null));
        assert_goes_on(connection);
    });
}

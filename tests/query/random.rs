//! Random expressions: the tree that is decoded from the bytes is the tree that was built.

use proptest::prelude::*;
use rayforce_ipc::codec::{Encode, Symbol, Value, Writer};
use rayforce_ipc::query::{call, col, lit, sym, text};
use rayforce_ipc::wire::{Date, Dialect, Generation, Timestamp};

use crate::support::transmit::windows;

/// An expression.
#[derive(Clone, Debug)]
enum Tree {
    Column(String),
    Sym(String),
    Text(String),
    Compared(String),
    I64(i64),
    F64(f64),
    Bool(bool),
    Date(i32),
    Timestamp(i64),
    Null,
    NullI64,
    Numbers(Vec<i64>),
    Names(Vec<String>),
    /// An operator by its place in [`OPERATORS`].
    Binary(usize, Box<[Tree; 2]>),
    Unary(usize, Box<Tree>),
    Named(String, Vec<Tree>),
}

/// Names on wire 3 and 1.
const OPERATORS: [(&str, &str); 12] = [
    ("+", "+"),
    ("-", "-"),
    ("*", "*"),
    ("/", "div"),
    ("%", "%"),
    ("div", "/"),
    ("==", "=="),
    (">=", ">="),
    ("and", "and"),
    ("or", "or"),
    ("in", "in"),
    ("xbar", "xbar"),
];
const FUNCTIONS: [&str; 6] = ["neg", "not", "sum", "count", "distinct", "med"];

impl Encode for Tree {
    /// By the interface that a user has: no byte is written here.
    fn encode(&self, writer: &mut Writer<'_>) {
        match self {
            Tree::Column(name) => col(name).encode(writer),
            Tree::Sym(name) => lit(sym(name)).encode(writer),
            Tree::Text(value) => lit(text(value)).encode(writer),
            Tree::Compared(value) => lit(value.as_str()).encode(writer),
            Tree::I64(value) => lit(*value).encode(writer),
            Tree::F64(value) => lit(*value).encode(writer),
            Tree::Bool(value) => lit(*value).encode(writer),
            Tree::Date(value) => lit(Date(*value)).encode(writer),
            Tree::Timestamp(value) => lit(Timestamp(*value)).encode(writer),
            Tree::Null => lit(()).encode(writer),
            Tree::NullI64 => lit(None::<i64>).encode(writer),
            Tree::Numbers(values) => lit(&values[..]).encode(writer),
            Tree::Names(names) => {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                lit(&names[..]).encode(writer);
            }
            Tree::Binary(operator, operands) => {
                let [a, b] = &**operands;
                let (a, b) = (lit(a as &dyn Encode), b as &dyn Encode);
                let query: &dyn Encode = match operator {
                    0 => &(a + b),
                    1 => &(a - b),
                    2 => &(a * b),
                    3 => &(a / b),
                    4 => &(a % b),
                    5 => &a.div_int(b),
                    6 => &a.eq(b),
                    7 => &a.ge(b),
                    8 => &(a & b),
                    9 => &(a | b),
                    10 => &a.isin(b),
                    _ => &a.xbar(b),
                };
                query.encode(writer);
            }
            Tree::Unary(function, operand) => {
                let a = lit(&**operand as &dyn Encode);
                let query: &dyn Encode = match function {
                    0 => &-a,
                    1 => &!a,
                    2 => &a.sum(),
                    3 => &a.count(),
                    4 => &a.distinct(),
                    _ => &a.median(),
                };
                query.encode(writer);
            }
            Tree::Named(name, arguments) => {
                let arguments: Vec<&dyn Encode> = arguments.iter().map(|tree| tree as &dyn Encode).collect();
                call(name, &arguments[..]).encode(writer);
            }
        }
    }
}

fn trees() -> impl Strategy<Value = Tree> {
    let name = "[a-zé~.#\"' (]{0,9}";
    let leaf = prop_oneof![
        name.prop_map(Tree::Column),
        name.prop_map(Tree::Sym),
        any::<String>().prop_map(Tree::Text),
        name.prop_map(Tree::Compared),
        any::<i64>().prop_map(Tree::I64),
        any::<f64>().prop_map(Tree::F64),
        any::<bool>().prop_map(Tree::Bool),
        any::<i32>().prop_map(Tree::Date),
        any::<i64>().prop_map(Tree::Timestamp),
        Just(Tree::Null),
        Just(Tree::NullI64),
        prop::collection::vec(any::<i64>(), 0..5).prop_map(Tree::Numbers),
        prop::collection::vec(name, 0..5).prop_map(Tree::Names),
    ];
    leaf.prop_recursive(6, 40, 4, |inner| {
        let pair = [inner.clone(), inner.clone()];
        prop_oneof![
            (0..OPERATORS.len(), pair).prop_map(|(operator, pair)| Tree::Binary(operator, Box::new(pair))),
            (0..FUNCTIONS.len(), inner.clone()).prop_map(|(f, operand)| Tree::Unary(f, Box::new(operand))),
            ("my[a-z]{1,5}", prop::collection::vec(inner, 0..4))
                .prop_map(|(name, all)| Tree::Named(name, all)),
        ]
    })
}

/// Whether what was decoded is the tree.
fn is(dialect: Dialect, value: &Value<'_>, tree: &Tree) -> bool {
    let wire_1 = dialect.generation() == Generation::V1;
    let list = |len: usize| match value {
        Value::List(list) if list.len() == len => Some(list.iter().collect::<Vec<_>>()),
        _ => None,
    };
    let named =
        |value: &Value<'_>, name: &str| matches!(value, Value::Symbol(s) if *s == *name && !s.is_quoted());
    let builtin = |value: &Value<'_>, name: &str| match value {
        Value::Function(function) => wire_1 && function.name() == *name,
        value => !wire_1 && named(value, name),
    };
    let literal = |name: &str| match (wire_1, list(2)) {
        (true, Some(parts)) => builtin(&parts[0], "quote") && named(&parts[1], name),
        _ => matches!(value, Value::Symbol(symbol) if *symbol == *name && symbol.is_quoted()),
    };
    match tree {
        Tree::Column(name) => named(value, name),
        Tree::Sym(name) => literal(name),
        Tree::Compared(name) if wire_1 => literal(name),
        Tree::Text(text) | Tree::Compared(text) => matches!(value, Value::String(t) if *t == **text),
        Tree::I64(number) if *number == i64::MIN => value.is_null(),
        Tree::I64(number) => *value == Value::I64(*number),
        Tree::F64(number) => {
            matches!(value, Value::F64(v) if v.to_bits() == number.to_bits()) || number.is_nan()
        }
        Tree::Bool(truth) => *value == Value::Bool(*truth),
        Tree::Date(days) if *days == i32::MIN => value.is_null(),
        Tree::Date(days) => *value == Value::Date(Date(*days)),
        Tree::Timestamp(nanos) if *nanos == i64::MIN => value.is_null(),
        Tree::Timestamp(nanos) => *value == Value::Timestamp(Timestamp(*nanos)),
        Tree::Null | Tree::NullI64 => value.is_null(),
        Tree::Numbers(numbers) => match value {
            Value::Vector(vector) => {
                vector.elements::<i64>().is_ok_and(|e| e.iter().map(|e| e.get()).eq(numbers.iter().copied()))
            }
            _ => false,
        },
        Tree::Names(names) => match value {
            Value::Vector(vector) => {
                vector.symbols().is_ok_and(|found| found.eq(names.iter().map(String::as_str)))
            }
            _ => false,
        },
        Tree::Binary(operator, operands) => list(3).is_some_and(|parts| {
            let (wire_3, wire_1_name) = OPERATORS[*operator];
            builtin(&parts[0], if wire_1 { wire_1_name } else { wire_3 })
                && is(dialect, &parts[1], &operands[0])
                && is(dialect, &parts[2], &operands[1])
        }),
        Tree::Unary(function, operand) => list(2)
            .is_some_and(|parts| builtin(&parts[0], FUNCTIONS[*function]) && is(dialect, &parts[1], operand)),
        Tree::Named(name, arguments) => list(arguments.len() + 1).is_some_and(|parts| {
            named(&parts[0], name)
                && parts[1..].iter().zip(arguments).all(|(value, tree)| is(dialect, value, tree))
        }),
    }
}

/// What stands within the form of a request of its own.
fn unwrapped<'a>(dialect: Dialect, value: Value<'a>, tree: &Tree) -> Value<'a> {
    let Value::List(list) = value else { return value };
    let first = list.get(0);
    let is_call = !matches!(tree, Tree::Numbers(_) | Tree::Names(_));
    match (dialect, first) {
        (Dialect::V3, Some(Value::Symbol(name))) if name == *"at" && is_call => match list.get(1) {
            Some(Value::List(inner)) => inner.get(1).unwrap(),
            _ => value,
        },
        (Dialect::V3, Some(Value::Symbol(name))) if name == *"do" && matches!(tree, Tree::Named(..)) => {
            let Some(Value::List(at)) = list.get(2) else { return value };
            let Some(Value::List(inner)) = at.get(1) else { return value };
            inner.get(1).unwrap()
        }
        (_, Some(Value::Function(function))) if function.name() == *"do" => list.get(1).unwrap(),
        _ => value,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn the_tree_that_arrives_is_the_tree_that_was_built(tree in trees()) {
        for dialect in [Dialect::V1a, Dialect::V1b, Dialect::V3] {
            let mut buffer = vec![0; 1 << 16];
            let payload = Writer::encode_for(dialect, &tree, &mut buffer).expect("no NUL");
            let value = Value::decode(dialect.generation(), payload).expect("a value");
            let inner = unwrapped(dialect, value, &tree);
            prop_assert!(is(dialect, &inner, &tree), "{dialect:?}: {value:?}");
        }
    }

    #[test]
    fn any_window_sends_the_same(tree in trees(), transmit in 1..70usize) {
        for generation in [Generation::V1, Generation::V3] {
            let whole = windows(generation, &tree, 1 << 17).expect("no NUL").concat();
            let pieces = windows(generation, &tree, transmit).expect("no NUL").concat();
            prop_assert_eq!(&pieces, &whole);
        }
    }
}

#[test]
fn a_symbol_by_the_codec_is_that_of_a_query() {
    let mut buffers = [[0; 64]; 2];
    let [ours, theirs] = &mut buffers;
    let ours = Writer::encode(Generation::V3, &lit(sym("a")), ours).unwrap();
    assert_eq!(ours, Writer::encode(Generation::V3, &Symbol::quoted("a"), theirs).unwrap());
}

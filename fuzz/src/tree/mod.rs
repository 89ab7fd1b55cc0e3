//! Arbitrary values: what is written is what was meant.
//!
//! ```text
//!  mod     the tree, from the bytes of an input
//!  said    the tree said by the interface that a user has
//!  bytes   the bytes that it must become, or why it cannot be sent, told once more
//! ```

mod bytes;
mod said;

use rayforce_ipc::codec::literal::List;
use rayforce_ipc::codec::{Encode, Value, Writer};
use rayforce_ipc::error::RequestError;
use rayforce_ipc::wire::{Generation, Header, Type};

use crate::input::Input;
use crate::round_trip::{sent, transmitted};

/// A value.
#[derive(Clone, Debug)]
pub enum Tree {
    /// Nothing.
    Null,
    /// The null of a type.
    NullOf(Type),
    /// A scalar by its bits.
    Atom(Type, u64),
    /// One byte of text.
    Char(u8),
    /// A symbol, and whether it is quoted.
    Symbol(String, bool),
    /// A string.
    Text(Vec<u8>),
    /// Elements of fixed width, by their bits.
    Vector(Type, Vec<u64>),
    /// A vector of symbols.
    Symbols(Vec<String>),
    /// A vector of strings.
    Strings(Vec<String>),
    /// Values of any kind.
    List(Vec<Tree>),
    /// Keys and values.
    Dict(Box<[Tree; 2]>),
    /// Names and as many columns.
    Table(Vec<(String, Tree)>),
    /// A call of a builtin.
    Call(String, Vec<Tree>),
    /// Parameters, statements, and what was captured.
    Lambda(Vec<String>, Vec<Tree>, Option<Box<Tree>>),
    /// A builtin.
    Function(String),
    /// An error of wire 3.
    Error(String),
}

/// Holds values to what is written of them, on one input: a byte that says how much of what goes out fits and how it is
/// cut when it comes back, one that says in how many lists the value lies, then the value.
///
/// # Panics
/// Where a property does not hold.
pub fn roundtrip(input: &[u8]) {
    let mut input = Input(input);
    let (choice, lists) = (input.byte(), usize::from(input.byte()));
    // Few of them most often, and sometimes more than servers read.
    let lists = if lists < 224 { lists % 4 } else { 470 + (lists - 224) * 2 };
    let tree = tree(&mut input, 0);
    let value = Nested { tree: &tree, lists };
    for generation in [Generation::V1, Generation::V3] {
        let window = usize::from(choice >> 1);
        check(generation, &value, window, choice);
    }
}

fn check(generation: Generation, value: &Nested<'_>, window: usize, choice: u8) {
    let expected = value.bytes(generation);
    let written = sent(generation, value);
    assert_eq!(written, expected, "{value:?}");
    let Ok(payload) = written else { return };
    let window = window.max(payload.len() / MOST_WINDOWS).max(1);
    let frame = transmitted(generation, value, window);
    assert!(frame[Header::LEN..] == payload, "by {window} bytes: {value:?}");
    // What was written is canonical: it comes back, and is written again, as it is.
    let decoded = Value::decode(generation, &payload).unwrap_or_else(|error| panic!("{value:?}: {error}"));
    assert_eq!(sent(generation, &decoded).as_ref(), Ok(&payload), "{value:?}");
    if let (Some(shown), 0) = (value.tree.shown(generation), value.lists) {
        assert_eq!(format!("{decoded:?}"), shown);
    }
    // Deep ones take long, and are no different.
    if value.lists > 8 {
        return;
    }
    let choice = choice & !1 | u8::from(generation == Generation::V3);
    crate::decode(&[&[choice], &payload[..]].concat());
}

/// A value within lists.
#[derive(Debug)]
struct Nested<'t> {
    tree: &'t Tree,
    lists: usize,
}

impl Nested<'_> {
    fn bytes(&self, generation: Generation) -> Result<Vec<u8>, RequestError> {
        let mut bytes = [0, 0, 1, 0, 0, 0, 0, 0, 0, 0].repeat(self.lists);
        self.tree.append(generation, self.lists, &mut bytes)?;
        Ok(bytes)
    }
}

impl Encode for Nested<'_> {
    fn encode(&self, writer: &mut Writer<'_>) {
        match self.lists.checked_sub(1) {
            Some(lists) => List(&[&Nested { tree: self.tree, lists }]).encode(writer),
            None => self.tree.encode(writer),
        }
    }
}

/// A value out of an input: the last bytes give the innermost.
pub fn tree(input: &mut Input<'_>, depth: usize) -> Tree {
    const SCALARS: [Type; 12] = [
        Type::Bool,
        Type::U8,
        Type::I16,
        Type::I32,
        Type::I64,
        Type::F32,
        Type::F64,
        Type::Date,
        Type::Time,
        Type::Timestamp,
        Type::Timespan,
        Type::Guid,
    ];
    let kind = input.byte();
    let ty = SCALARS[usize::from(kind >> 4) % SCALARS.len()];
    let count = |input: &mut Input<'_>| usize::from(input.byte() % 8).min(input.0.len());
    let many = |input: &mut Input<'_>| -> Vec<Tree> {
        let count = if depth < MOST_DEPTH { count(input) } else { 0 };
        (0..count).map(|_| tree(input, depth + 1)).collect()
    };
    let texts = |input: &mut Input<'_>| -> Vec<String> { (0..count(input)).map(|_| input.text()).collect() };
    match kind & 15 {
        0 => Tree::Null,
        1 => Tree::NullOf(match kind >> 4 {
            12 => Type::Symbol,
            13 => Type::String,
            14 => Type::Char,
            _ => ty,
        }),
        2 | 3 => Tree::Atom(ty, bits(input)),
        4 => Tree::Char(input.byte()),
        5 => Tree::Symbol(input.text(), kind & 16 != 0),
        6 => Tree::Text(input.bytes().to_vec()),
        7 => {
            let count = usize::from(input.byte()).min(input.0.len());
            Tree::Vector(ty, (0..count).map(|_| bits(input)).collect())
        }
        8 => Tree::Symbols(texts(input)),
        9 => Tree::Strings(texts(input)),
        10 => Tree::List(many(input)),
        11 if depth < MOST_DEPTH => Tree::Dict(Box::new([tree(input, depth + 1), tree(input, depth + 1)])),
        12 => Tree::Table(many(input).into_iter().map(|column| (input.text(), column)).collect()),
        13 => Tree::Call(input.text(), many(input)),
        14 => {
            let closure = (kind & 16 != 0).then(|| Box::new(Tree::Symbols(texts(input))));
            Tree::Lambda(texts(input), many(input), closure)
        }
        15 if kind & 16 == 0 => Tree::Function(input.text()),
        _ => Tree::Error(input.text()),
    }
}

/// A few bits that mean something, or any.
fn bits(input: &mut Input<'_>) -> u64 {
    match input.byte() {
        0 => 0,
        1 => 1,
        2 => u64::MAX,
        3 => 1 << 15,
        4 => 1 << 31,
        5 => 1 << 63,
        6 => 0x7fc0_0000,
        7 => 0x7ff8_0000_0000_0000,
        8 => 0x7ff8_0000_0000_0001,
        9 => 0x7f80_0001,
        10 => 1.5f64.to_bits(),
        11 => 1.5f32.to_bits().into(),
        12..=15 => u64::from_le_bytes(input.array()),
        small => small.into(),
    }
}

const MOST_DEPTH: usize = 6;
const MOST_WINDOWS: usize = 64;

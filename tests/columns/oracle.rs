//! What the columns of a payload must be, from the tokens of the whole.

use rayforce_ipc::codec::{Token, Value};
use rayforce_ipc::wire::{Generation, Tag, Type};

use crate::support::tokens::{Piece, read_whole};

/// A column as it lies in a payload.
#[derive(Clone, Debug)]
pub struct Expected {
    pub name: Vec<u8>,
    pub tag: Tag,
    pub count: u64,
    /// Its tokens, joined.
    pub pieces: Vec<Piece>,
    /// The ends of its cells in the pieces, where it is a list.
    pub cells: Vec<usize>,
}

/// The columns of a payload that can be decoded.
pub fn columns(generation: Generation, payload: &[u8]) -> Vec<Expected> {
    let pieces = read_whole(generation, payload).pieces;
    let (start, count, names) = match &pieces[0] {
        Piece::Head(Token::Null) => return Vec::new(),
        Piece::Head(Token::List { count }) => (1, *count, &[][..]),
        Piece::Head(Token::Dict) => (1, 2, &[][..]),
        Piece::Head(Token::Table) => {
            let Piece::Head(Token::Vector { count: names, .. }) = pieces[1] else { panic!("{pieces:?}") };
            let names = 2..2 + names as usize;
            let Piece::Head(Token::List { count }) = pieces[names.end] else { panic!("{pieces:?}") };
            (names.end + 1, count, &pieces[names])
        }
        _ => (0, 1, &[][..]),
    };
    let mut names = names.iter().map(|piece| match piece {
        Piece::Text(name) => name.clone(),
        other => panic!("{other:?}"),
    });
    let mut at = start;
    let mut columns = Vec::new();
    for _ in 0..count {
        let end = value_end(generation, &pieces, at);
        let pieces = pieces[at..end].to_vec();
        let (tag, count) = head(&pieces[0]);
        let mut cells = Vec::new();
        if tag == Tag::List {
            let mut cell = 1;
            for _ in 0..count {
                cell = value_end(generation, &pieces, cell);
                cells.push(cell);
            }
        }
        columns.push(Expected { name: names.next().unwrap_or_default(), tag, count, pieces, cells });
        at = end;
    }
    assert_eq!(at, pieces.len());
    columns
}

/// The tag and the number of cells that a head tells.
pub fn head(piece: &Piece) -> (Tag, u64) {
    match piece {
        Piece::Float(ty, _) => (Tag::Atom(*ty), 1),
        Piece::Head(token) => match *token {
            Token::Null => (Tag::Null, 1),
            Token::Atom(value) => (Tag::Atom(atom(value)), 1),
            Token::Symbol { .. } => (Tag::Atom(Type::Symbol), 1),
            Token::String { .. } => (Tag::Atom(Type::String), 1),
            Token::Function(arity) => (Tag::Function(arity), 1),
            Token::Vector { ty, count, .. } => (Tag::Vector(ty), count),
            Token::List { count } => (Tag::List, count),
            Token::Table => (Tag::Table, 1),
            Token::Dict => (Tag::Dict, 1),
            Token::Lambda { .. } => (Tag::Lambda, 1),
            Token::Error(_) => (Tag::Error, 1),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn atom(value: Value<'_>) -> Type {
    match value {
        Value::TypedNull(ty) => ty,
        Value::Bool(_) => Type::Bool,
        Value::U8(_) => Type::U8,
        Value::I16(_) => Type::I16,
        Value::I32(_) => Type::I32,
        Value::I64(_) => Type::I64,
        Value::F32(_) => Type::F32,
        Value::F64(_) => Type::F64,
        Value::Date(_) => Type::Date,
        Value::Time(_) => Type::Time,
        Value::Timestamp(_) => Type::Timestamp,
        Value::Timespan(_) => Type::Timespan,
        Value::Guid(_) => Type::Guid,
        Value::Char(_) => Type::Char,
        other => panic!("{other:?}"),
    }
}

/// Where a value ends that begins at a piece.
fn value_end(generation: Generation, pieces: &[Piece], start: usize) -> usize {
    let (mut at, mut owed) = (start, 1);
    while owed > 0 {
        owed -= 1;
        at += 1;
        let Piece::Head(token) = &pieces[at - 1] else { continue };
        match *token {
            Token::Symbol { .. } | Token::String { .. } | Token::Function(_) => at += 1,
            Token::Vector { count: 0, .. } => {}
            Token::Vector { ty: Type::Symbol | Type::String, count, .. } => at += count as usize,
            Token::Vector { .. } => at += 1,
            Token::List { count } => owed += count,
            Token::Table | Token::Dict => owed += 2,
            Token::Lambda { closure, .. } => owed += if closure { 3 } else { 2 },
            Token::Error(_) if generation == Generation::V3 => {}
            Token::Error(_) if matches!(pieces.get(at), Some(Piece::Details(_))) => at += 1,
            Token::Error(_) => owed += 1,
            _ => {}
        }
    }
    at
}

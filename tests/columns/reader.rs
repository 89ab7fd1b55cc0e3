//! Columns read by type, cell by cell, and held against what they must be.

use std::fmt::Debug;

use rayforce_ipc::client::{Column, Connection, Options, Transport};
use rayforce_ipc::codec::cell::Scalar;
use rayforce_ipc::codec::{Token, Value};
use rayforce_ipc::error::{Error, Storage};
use rayforce_ipc::transports::duplex::{Duplex, Step};
use rayforce_ipc::transports::faulty::{Faults, Faulty};
use rayforce_ipc::wire::{Date, Generation, Guid, Tag, Time, Timespan, Timestamp, Type};
use zerocopy::IntoBytes;

use super::oracle::{Expected, head};
use crate::support::script::{Lent, Script, packed_frame};
use crate::support::tokens::{Joined, Piece};
use crate::support::vectors::{Vector, decodable};

pub type Stream<'s> = Faulty<Duplex<'s>>;

/// Runs the expression with `$E` as the Rust type of a fixed-width type.
macro_rules! with_type {
    ($ty:expr, $E:ident => $body:expr) => {
        match $ty {
            Type::Bool => {
                type $E = bool;
                $body
            }
            Type::U8 => {
                type $E = u8;
                $body
            }
            Type::I16 => {
                type $E = i16;
                $body
            }
            Type::I32 => {
                type $E = i32;
                $body
            }
            Type::I64 => {
                type $E = i64;
                $body
            }
            Type::F32 => {
                type $E = f32;
                $body
            }
            Type::F64 => {
                type $E = f64;
                $body
            }
            Type::Date => {
                type $E = Date;
                $body
            }
            Type::Time => {
                type $E = Time;
                $body
            }
            Type::Timestamp => {
                type $E = Timestamp;
                $body
            }
            Type::Timespan => {
                type $E = Timespan;
                $body
            }
            Type::Guid => {
                type $E = Guid;
                $body
            }
            other => panic!("{other:?} has no fixed width"),
        }
    };
}

/// The captured values that can be replies: not errors, which have no columns.
pub fn replies() -> impl Iterator<Item = &'static Vector> {
    decodable()
        .filter(|vector| !matches!(Value::decode(vector.generation, &vector.payload), Ok(Value::Error(_))))
}

/// A server that gives one reply, whole or packed, and goes on.
pub fn script(generation: Generation, payload: &[u8], packed: bool) -> Script {
    let asked = Script::opened(generation).asked("columns");
    let answered = if packed {
        let frame =
            packed_frame(rayforce_ipc::wire::MessageType::Response, &crate::support::pack::pack(payload));
        asked.says(&frame)
    } else {
        asked.answers_payload(payload)
    };
    answered.goes_on()
}

/// Opens a connection over a stream with faults.
pub fn connect<'b, 's>(
    steps: &'s [Step<'s>],
    lent: &'b mut Lent,
    faults: Faults,
) -> Connection<'b, Stream<'s>> {
    Connection::open(Faulty::new(Duplex::new(steps), faults), lent.lend(), &Options::new()).unwrap()
}

/// All columns by type, with chunks of so many cells, against what they must be.
pub fn assert_read<T: Transport<Error: Debug + PartialEq>>(
    connection: &mut Connection<'_, T>,
    expected: &[Expected],
    receive: usize,
    chunk: usize,
) {
    let needed = names_needed(expected);
    let mut reply = connection.execute("columns").unwrap();
    let mut columns = reply.columns().unwrap();
    assert_eq!(columns.column_count(), expected.len() as u64);
    for (index, expected) in expected.iter().enumerate() {
        let mut column = columns.next().unwrap().expect("a column");
        assert_eq!(column.index(), index as u64);
        assert_eq!((column.tag(), column.count()), (expected.tag, expected.count));
        match column.name() {
            Ok(name) => {
                assert!(needed <= receive);
                assert_eq!(name.as_bytes(), expected.name);
            }
            Err(error) => {
                let (needed, available) = (needed as u64, receive as u64);
                assert_eq!(error, Error::Capacity { what: Storage::Receive, needed, available });
                assert!(needed > available);
            }
        }
        assert_cells(&mut column, expected, chunk);
    }
    assert!(columns.next().unwrap().is_none());
    assert!(columns.next().unwrap().is_none());
}

/// Bytes of the receive buffer for the names of a table.
pub fn names_needed(expected: &[Expected]) -> usize {
    let names: usize = expected.iter().map(|column| column.name.len() + 1).sum();
    let is_table = expected.iter().any(|column| !column.name.is_empty());
    if is_table { names + 32 } else { 0 }
}

/// By its type where it has one, else by tokens.
pub fn assert_cells<T: Transport<Error: Debug>>(
    column: &mut Column<'_, '_, T>,
    expected: &Expected,
    chunk: usize,
) {
    if let Some(texts) = texts(expected) {
        assert_eq!(read_texts(column), texts);
    } else if let Some(ty) = fixed(expected) {
        with_type!(ty, E => assert_elements::<E, T>(column, expected, chunk));
    } else {
        assert_eq!(pieces(column), expected.pieces);
    }
    assert!(column.next_token().unwrap().is_none() || expected.count == 0);
}

/// The cells as texts, where all of them are such.
pub fn texts(expected: &Expected) -> Option<Vec<Vec<u8>>> {
    let text = |piece: &Piece| match piece {
        Piece::Text(text) => text.clone(),
        other => panic!("{other:?}"),
    };
    match expected.tag {
        Tag::Vector(Type::Symbol | Type::String) | Tag::Atom(Type::Symbol | Type::String) => {
            Some(expected.pieces[1..].iter().map(text).collect())
        }
        Tag::List if expected.count > 0 => {
            let starts = [1].into_iter().chain(expected.cells.iter().copied());
            let cells = starts.zip(&expected.cells).map(|(start, end)| &expected.pieces[start..*end]);
            let cells = cells.map(|cell| match head(&cell[0]).0 {
                Tag::Atom(Type::Symbol | Type::String) => Some(text(&cell[1])),
                Tag::Null => Some(Vec::new()),
                _ => None,
            });
            cells.collect()
        }
        _ => None,
    }
}

/// The type of the cells, where they have a fixed width and all of them the same.
fn fixed(expected: &Expected) -> Option<Type> {
    match expected.tag {
        Tag::Vector(ty) | Tag::Atom(ty) => (ty != Type::Char).then_some(ty),
        Tag::List => {
            let mut ty = None;
            for piece in &expected.pieces[1..] {
                match head_of(piece)? {
                    Tag::Null => {}
                    Tag::Atom(Type::Char | Type::Symbol | Type::String) => return None,
                    Tag::Atom(next) if ty.is_none_or(|ty| ty == next) => ty = Some(next),
                    _ => return None,
                }
            }
            ty.filter(|ty| !matches!(ty, Type::Bool | Type::U8))
        }
        _ => None,
    }
}

fn head_of(piece: &Piece) -> Option<Tag> {
    matches!(piece, Piece::Head(_) | Piece::Float(..)).then(|| head(piece).0)
}

/// The cells as bytes of the wire.
fn assert_elements<E, T>(column: &mut Column<'_, '_, T>, expected: &Expected, chunk: usize)
where
    E: Scalar + Debug,
    T: Transport<Error: Debug>,
{
    let read: Vec<E> = read(column, chunk);
    let wire: Vec<u8> = read.iter().flat_map(|cell| cell.to_wire().as_bytes().to_vec()).collect();
    let mut bytes = Vec::new();
    for piece in &expected.pieces {
        match piece {
            Piece::Elements(elements) => bytes.extend_from_slice(elements),
            Piece::Float(Type::F32, bits) => bytes.extend_from_slice(&(*bits as u32).to_le_bytes()),
            Piece::Float(_, bits) => bytes.extend_from_slice(&bits.to_le_bytes()),
            Piece::Head(Token::Atom(value)) => {
                let cell = value.read::<Option<E>>().unwrap();
                let zero = vec![0; size_of::<E>()];
                let null = E::NULL.map_or(zero, |null| null.to_wire().as_bytes().to_vec());
                bytes.extend(cell.map_or(null, |cell| cell.to_wire().as_bytes().to_vec()));
            }
            Piece::Head(Token::Null) => bytes.extend_from_slice(E::NULL.unwrap().to_wire().as_bytes()),
            Piece::Head(Token::Vector { .. } | Token::List { .. }) => {}
            other => panic!("{other:?}"),
        }
    }
    if E::TYPE == Type::Bool {
        bytes.iter_mut().for_each(|byte| *byte = u8::from(*byte != 0));
    }
    assert_eq!(wire, bytes);
}

/// All that is left of a column, in chunks of so many cells.
pub fn read<E: Scalar, T: Transport<Error: Debug>>(column: &mut Column<'_, '_, T>, chunk: usize) -> Vec<E> {
    let zero = E::from_wire(zerocopy::FromZeros::new_zeroed());
    let mut target = vec![zero; chunk];
    let mut cells = Vec::new();
    while let count @ 1.. = column.read(&mut target).unwrap() {
        cells.extend_from_slice(&target[..count]);
    }
    assert_eq!(column.read(&mut target).unwrap(), 0);
    cells
}

/// All texts that are left of a column.
pub fn read_texts<T: Transport<Error: Debug>>(column: &mut Column<'_, '_, T>) -> Vec<Vec<u8>> {
    let mut buffer = vec![0xee; 0x1_0000];
    let mut texts = Vec::new();
    while let Some(text) = column.next_text(&mut buffer).unwrap() {
        texts.push(text.as_bytes().to_vec());
    }
    assert!(column.next_text(&mut buffer).unwrap().is_none());
    texts
}

/// All tokens that are left of a column, joined.
pub fn pieces<T: Transport<Error: Debug>>(column: &mut Column<'_, '_, T>) -> Vec<Piece> {
    let mut joined = Joined::default();
    while let Some(token) = column.next_token().unwrap() {
        joined.push(token);
    }
    joined.pieces
}

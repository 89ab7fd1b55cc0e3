//! Where an engine does otherwise than this crate, and why. docs/compatibility.md tells the same in words.

use std::collections::BTreeMap;

use rayforce_ipc::codec::{Token, Value};
use rayforce_ipc::error::{Fault, PeerError};
use rayforce_ipc::wire::{Generation, Tag, Type};

use super::engine::NO_OBJECT;
use super::tree::FUNCTIONS;
use crate::support::joined::Piece;
use crate::support::tokens;

/// One thing that an engine does otherwise.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Known {
    /// Wire 1 counts 8 bytes too many for each lambda, and fills them with whatever its memory holds.
    LambdaJunk,
    /// A builtin that the engine doesn't have is refused by wire 3, and null on wire 1. We don't know what it has.
    NoBuiltin,
    /// The engine writes the tag of a builtin by its name, whatever the tag was; we keep what came.
    ArityByName,
    /// The engine keeps a mark on a vector, list or lambda that says nothing of its value, or sets one; we write
    /// those that a server needs.
    Marks,
    /// The engine keeps the null of a type without its flag, or gives it one; we always flag it.
    NullFlag,
    /// 2.4.0 reads a symbol with the flag of a null as the empty name; we read the name.
    NullSymbol,
    /// 2.4.0 makes a signalling NaN of 32 bits a quiet one; we keep its bits.
    QuietNan,
    /// Wire 1 keeps the byte of a truth value that is neither 0 nor 1.
    TruthByte,
    /// 2.4.0 refuses tables and dicts whose parts are not equally long, and tables that hold other than columns. We
    /// let the caller see what came.
    Ragged,
    /// 2.4.0 refuses what a function has captured where that is no dict. We let the caller see what came.
    Captured,
    /// 2.4.0 takes a vector of numbers for the names of a table: they are those of its own symbols.
    NumberNames,
    /// The engine takes a container that breaks off: what is missing is null, or left out.
    BreaksOff,
    /// The engine believes a negative count.
    NegativeCount,
    /// The engine reads a head that is cut short, with what lies behind it in its memory.
    ReadsBeyond,
    /// The engine ends.
    Dies,
    /// The engine doesn't read a value that holds an error, not even one that it wrote.
    HoldsError,
    /// Wire 1 cannot carry a vector of i16: what the engine writes of a value that holds one is no value.
    ShortVector,
}

/// How often each was seen.
#[derive(Debug, Default)]
pub struct Tally(BTreeMap<Known, u64>);

impl Tally {
    pub fn note(&mut self, known: impl IntoIterator<Item = Known>) {
        known.into_iter().for_each(|known| *self.0.entry(known).or_default() += 1);
    }

    /// Prints what was seen. It is what the test expects, or rare, and nothing else; all that is expected, if `complete`.
    #[track_caller]
    pub fn finish(self, expected: &[Known], rare: &[Known], complete: bool) {
        println!("{:?}", self.0);
        let is_new = |known: &&Known| !expected.contains(known) && !rare.contains(known);
        let new: Vec<_> = self.0.keys().filter(is_new).collect();
        assert!(new.is_empty(), "new: {new:?}");
        let gone: Vec<_> = expected.iter().filter(|known| !self.0.contains_key(known)).collect();
        assert!(!complete || gone.is_empty(), "no longer seen: {gone:?}");
    }
}

/// Why an engine may make other bytes of a payload than we do, whose value we read; none: it may not.
pub fn other_bytes(generation: Generation, payload: &[u8], ours: &[u8], theirs: &[u8]) -> Option<Vec<Known>> {
    let mut known = Vec::new();
    let input = tokens::read_whole(generation, payload);
    let output = tokens::read_whole(generation, theirs);
    if input.end != Ok(true) || output.end != Ok(true) {
        return None;
    }
    let lambdas =
        output.pieces.iter().filter(|piece| matches!(piece, Piece::Head(Token::Lambda { .. }))).count();
    let junk = theirs.len() - output.taken as usize;
    let expected = if generation == Generation::V1 { 8 * lambdas } else { 0 };
    if junk != expected {
        return None;
    }
    if junk > 0 {
        known.push(Known::LambdaJunk);
    }
    known.extend(other_pieces(generation, &input.pieces, &output.pieces)?);
    let theirs = &theirs[..output.taken as usize];
    if theirs != ours && known.iter().all(|known| *known == Known::LambdaJunk) {
        let spelling = spelling(generation, &output.pieces, ours, theirs)?;
        known.push(spelling);
    }
    known.sort();
    known.dedup();
    Some(known)
}

/// What differs between the pieces of two payloads, if all of it is known.
fn other_pieces(generation: Generation, ours: &[Piece], theirs: &[Piece]) -> Option<Vec<Known>> {
    let mut known = Vec::new();
    let (mut ours, mut theirs) = (ours.iter(), theirs.iter());
    let mut symbol = false;
    loop {
        let (our, their) = match (ours.next(), theirs.next()) {
            (Some(our), Some(their)) => (our, their),
            (None, None) => return Some(known),
            _ => return None,
        };
        let within_symbol = std::mem::replace(&mut symbol, matches!(our, Piece::Head(Token::Symbol { .. })));
        if our == their {
            continue;
        }
        let (our, their) = match (our, their) {
            (Piece::Head(our), Piece::Head(their)) => (our, their),
            (Piece::Float(Type::F32, our), Piece::Float(Type::F32, their)) if our | QUIET == *their => {
                known.push(Known::QuietNan);
                continue;
            }
            (Piece::Text(_), Piece::Text(name)) if within_symbol && name.is_empty() => {
                known.push(Known::NullSymbol);
                continue;
            }
            _ => return None,
        };
        known.push(match (our, their) {
            (Token::Function(_), Token::Null) if generation == Generation::V1 => {
                is_unknown(ours.next()?).then_some(Known::NoBuiltin)?
            }
            (Token::Function(_), Token::Function(_)) => Known::ArityByName,
            (Token::Vector { ty: a, count: m, .. }, Token::Vector { ty: b, count: n, .. })
                if (a, m) == (b, n) =>
            {
                Known::Marks
            }
            (Token::Lambda { closure: a, .. }, Token::Lambda { closure: b, .. }) if a == b => Known::Marks,
            (Token::Symbol { .. }, Token::Symbol { quoted: false }) => Known::NullSymbol,
            _ => return None,
        });
    }
}

/// The same value in other bytes.
fn spelling(generation: Generation, pieces: &[Piece], ours: &[u8], theirs: &[u8]) -> Option<Known> {
    let has = |wanted: &dyn Fn(&Token<'static>) -> bool| {
        pieces.iter().any(|piece| matches!(piece, Piece::Head(token) if wanted(token)))
    };
    if ours.len() != theirs.len() {
        return None;
    }
    let bool = |token: &Token<'_>| {
        matches!(token, Token::Atom(Value::Bool(_)) | Token::Vector { ty: Type::Bool, .. })
    };
    if generation == Generation::V1 && has(&bool) {
        return Some(Known::TruthByte);
    }
    if has(&|token| matches!(token, Token::Atom(Value::TypedNull(_)))) {
        return Some(Known::NullFlag);
    }
    Some(Known::Marks)
}

/// The bit by which a NaN of 32 bits is quiet.
const QUIET: u64 = 1 << 22;

/// Whether a function's name is not one of those that all engines have.
fn is_unknown(name: &Piece) -> bool {
    !matches!(name, Piece::Text(name) if FUNCTIONS.iter().any(|(_, known)| name == known.as_bytes()))
}

/// Why an engine may refuse a payload that we take.
pub fn refused(generation: Generation, payload: &[u8], value: &Value<'_>, reason: &str) -> Option<Known> {
    let pieces = tokens::read_whole(generation, payload).pieces;
    let unknown = |pair: &[Piece]| matches!(pair[0], Piece::Head(Token::Function(_))) && is_unknown(&pair[1]);
    let captures = |piece: &Piece| matches!(piece, Piece::Head(Token::Lambda { closure: true, .. }));
    match generation {
        Generation::V3 if reason.ends_with(": name") && pieces.windows(2).any(unknown) => {
            Some(Known::NoBuiltin)
        }
        Generation::V3 if reason.ends_with(": domain") && is_ragged(value) => Some(Known::Ragged),
        Generation::V3 if reason.ends_with(": type") && pieces.iter().any(captures) => Some(Known::Captured),
        Generation::V1 if reason == NO_OBJECT && unknown(pieces.get(..2)?) => Some(Known::NoBuiltin),
        _ if pieces.iter().any(|piece| matches!(piece, Piece::Head(Token::Error(_)))) => {
            Some(Known::HoldsError)
        }
        _ => None,
    }
}

/// Why an engine may take a payload that we refuse.
pub fn taken(generation: Generation, payload: &[u8], error: PeerError) -> Option<Known> {
    let container = matches!(
        payload.first().and_then(|byte| generation.tag(*byte)),
        Some(Tag::List | Tag::Dict | Tag::Table | Tag::Lambda)
    );
    match (generation, error.fault) {
        (Generation::V1, Fault::Count(_)) => Some(Known::NegativeCount),
        (Generation::V1, _) if container => Some(Known::BreaksOff),
        (Generation::V1, Fault::UnexpectedEnd { needed: 10, available: ..10 }) => Some(Known::ReadsBeyond),
        (Generation::V3, Fault::TableNames) if matches!(payload.get(error.offset as usize), Some(1..=11)) => {
            Some(Known::NumberNames)
        }
        // The names are missing, and so is the rest.
        (Generation::V3, Fault::TableNames) if container => Some(Known::BreaksOff),
        (Generation::V3, Fault::UnexpectedEnd { .. }) if container => Some(Known::BreaksOff),
        _ => None,
    }
}

/// Whether there is a table or dict whose parts don't fit.
fn is_ragged(value: &Value<'_>) -> bool {
    let len = |value: Value<'_>| match value {
        Value::Vector(vector) => Some(vector.len()),
        Value::List(list) => Some(list.len()),
        _ => None,
    };
    match value {
        Value::List(list) => list.iter().any(|value| is_ragged(&value)),
        Value::Dict(dict) => {
            let (keys, values) = (dict.keys(), dict.values());
            len(keys) != len(values) || len(keys).is_none() || is_ragged(&keys) || is_ragged(&values)
        }
        Value::Table(table) => {
            let columns = table.columns();
            let rows = columns.get(0).and_then(len);
            !table.names().is_ok_and(|names| names.count() == columns.len())
                || columns.iter().any(|column| len(column) != rows || rows.is_none() || is_ragged(&column))
        }
        Value::Lambda(lambda) => {
            let parts = [Some(lambda.parameters()), Some(lambda.body()), lambda.closure()];
            parts.iter().flatten().any(is_ragged)
        }
        _ => false,
    }
}

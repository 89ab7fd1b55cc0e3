//! A tree by the interface that a user has: no byte is written here.

use rayforce_ipc::codec::literal::{Call, Char, Dict, Lambda, List, Strings, Symbols, Table};
use rayforce_ipc::codec::{Encode, Function, Symbol, Text, Writer};
use rayforce_ipc::wire::{Date, Element, Generation, Guid, ServerError, Time, Timespan, Timestamp, Type};

use crate::tree::Tree;

impl Encode for Tree {
    fn encode(&self, writer: &mut Writer<'_>) {
        match self {
            Tree::Null => ().encode(writer),
            Tree::NullOf(ty) => null(*ty, writer),
            Tree::Atom(ty, bits) => element(*ty, writer, Atom(*bits)),
            Tree::Char(byte) => Char(*byte).encode(writer),
            Tree::Symbol(name, true) => Symbol::quoted(name).encode(writer),
            Tree::Symbol(name, false) => Symbol::name(name).encode(writer),
            Tree::Text(bytes) => Text(bytes).encode(writer),
            Tree::Vector(ty, bits) => element(*ty, writer, Vector(bits)),
            Tree::Symbols(names) => Symbols(&strs(names)).encode(writer),
            Tree::Strings(texts) => Strings(&strs(texts)).encode(writer),
            Tree::List(values) => List(&dyns(values)).encode(writer),
            Tree::Dict(pair) => Dict { keys: &pair[0], values: &pair[1] }.encode(writer),
            Tree::Table(columns) => {
                let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
                let columns: Vec<&dyn Encode> =
                    columns.iter().map(|(_, column)| column as &dyn Encode).collect();
                Table::new(&names, &columns).encode(writer);
            }
            Tree::Call(name, arguments) => Call(name, &dyns(arguments)).encode(writer),
            Tree::Lambda(parameters, statements, closure) => {
                let closure = closure.as_deref().map(|closure| closure as &dyn Encode);
                let (parameters, statements) = (strs(parameters), dyns(statements));
                Lambda { parameters: &parameters, statements: &statements, closure }.encode(writer);
            }
            Tree::Function(name) => Function::new(name).encode(writer),
            Tree::Error(code) => ServerError::new(code).encode(writer),
        }
    }
}

impl Tree {
    /// How an atom is shown, where that is plain.
    pub fn shown(&self, generation: Generation) -> Option<String> {
        Some(match self {
            Tree::Null => "Null".to_owned(),
            Tree::Atom(Type::Bool, bits) => format!("Bool({})", bits & 1 != 0),
            Tree::Atom(Type::U8, bits) => format!("U8({})", *bits as u8),
            Tree::Atom(Type::I16, bits) if *bits as i16 != i16::MIN => format!("I16({})", *bits as i16),
            Tree::Atom(Type::I32, bits) if *bits as i32 != i32::MIN => format!("I32({})", *bits as i32),
            Tree::Atom(Type::I64, bits) if *bits as i64 != i64::MIN => format!("I64({})", *bits as i64),
            Tree::Atom(Type::I64, _) => "I64(null)".to_owned(),
            Tree::Atom(Type::F32, bits) if generation == Generation::V3 && *bits as u32 != 0x7fc0_0000 => {
                format!("F32({:?})", f32::from_bits(*bits as u32))
            }
            Tree::Atom(Type::F64, bits) if *bits != 0x7ff8_0000_0000_0000 => {
                format!("F64({:?})", f64::from_bits(*bits))
            }
            _ => return None,
        })
    }
}

fn strs(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

fn dyns(values: &[Tree]) -> Vec<&dyn Encode> {
    values.iter().map(|value| value as &dyn Encode).collect()
}

/// What is done with the elements of a type.
trait Elements {
    fn write<T: Element + Encode>(self, writer: &mut Writer<'_>, of: impl Fn(u64) -> T);
}

struct Atom(u64);

struct Vector<'b>(&'b [u64]);

impl Elements for Atom {
    fn write<T: Element + Encode>(self, writer: &mut Writer<'_>, of: impl Fn(u64) -> T) {
        of(self.0).encode(writer);
    }
}

impl Elements for Vector<'_> {
    /// Of an odd count by a slice, else by index.
    fn write<T: Element + Encode>(self, writer: &mut Writer<'_>, of: impl Fn(u64) -> T) {
        if self.0.len() % 2 == 1 {
            let elements: Vec<T> = self.0.iter().map(|bits| of(*bits)).collect();
            elements.as_slice().encode(writer);
        } else {
            writer.vector_with(self.0.len(), |index| of(self.0[index]));
        }
    }
}

fn element(ty: Type, writer: &mut Writer<'_>, elements: impl Elements) {
    match ty {
        Type::Bool => elements.write(writer, |bits| bits & 1 != 0),
        Type::U8 => elements.write(writer, |bits| bits as u8),
        Type::I16 => elements.write(writer, |bits| bits as i16),
        Type::I32 => elements.write(writer, |bits| bits as i32),
        Type::I64 => elements.write(writer, |bits| bits as i64),
        Type::F32 => elements.write(writer, |bits| f32::from_bits(bits as u32)),
        Type::F64 => elements.write(writer, f64::from_bits),
        Type::Date => elements.write(writer, |bits| Date(bits as i32)),
        Type::Time => elements.write(writer, |bits| Time(bits as i32)),
        Type::Timestamp => elements.write(writer, |bits| Timestamp(bits as i64)),
        Type::Timespan => elements.write(writer, |bits| Timespan(bits as i64)),
        Type::Guid => elements.write(writer, |bits| {
            let mut bytes = [0; 16];
            bytes[4..12].copy_from_slice(&bits.to_le_bytes());
            Guid(bytes)
        }),
        other => panic!("{other:?} has no fixed width"),
    }
}

fn null(ty: Type, writer: &mut Writer<'_>) {
    match ty {
        Type::I16 => None::<i16>.encode(writer),
        Type::I32 => None::<i32>.encode(writer),
        Type::I64 => None::<i64>.encode(writer),
        Type::F32 => None::<f32>.encode(writer),
        Type::F64 => None::<f64>.encode(writer),
        Type::Date => None::<Date>.encode(writer),
        Type::Time => None::<Time>.encode(writer),
        Type::Timestamp => None::<Timestamp>.encode(writer),
        Type::Timespan => None::<Timespan>.encode(writer),
        Type::Guid => None::<Guid>.encode(writer),
        other => writer.typed_null(other),
    }
}

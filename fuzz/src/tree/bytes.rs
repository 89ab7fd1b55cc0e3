//! The bytes that a tree must become, by the description of the wire alone.

use rayforce_ipc::error::RequestError;
use rayforce_ipc::wire::{Generation, Tag, Type};

use crate::tree::Tree;

impl Tree {
    /// Appends the bytes of a value that lies in so many others.
    ///
    /// # Errors
    /// Why it cannot be sent: what comes first of it.
    pub fn append(
        &self,
        generation: Generation,
        depth: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), RequestError> {
        if depth > DEEPEST {
            return Err(RequestError::TooDeep { limit: DEEPEST });
        }
        let v1 = generation == Generation::V1;
        let unsupported = |tag| Err(RequestError::Unsupported { tag, generation });
        match self {
            Tree::Null => out.push(0x7e),
            Tree::NullOf(ty) => return null(*ty, generation, out),
            Tree::Atom(ty, bits) => {
                let (_, null) = shape(*ty);
                let bits = masked(*ty, *bits);
                return atom(*ty, null == Some(bits), bits, generation, out);
            }
            Tree::Char(byte) if v1 => out.extend([0xf4, *byte]),
            Tree::Char(byte) => text(&[*byte], generation, out),
            Tree::Symbol(name, quoted) => {
                let flag: &[u8] = if v1 { &[] } else { &[if *quoted { 0x20 } else { 0 }] };
                out.push(if v1 { 0xfa } else { 0xf4 });
                out.extend(flag);
                self::name(name, out)?;
            }
            Tree::Text(bytes) => text(bytes, generation, out),
            Tree::Vector(Type::I16, _) if v1 => return unsupported(Tag::Vector(Type::I16)),
            Tree::Vector(ty, elements) => {
                let (width, null) = shape(*ty);
                let is_null = |bits: &u64| match ty {
                    Type::F32 => f32::from_bits(*bits as u32).is_nan(),
                    Type::F64 => f64::from_bits(*bits).is_nan(),
                    _ => null == Some(masked(*ty, *bits)),
                };
                let attr = if !v1 && elements.iter().any(is_null) { 0x40 } else { 0 };
                let Some(number) = number(*ty, generation) else { return unsupported(Tag::Vector(*ty)) };
                head(number, attr, elements.len(), out);
                elements.iter().for_each(|bits| element(*ty, width, *bits, out));
            }
            Tree::Symbols(names) => symbols(names, generation, out)?,
            Tree::Strings(texts) if v1 => {
                head(0, 0, texts.len(), out);
                texts.iter().for_each(|value| text(value.as_bytes(), generation, out));
            }
            Tree::Strings(texts) => {
                let attr = if texts.iter().any(String::is_empty) { 0x40 } else { 0 };
                head(13, attr, texts.len(), out);
                for text in texts {
                    out.extend((text.len() as u64).to_le_bytes());
                    out.extend(text.as_bytes());
                }
            }
            Tree::List(values) => {
                head(0, 0, values.len(), out);
                append(values, generation, depth, out)?;
            }
            Tree::Dict(pair) => {
                out.extend([0x63, 0]);
                append(&pair[..], generation, depth, out)?;
            }
            Tree::Table(columns) => {
                out.extend([0x62, 0]);
                names(
                    columns.iter().map(|(name, _)| name.as_str()),
                    if v1 { 0 } else { 3 },
                    generation,
                    out,
                )?;
                head(0, 0, columns.len(), out);
                columns.iter().try_for_each(|(_, column)| column.append(generation, depth + 1, out))?;
            }
            Tree::Call(function, arguments) => {
                call(function, arguments.len(), generation, out)?;
                append(arguments, generation, depth, out)?;
            }
            Tree::Lambda(parameters, statements, closure) => {
                if v1 && closure.is_some() {
                    return unsupported(Tag::Lambda);
                }
                out.extend([0x64, u8::from(closure.is_some())]);
                match parameters.as_slice() {
                    [] if !v1 => head(5, 0, 0, out),
                    parameters => symbols(parameters, generation, out)?,
                }
                match statements.as_slice() {
                    [_] if v1 => {}
                    statements if v1 => call("do", statements.len(), generation, out)?,
                    statements => head(0, 0, statements.len(), out),
                }
                append(statements, generation, depth, out)?;
                closure.iter().try_for_each(|closure| closure.append(generation, depth + 1, out))?;
            }
            Tree::Function(function) => {
                out.push(0x67);
                name(function, out)?;
            }
            Tree::Error(_) if v1 => return unsupported(Tag::Error),
            Tree::Error(code) => {
                out.push(0x7f);
                out.extend(code.bytes().chain([0; 8]).take(8));
            }
        }
        Ok(())
    }
}

fn append(
    values: &[Tree],
    generation: Generation,
    depth: usize,
    out: &mut Vec<u8>,
) -> Result<(), RequestError> {
    values.iter().try_for_each(|value| value.append(generation, depth + 1, out))
}

fn null(ty: Type, generation: Generation, out: &mut Vec<u8>) -> Result<(), RequestError> {
    match (ty, generation) {
        (Type::Symbol, Generation::V1) => out.extend([0xfa, 0]),
        (Type::Symbol, Generation::V3) => out.extend([0xf4, 0x20, 0]),
        (Type::Char, Generation::V1) => out.extend([0xf4, 0]),
        (Type::Char, Generation::V3) => text(&[0], generation, out),
        (Type::String, Generation::V1) => text(&[], generation, out),
        (Type::String, Generation::V3) => head(0xf3, 1, 0, out),
        _ => {
            let (_, null) = shape(ty);
            return atom(ty, true, null.unwrap_or(0), generation, out);
        }
    }
    Ok(())
}

fn atom(
    ty: Type,
    null: bool,
    bits: u64,
    generation: Generation,
    out: &mut Vec<u8>,
) -> Result<(), RequestError> {
    let Some(number) = number(ty, generation) else {
        return Err(RequestError::Unsupported { tag: Tag::Atom(ty), generation });
    };
    out.push(number.wrapping_neg());
    if generation == Generation::V3 {
        out.push(u8::from(null));
    }
    element(ty, shape(ty).0, bits, out);
    Ok(())
}

fn element(ty: Type, width: usize, bits: u64, out: &mut Vec<u8>) {
    let bytes = masked(ty, bits).to_le_bytes();
    if ty == Type::Guid {
        out.extend([0; 4]);
        out.extend(bytes);
        out.extend([0; 4]);
    } else {
        out.extend(&bytes[..width]);
    }
}

/// Bytes of an element, and the bits of its null.
fn shape(ty: Type) -> (usize, Option<u64>) {
    match ty {
        Type::Bool | Type::U8 => (1, None),
        Type::I16 => (2, Some(1 << 15)),
        Type::I32 | Type::Date | Type::Time => (4, Some(1 << 31)),
        Type::F32 => (4, Some(0x7fc0_0000)),
        Type::F64 => (8, Some(0x7ff8_0000_0000_0000)),
        Type::Guid => (16, Some(0)),
        _ => (8, Some(1 << 63)),
    }
}

fn masked(ty: Type, bits: u64) -> u64 {
    match shape(ty).0 {
        _ if ty == Type::Bool => bits & 1,
        width @ 1..8 => bits & ((1 << (8 * width)) - 1),
        _ => bits,
    }
}

fn number(ty: Type, generation: Generation) -> Option<u8> {
    Some(match (ty, generation) {
        (Type::Bool, _) => 1,
        (Type::U8, _) => 2,
        (Type::I16, _) => 3,
        (Type::I32, _) => 4,
        (Type::I64, _) => 5,
        (Type::F32, Generation::V3) => 6,
        (Type::F64, Generation::V3) => 7,
        (Type::Date, Generation::V3) => 8,
        (Type::Time, Generation::V3) => 9,
        (Type::Timestamp, Generation::V3) => 10,
        (Type::Timespan, Generation::V3) => 16,
        (Type::Date, Generation::V1) => 7,
        (Type::Time, Generation::V1) => 8,
        (Type::Timestamp, Generation::V1) => 9,
        (Type::F64, Generation::V1) => 10,
        (Type::Guid, _) => 11,
        _ => return None,
    })
}

fn call(
    function: &str,
    arguments: usize,
    generation: Generation,
    out: &mut Vec<u8>,
) -> Result<(), RequestError> {
    head(0, 0, arguments + 1, out);
    match generation {
        Generation::V1 => out.push(0x67),
        Generation::V3 => out.extend([0xf4, 0]),
    }
    name(function, out)
}

fn text(bytes: &[u8], generation: Generation, out: &mut Vec<u8>) {
    match generation {
        Generation::V1 => head(12, 0, bytes.len(), out),
        Generation::V3 => head(0xf3, 0, bytes.len(), out),
    }
    out.extend(bytes);
}

fn symbols(names: &[String], generation: Generation, out: &mut Vec<u8>) -> Result<(), RequestError> {
    self::names(names.iter().map(String::as_str), 0, generation, out)
}

fn names<'n>(
    all: impl ExactSizeIterator<Item = &'n str>,
    attr: u8,
    generation: Generation,
    out: &mut Vec<u8>,
) -> Result<(), RequestError> {
    head(if generation == Generation::V1 { 6 } else { 12 }, attr, all.len(), out);
    all.into_iter().try_for_each(|text| name(text, out))
}

fn name(name: &str, out: &mut Vec<u8>) -> Result<(), RequestError> {
    if let Some(at) = name.bytes().position(|byte| byte == 0) {
        return Err(RequestError::NulInName(at));
    }
    out.extend(name.bytes().chain([0]));
    Ok(())
}

fn head(number: u8, attr: u8, count: usize, out: &mut Vec<u8>) {
    out.extend([number, attr]);
    out.extend((count as u64).to_le_bytes());
}

/// Servers of wire 3 read 512 values one inside another.
const DEEPEST: usize = 500;

//! A value in the notation of the field `shows`.
//!
//! ```text
//!  i64:3  bool:1 (wire 1: b8:1)  date:8780  guid:0123…           atoms, in units of the wire
//!  i64:-9223372036854775808!null                                 a null: its sentinel, on wire 3 marked
//!  sym:a  'sym:a  'text'  c8:b'x'  C8b'text'                     names, literals, strings, chars, wire-1 strings
//!  I64[1 2]  I64{at=40}[1 2]  SYM[a b]  STR[b'x' b'']            vectors, the attribute where it is not 0
//!  I64[0 1 2 3 4 5 6 7 8 9 ...(249)]                             of more than ten elements ten, and the count
//!  (i64:1 'a')  dict<SYM[a] -> I64[1]>  table<SYM[a] -> (…)>     lists, dicts, tables
//!  lambda{at=00}<SYM[x] | sym:x | dict<…>>  #binary:+            functions
//!  NULL  ERR<7479706500000000>                                   nothing; errors: the bytes behind the tag
//! ```

use rayforce_ipc::codec::{ErrorValue, Symbol, Table, Value, Vector, Writer};
use rayforce_ipc::wire::{Arity, Element, Generation, Guid, Type};

use super::hex::hex;
use super::python;

/// Characters that the field `shows` has at most.
pub const LONGEST: usize = 600;

/// The whole of it, of which the field has no more than the first [`LONGEST`] characters.
pub fn shows(generation: Generation, value: Value<'_>) -> String {
    let all =
        |values: Vec<Value<'_>>| values.into_iter().map(|value| shows(generation, value)).collect::<Vec<_>>();
    match value {
        Value::Null => "NULL".into(),
        Value::TypedNull(ty) => null(generation, ty),
        Value::Symbol(symbol) => named(symbol),
        Value::String(text) if generation == Generation::V1 => {
            format!("C8{}", python::bytes(text.as_bytes()))
        }
        Value::String(text) => python::string(&python::decoded(text.as_bytes())),
        Value::Vector(vector) => elements(generation, vector),
        Value::List(list) => format!("({})", all(list.iter().collect()).join(" ")),
        Value::Table(table) => columns(generation, table),
        Value::Dict(dict) => format!("dict<{}>", all(vec![dict.keys(), dict.values()]).join(" -> ")),
        Value::Lambda(lambda) => {
            let parts = [Some(lambda.parameters()), Some(lambda.body()), lambda.closure()];
            format!(
                "lambda{}<{}>",
                attr(lambda.attr()),
                all(parts.into_iter().flatten().collect()).join(" | ")
            )
        }
        Value::Function(function) => {
            let kind = match function.arity() {
                Arity::Unary => "unary",
                Arity::Binary => "binary",
                Arity::Variadic => "vary",
            };
            format!("#{kind}:{}", function.name())
        }
        Value::Error(error) => format!("ERR<{}>", hex(&error_bytes(generation, error))),
        scalar => {
            let (ty, text) = element(scalar);
            format!("{}:{text}", type_name(generation, ty).to_lowercase())
        }
    }
}

/// The null of a type as its sentinel. Wire 1 has no mark for it.
fn null(generation: Generation, ty: Type) -> String {
    let mark = if generation == Generation::V3 { "!null" } else { "" };
    format!("{}:{}{mark}", type_name(generation, ty).to_lowercase(), sentinel(ty))
}

fn named(symbol: Symbol<'_>) -> String {
    let quote = if symbol.is_quoted() { "'" } else { "" };
    format!("{quote}sym:{}", python::decoded(symbol.as_bytes()))
}

fn elements(generation: Generation, vector: Vector<'_>) -> String {
    let attr = if vector.attr() == 0 { String::new() } else { attr(vector.attr()) };
    let values = vector.iter::<Value<'_>>().expect("anything is a value").take(MOST);
    let mut texts: Vec<String> = values.map(|value| element(value.expect("a value")).1).collect();
    if vector.len() > MOST {
        texts.push(format!("...({})", vector.len()));
    }
    format!("{}{attr}[{}]", type_name(generation, vector.ty()), texts.join(" "))
}

/// The view does not keep the attribute of the names, which wire 3 sets and nobody looks at.
fn columns(generation: Generation, table: Table<'_>) -> String {
    let attr = if generation == Generation::V3 { attr(TABLE_NAMES) } else { String::new() };
    let names: Vec<&str> = table.names().expect("names in UTF-8").collect();
    format!("table<SYM{attr}[{}] -> {}>", names.join(" "), shows(generation, Value::List(table.columns())))
}

/// A scalar without its type: whole numbers, floats, names and bytes.
fn element(value: Value<'_>) -> (Type, String) {
    match value {
        Value::TypedNull(ty) => (ty, sentinel(ty)),
        Value::Bool(value) => (Type::Bool, u8::from(value).to_string()),
        Value::U8(value) => (Type::U8, value.to_string()),
        Value::I16(value) => (Type::I16, value.to_string()),
        Value::I32(value) => (Type::I32, value.to_string()),
        Value::I64(value) => (Type::I64, value.to_string()),
        Value::F32(value) => (Type::F32, python::float(value.into())),
        Value::F64(value) => (Type::F64, python::float(value)),
        Value::Date(value) => (Type::Date, value.0.to_string()),
        Value::Time(value) => (Type::Time, value.0.to_string()),
        Value::Timestamp(value) => (Type::Timestamp, value.0.to_string()),
        Value::Timespan(value) => (Type::Timespan, value.0.to_string()),
        Value::Guid(value) => (Type::Guid, hex(&value.0)),
        Value::Char(value) => (Type::Char, python::bytes(&[value])),
        Value::Symbol(symbol) => (Type::Symbol, python::decoded(symbol.as_bytes())),
        Value::String(text) => (Type::String, python::bytes(text.as_bytes())),
        other => panic!("no scalar: {other:?}"),
    }
}

fn sentinel(ty: Type) -> String {
    fn whole<T: Element + std::fmt::Display>() -> String {
        T::NULL.map(|null| null.to_string()).unwrap_or_default()
    }
    match ty {
        Type::I16 => whole::<i16>(),
        Type::I32 | Type::Date | Type::Time => whole::<i32>(),
        Type::I64 | Type::Timestamp | Type::Timespan => whole::<i64>(),
        Type::F32 | Type::F64 => python::float(f64::NAN),
        Type::Guid => hex(&Guid::default().0),
        other => panic!("{other:?} has no null"),
    }
}

fn type_name(generation: Generation, ty: Type) -> &'static str {
    match (generation, ty) {
        (Generation::V3, Type::Bool) => "BOOL",
        (_, Type::Symbol) => "SYM",
        _ => ty.name(),
    }
}

/// The view of an error keeps its code and what belongs to it, and writes them as it read them.
fn error_bytes(generation: Generation, error: ErrorValue<'_>) -> Vec<u8> {
    let mut bytes = vec![0; 1024];
    Writer::encode(generation, &error, &mut bytes).expect("an error of the same generation")[1..].to_vec()
}

fn attr(attr: u8) -> String {
    format!("{{at={attr:02x}}}")
}

/// Vectors up to this length are shown whole, of longer ones so many elements.
const MOST: usize = 10;
const TABLE_NAMES: u8 = 3;

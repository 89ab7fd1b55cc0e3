//! Values in words, as `client.py` writes them.

use std::fmt::Write;

use rayforce_ipc::codec::{Text, Value};
use rayforce_ipc::wire::{Date, Element, Guid, Time, Timespan, Timestamp, Type};

use super::notation;

pub fn shown(value: &Value<'_>) -> String {
    match value {
        Value::Null | Value::TypedNull(_) => "null".into(),
        Value::Bool(value) => value.to_string(),
        Value::U8(value) => format!("U8:{value}"),
        Value::I16(value) => scalar("I16", *value, value),
        Value::I32(value) => scalar("I32", *value, value),
        Value::I64(value) => scalar("I64", *value, value),
        Value::F32(value) => scalar("F32", *value, &notation::float(f64::from(*value))),
        Value::F64(value) => scalar("F64", *value, &notation::float(*value)),
        Value::Date(value) => scalar("DATE", *value, &value.0),
        Value::Time(value) => scalar("TIME", *value, &value.0),
        // The Python clients have microseconds.
        Value::Timestamp(value) => scalar("TIMESTAMP", *value, &value.0.div_euclid(1000)),
        Value::Timespan(value) => scalar("TIMESPAN", *value, &value.0),
        Value::Guid(value) => scalar("GUID", *value, value),
        Value::Char(value) => text(&[*value]),
        Value::Symbol(symbol) => escaped(&format!("'{}", symbol.text())),
        Value::String(value) => text(value.as_bytes()),
        Value::List(list) => format!("({})", joined(list.iter())),
        Value::Vector(vector) => {
            let elements = each(value).unwrap_or_else(|| panic!("{vector:?}"));
            format!("[{}]", elements.join(" "))
        }
        Value::Table(table) => {
            let columns = table.names().unwrap().zip(table.columns().iter());
            let columns: Vec<_> =
                columns.map(|(name, cells)| format!("{}: {}", name, shown(&cells))).collect();
            format!("{{{}}}", columns.join(", "))
        }
        Value::Dict(dict) => {
            let pairs: Vec<_> =
                dict.iter().map(|(key, value)| format!("{}: {}", shown(&key), shown(&value))).collect();
            format!("<{}>", pairs.join(" "))
        }
        Value::Function(function) => format!("#{}", function.name()),
        other => panic!("{other:?}"),
    }
}

fn scalar<T: Element>(name: &str, value: T, shown: &dyn std::fmt::Display) -> String {
    if value.is_null() { "null".into() } else { format!("{name}:{shown}") }
}

fn joined<'a>(values: impl Iterator<Item = Value<'a>>) -> String {
    values.map(|value| shown(&value)).collect::<Vec<_>>().join(" ")
}

/// The elements of a vector.
fn each(value: &Value<'_>) -> Option<Vec<String>> {
    let Value::Vector(vector) = value else { return None };
    macro_rules! fixed {
        ($ty:ty, $variant:ident) => {
            vector
                .elements::<$ty>()
                .ok()?
                .iter()
                .map(|wire| shown(&Value::$variant(<$ty>::from_wire(*wire))))
                .collect()
        };
    }
    Some(match vector.ty() {
        Type::Bool => fixed!(bool, Bool),
        Type::U8 => fixed!(u8, U8),
        Type::I16 => fixed!(i16, I16),
        Type::I32 => fixed!(i32, I32),
        Type::I64 => fixed!(i64, I64),
        Type::F32 => fixed!(f32, F32),
        Type::F64 => fixed!(f64, F64),
        Type::Date => fixed!(Date, Date),
        Type::Time => fixed!(Time, Time),
        Type::Timestamp => fixed!(Timestamp, Timestamp),
        Type::Timespan => fixed!(Timespan, Timespan),
        Type::Guid => fixed!(Guid, Guid),
        Type::Symbol => vector.symbols().ok()?.map(|name| escaped(&format!("'{}", name))).collect(),
        Type::String => vector.strings().ok()?.map(|string| text(string.as_bytes())).collect(),
        _ => return None,
    })
}

/// As `repr` of Python's, and then once more escaped for the line.
fn text(bytes: &[u8]) -> String {
    escaped(&notation::string(&Text(bytes).to_string()))
}

/// Python's codec `unicode_escape`.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for char in text.chars() {
        let _ = match char {
            '\\' => escaped.write_str("\\\\"),
            '\n' => escaped.write_str("\\n"),
            '\r' => escaped.write_str("\\r"),
            '\t' => escaped.write_str("\\t"),
            ' '..='~' => escaped.write_char(char),
            '\0'..='\u{ff}' => write!(escaped, "\\x{:02x}", u32::from(char)),
            '\u{100}'..='\u{ffff}' => write!(escaped, "\\u{:04x}", u32::from(char)),
            _ => write!(escaped, "\\U{:08x}", u32::from(char)),
        };
    }
    escaped
}

//! Values in the notation of the servers' language: `(1 2.5 "x" 'y)`, `[1 0Nl 3]`, `{a:1 b:2}`.
//!
//! Written over a flat walk: what nests deeper than a fixed number of levels shows as `..`, so no byte of a peer
//! makes this recurse.

use core::fmt::{self, Display as _, Write as _};

use crate::codec::cell::each;
use crate::codec::function::{ErrorValue, Lambda};
use crate::codec::table::{Dict, List, Table};
use crate::codec::text::CharLiteral;
use crate::codec::value::Value;
use crate::codec::vector::Vector;
use crate::codec::walk::Walk;
use crate::wire::{Generation, Type};

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("null"),
            Value::TypedNull(ty) => f.write_str(null(*ty)),
            Value::Bool(value) => write!(f, "{value}"),
            Value::U8(value) => write!(f, "{value:#04x}"),
            Value::I16(value) => write!(f, "{value}h"),
            Value::I32(value) => write!(f, "{value}i"),
            Value::I64(value) => write!(f, "{value}"),
            Value::F32(value) => write!(f, "{}e", Float(value)),
            Value::F64(value) => write!(f, "{}", Float(value)),
            Value::Date(value) => write!(f, "{value}"),
            Value::Time(value) => write!(f, "{value}"),
            Value::Timestamp(value) => write!(f, "{value}"),
            Value::Timespan(value) => write!(f, "{value}"),
            Value::Guid(value) => write!(f, "{value}"),
            Value::Char(value) => CharLiteral(*value).fmt(f),
            Value::Symbol(value) => write!(f, "{value}"),
            Value::String(value) => write!(f, "{value:?}"),
            Value::Vector(value) => value.fmt(f),
            Value::List(value) => value.fmt(f),
            Value::Table(value) => value.fmt(f),
            Value::Dict(value) => value.fmt(f),
            Value::Lambda(value) => value.fmt(f),
            Value::Function(value) => value.name().fmt(f),
            Value::Error(value) => value.fmt(f),
        }
    }
}

impl fmt::Display for Vector<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (at, value) in each(Value::Vector(*self)).enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            if f.precision().is_some_and(|most| at >= most) {
                f.write_str("..")?;
                break;
            }
            match value {
                // What stands for all elements is said once, by the vector's type.
                Value::I16(value) => write!(f, "{value}")?,
                Value::I32(value) => write!(f, "{value}")?,
                Value::F32(value) => write!(f, "{}", Float(value))?,
                Value::Symbol(symbol) => symbol.text().fmt(f)?,
                other => write!(f, "{other}")?,
            }
        }
        f.write_str("]")
    }
}

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Frames::write(f, Frame::list(self.len()), self.generation(), self.bytes)
    }
}

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (names, columns) = (self.name_vector(), self.columns());
        f.write_str("(table ")?;
        names.fmt(f)?;
        f.write_str(" ")?;
        columns.fmt(f)?;
        f.write_str(")")
    }
}

impl fmt::Display for Dict<'_> {
    /// `{a:1 b:2}`, where the keys are a vector of names and the values are leaves; else `(dict keys values)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = matches!(self.keys(), Value::Vector(keys) if keys.ty() == Type::Symbol);
        if !named || self.iter().any(|(_, value)| value.is_container()) {
            return Frames::write(f, Frame::DICT, self.generation, self.bytes);
        }
        f.write_str("{")?;
        for (at, (key, value)) in self.iter().enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            if let Value::Symbol(name) = key {
                write!(f, "{}:", name.text())?;
            }
            value.fmt(f)?;
        }
        f.write_str("}")
    }
}

impl fmt::Display for Lambda<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Frames::write(f, Frame::lambda(self.closure), self.generation, self.bytes)
    }
}

impl fmt::Display for ErrorValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(error {}", self.error())?;
        if let Some(message) = self.message() {
            write!(f, " {message:?}")?;
        }
        f.write_str(")")
    }
}

/// `Debug` of a view: its name around its `Display`, of which a precision holds for both.
macro_rules! debug {
    ($($ty:ident)*) => {$(
        impl fmt::Debug for $ty<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($ty), "("))?;
                fmt::Display::fmt(self, f)?;
                f.write_str(")")
            }
        }
    )*};
}

debug!(List Table Dict Lambda);

impl fmt::Debug for Vector<'_> {
    /// As `I64([1 2 3])`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}(", self.ty())?;
        fmt::Display::fmt(self, f)?;
        f.write_str(")")
    }
}

impl Value<'_> {
    const fn is_container(&self) -> bool {
        matches!(self, Value::List(_) | Value::Table(_) | Value::Dict(_) | Value::Lambda(_) | Value::Error(_))
    }
}

/// An open bracket: what is written first and last, and how many values are to come.
#[derive(Clone, Copy)]
struct Frame {
    head: &'static str,
    tail: &'static str,
    left: usize,
    shown: usize,
}

impl Frame {
    const DICT: Frame = Frame { head: "(dict ", tail: ")", left: 2, shown: 0 };
    const ERROR: Frame = Frame { head: "(error ", tail: ")", left: 1, shown: 0 };

    const fn list(left: usize) -> Frame {
        Frame { head: "(", tail: ")", left, shown: 0 }
    }

    /// The columns of a table whose names are written behind its head.
    const fn table(left: usize) -> Frame {
        Frame { head: "(table ", tail: "))", left, shown: 0 }
    }

    const fn lambda(closure: bool) -> Frame {
        Frame { head: "(fn ", tail: ")", left: Lambda::part_count(closure), shown: 0 }
    }
}

/// The brackets that are open.
struct Frames {
    stack: [Frame; DEEPEST],
    depth: usize,
    /// Values that are too deep to be shown, which the walk still goes over.
    hidden: usize,
}

impl Frames {
    fn write(f: &mut fmt::Formatter<'_>, first: Frame, generation: Generation, bytes: &[u8]) -> fmt::Result {
        let walk = Walk::new(generation, bytes, first.left);
        let mut frames = Frames { stack: [first; DEEPEST], depth: 0, hidden: 0 };
        frames.open(f, first)?;
        for value in walk {
            frames.value(f, value)?;
        }
        frames.close(f)
    }

    fn value(&mut self, f: &mut fmt::Formatter<'_>, value: Value<'_>) -> fmt::Result {
        let frame = match value {
            Value::List(list) => Some(Frame::list(list.len())),
            Value::Table(table) => Some(Frame::table(table.column_count())),
            Value::Dict(_) => Some(Frame::DICT),
            Value::Lambda(lambda) => Some(Frame::lambda(lambda.closure)),
            Value::Error(error) if error.error().has_message() => Some(Frame::ERROR),
            _ => None,
        };
        if self.hidden > 0 {
            self.hidden = self.hidden - 1 + frame.map_or(0, |frame| frame.left);
            return self.close(f);
        }
        if let Some(top) = self.top() {
            top.left -= 1;
            top.shown += 1;
            let (shown, is_list) = (top.shown, top.head == "(");
            if shown > 1 {
                f.write_str(" ")?;
            }
            if is_list && f.precision().is_some_and(|most| shown > most) {
                // The others are walked over.
                f.write_str("..")?;
                let left = self.top().map_or(0, |top| core::mem::take(&mut top.left));
                self.hidden = left + frame.map_or(0, |frame| frame.left);
                return self.close(f);
            }
        }
        match frame {
            None => value.fmt(f)?,
            Some(frame) if self.depth < DEEPEST => {
                self.open(f, frame)?;
                match value {
                    Value::Table(table) => {
                        table.name_vector().fmt(f)?;
                        f.write_str(" (")?;
                    }
                    Value::Error(error) => write!(f, "{} ", error.error())?,
                    _ => {}
                }
            }
            Some(frame) => {
                f.write_str("..")?;
                self.hidden = frame.left;
            }
        }
        self.close(f)
    }

    fn open(&mut self, f: &mut fmt::Formatter<'_>, frame: Frame) -> fmt::Result {
        f.write_str(frame.head)?;
        if let Some(place) = self.stack.get_mut(self.depth) {
            *place = frame;
            self.depth += 1;
        }
        Ok(())
    }

    /// Closes what has no values to come.
    fn close(&mut self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        while self.hidden == 0
            && let Some(Frame { tail, left: 0, .. }) = self.top()
        {
            f.write_str(tail)?;
            self.depth -= 1;
        }
        Ok(())
    }

    fn top(&mut self) -> Option<&mut Frame> {
        self.stack.get_mut(self.depth.checked_sub(1)?)
    }
}

/// A float as all servers read it: wire 1 takes an exponent only behind a decimal point, as in `1.0e300`.
struct Float<T>(T);

impl<T: fmt::Debug> fmt::Display for Float<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Pointed { f, pointed: false }, "{:?}", self.0)
    }
}

struct Pointed<'f, 'a> {
    f: &'f mut fmt::Formatter<'a>,
    pointed: bool,
}

impl fmt::Write for Pointed<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|char| {
            if char == 'e' && !self.pointed {
                self.f.write_str(".0")?;
            }
            self.pointed |= char == '.';
            self.f.write_char(char)
        })
    }
}

/// How the servers write the null of a type.
const fn null(ty: Type) -> &'static str {
    match ty {
        Type::Bool => "false",
        Type::U8 => "0x00",
        Type::I16 => "0Nh",
        Type::I32 => "0Ni",
        Type::I64 => "0Nl",
        Type::F32 => "0Ne",
        Type::F64 => "0Nf",
        Type::Date => "0Nd",
        Type::Time => "0Nt",
        Type::Timestamp => "0Np",
        Type::Timespan => "0Nn",
        Type::Guid => "0Ng",
        Type::Symbol => "'",
        Type::Char | Type::String => "\"\"",
    }
}

/// Levels of brackets that are shown.
const DEEPEST: usize = 16;

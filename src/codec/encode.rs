//! What can be sent.

use crate::codec::function::{ErrorValue, Function, Lambda};
use crate::codec::place::Recipient;
use crate::codec::table::{Dict, List, Table};
use crate::codec::text::{Symbol, Text};
use crate::codec::value::Value;
use crate::codec::vector::Vector;
use crate::codec::walk::Walk;
use crate::codec::writer::Writer;
use crate::error::RequestError;
use crate::wire::{
    Date, Dialect, Element, Generation, Guid, Header, ServerError, Time, Timespan, Timestamp, Type,
};

/// A value that can be sent: it writes itself, by the same calls each time, as often as it is asked to.
///
/// Implemented for the [`Element`] types and their `Option`s, slices and arrays of them (vectors; with `std` also a
/// `Vec`), `()` (null), [`Text`] (a string), [`Symbol`], everything in [`literal`](crate::codec::literal), and every
/// view of a received value. A bare `&str` is not one, because what it means depends on its place: see [`Request`].
///
/// ```
/// use rayforce_ipc::codec::{Encode, Symbol, Writer};
///
/// struct Reading { sensor: &'static str, celsius: f64 }
///
/// impl Encode for Reading {
///     fn encode(&self, writer: &mut Writer<'_>) {
///         writer.list(2);
///         writer.symbol(self.sensor.as_bytes(), true);
///         writer.scalar(self.celsius);
///     }
/// }
/// ```
pub trait Encode: Sync {
    /// Writes one value.
    fn encode(&self, writer: &mut Writer<'_>);
}

/// What can be executed: program text as `&str`, or a reference to anything that [`Encode`]s.
///
/// What a server makes of it:
///
/// | request | result |
/// |---|---|
/// | `&str`, [`Text`] | the value of the program text |
/// | a list | a call: its first element is the function, the others are the arguments |
/// | [`Symbol::name`] | the value of that name |
/// | anything else | itself |
///
/// In a call, the function is a name on wire 3 and a builtin's tag on wire 1, where arguments that are calls are
/// evaluated only inside of a call of `do` (engines 0.6.3 and 1.0.0); [`literal::Call`](crate::codec::literal::Call)
/// writes the function either way.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no request",
    label = "neither program text nor a reference to a value",
    note = "requests are lent: `&table(\"trades\").select(…)`, or program text as a `&str`"
)]
pub trait Request: Sync {
    /// Writes the request.
    fn encode_request(&self, writer: &mut Writer<'_>);
}

impl Request for &str {
    fn encode_request(&self, writer: &mut Writer<'_>) {
        writer.string(self.as_bytes());
    }
}

#[cfg(feature = "std")]
impl Request for &std::string::String {
    fn encode_request(&self, writer: &mut Writer<'_>) {
        writer.string(self.as_bytes());
    }
}

impl<T: Encode + ?Sized> Request for &T {
    fn encode_request(&self, writer: &mut Writer<'_>) {
        (*self).encode(writer);
    }
}

/// A request as a value.
pub(crate) struct Requested<R>(pub(crate) R);

impl<R: Request> Encode for Requested<R> {
    fn encode(&self, writer: &mut Writer<'_>) {
        self.0.encode_request(writer);
    }
}

impl Writer<'_> {
    /// The bytes that a request takes on its way to a server of a dialect, its header among them, unpacked.
    /// [`Connection::dialect`](crate::client::Connection::dialect) knows the dialect. A transmit buffer may be smaller; one
    /// of this size sends the request by one write.
    ///
    /// ```
    /// use rayforce_ipc::codec::Writer;
    /// use rayforce_ipc::query::table;
    /// use rayforce_ipc::wire::Dialect;
    ///
    /// assert_eq!(Writer::measure_request(Dialect::V3, "(+ 1 2)")?, 16 + 10 + 7);
    /// let (times, prices) = ([0i64; 100], [101.5; 100]);
    /// let rows = table("prices").insert((&times[..], &prices[..]));
    /// assert!(Writer::measure_request(Dialect::V3, &rows)? > 16 + 100 * (8 + 8));
    /// # Ok::<(), rayforce_ipc::error::RequestError>(())
    /// ```
    ///
    /// # Errors
    /// Whatever the request cannot be sent for.
    pub fn measure_request(dialect: Dialect, request: impl Request) -> Result<u64, RequestError> {
        let payload = Writer::measure_in(Recipient::Known(dialect), &Requested(request))?;
        Ok(payload.saturating_add(Header::LEN as u64))
    }
}

impl<T: Encode + ?Sized> Encode for &T {
    fn encode(&self, writer: &mut Writer<'_>) {
        (*self).encode(writer);
    }
}

impl Encode for () {
    fn encode(&self, writer: &mut Writer<'_>) {
        writer.null();
    }
}

macro_rules! scalar {
    ($($ty:ty)*) => {$(
        impl Encode for $ty {
            fn encode(&self, writer: &mut Writer<'_>) {
                writer.scalar(*self);
            }
        }
    )*};
}

scalar!(bool u8 i16 i32 i64 f32 f64 Date Time Timestamp Timespan Guid);

impl<T: Element> Encode for Option<T> {
    fn encode(&self, writer: &mut Writer<'_>) {
        match self {
            Some(value) => writer.scalar(*value),
            None => writer.typed_null(T::TYPE),
        }
    }
}

impl<T: Element> Encode for [T] {
    fn encode(&self, writer: &mut Writer<'_>) {
        writer.vector(self);
    }
}

impl<T: Element, const N: usize> Encode for [T; N] {
    fn encode(&self, writer: &mut Writer<'_>) {
        writer.vector(self);
    }
}

#[cfg(feature = "std")]
impl<T: Element> Encode for std::vec::Vec<T> {
    fn encode(&self, writer: &mut Writer<'_>) {
        writer.vector(self);
    }
}

impl Encode for Text<'_> {
    fn encode(&self, writer: &mut Writer<'_>) {
        writer.string(self.as_bytes());
    }
}

impl Encode for Symbol<'_> {
    fn encode(&self, writer: &mut Writer<'_>) {
        writer.symbol(self.as_bytes(), self.is_quoted());
    }
}

impl Encode for Function<'_> {
    fn encode(&self, writer: &mut Writer<'_>) {
        writer.function(self.arity(), self.name().as_bytes());
    }
}

impl Encode for ServerError {
    fn encode(&self, writer: &mut Writer<'_>) {
        writer.error(self);
        if self.has_message() {
            writer.string(&[]);
        }
    }
}

impl Encode for Value<'_> {
    /// A received value as it came, but for what no client sends: flags and attributes without meaning, bytes in a
    /// null, more than one way to say true. To the other generation goes what it has.
    fn encode(&self, writer: &mut Writer<'_>) {
        match self {
            Value::Null => writer.null(),
            Value::TypedNull(ty) => writer.typed_null(*ty),
            Value::Bool(value) => writer.scalar(*value),
            Value::U8(value) => writer.scalar(*value),
            Value::I16(value) => writer.scalar(*value),
            Value::I32(value) => writer.scalar(*value),
            Value::I64(value) => writer.scalar(*value),
            Value::F32(value) => writer.scalar(*value),
            Value::F64(value) => writer.scalar(*value),
            Value::Date(value) => writer.scalar(*value),
            Value::Time(value) => writer.scalar(*value),
            Value::Timestamp(value) => writer.scalar(*value),
            Value::Timespan(value) => writer.scalar(*value),
            Value::Guid(value) => writer.scalar(*value),
            Value::Char(value) => writer.char(*value),
            Value::Symbol(value) => value.encode(writer),
            Value::String(value) => value.encode(writer),
            Value::Vector(value) => value.encode(writer),
            Value::List(value) => value.encode(writer),
            Value::Table(value) => value.encode(writer),
            Value::Dict(value) => value.encode(writer),
            Value::Lambda(value) => value.encode(writer),
            Value::Function(value) => value.encode(writer),
            Value::Error(value) => value.encode(writer),
        }
    }
}

impl Encode for Vector<'_> {
    fn encode(&self, writer: &mut Writer<'_>) {
        fn any_null<T: Element>(vector: &Vector<'_>) -> bool {
            vector
                .elements::<T>()
                .is_ok_and(|elements| elements.iter().any(|wire| T::from_wire(*wire).is_null()))
        }
        let has_nulls = || match self.ty() {
            Type::I16 => any_null::<i16>(self),
            Type::I32 | Type::Date | Type::Time => {
                self.bytes.chunks(4).any(|bytes| bytes == i32::MIN.to_le_bytes())
            }
            Type::I64 | Type::Timestamp | Type::Timespan => {
                self.bytes.chunks(8).any(|bytes| bytes == i64::MIN.to_le_bytes())
            }
            Type::F32 => any_null::<f32>(self),
            Type::F64 => any_null::<f64>(self),
            Type::Guid => any_null::<Guid>(self),
            Type::Bool | Type::U8 | Type::Symbol | Type::Char | Type::String => false,
        };
        match (self.strings(), self.ty()) {
            (Ok(strings), _) if writer.generation() == Generation::V1 => {
                writer.list(self.len());
                strings.for_each(|text| writer.string(text.as_bytes()));
            }
            (Ok(mut strings), ty) => {
                writer.raw_elements(ty, self.len(), self.bytes, || {
                    strings.any(|text| text.as_bytes().is_empty())
                });
            }
            (_, Type::Symbol) => writer.raw_names(self.len(), self.bytes),
            (_, ty) => writer.raw_elements(ty, self.len(), self.bytes, has_nulls),
        }
    }
}

impl Encode for List<'_> {
    fn encode(&self, writer: &mut Writer<'_>) {
        writer.list(self.len());
        contents(writer, Walk::new(self.generation(), self.bytes, self.len()));
    }
}

impl Encode for Table<'_> {
    fn encode(&self, writer: &mut Writer<'_>) {
        let (names, columns) = (self.name_vector(), self.columns());
        writer.table_named(names.len(), names.bytes);
        columns.encode(writer);
    }
}

impl Encode for Dict<'_> {
    fn encode(&self, writer: &mut Writer<'_>) {
        writer.dict();
        contents(writer, Walk::new(self.generation, self.bytes, 2));
    }
}

impl Encode for Lambda<'_> {
    fn encode(&self, writer: &mut Writer<'_>) {
        writer.lambda(self.closure);
        contents(writer, Walk::new(self.generation, self.bytes, Lambda::part_count(self.closure)));
    }
}

impl Encode for ErrorValue<'_> {
    fn encode(&self, writer: &mut Writer<'_>) {
        writer.error_with(&self.error(), self.body);
        if self.error().has_message() {
            contents(writer, Walk::new(self.generation, self.body, 1));
        }
    }
}

/// Writes what a container holds, however deep, without recursion.
fn contents(writer: &mut Writer<'_>, walk: Walk<'_>) {
    for value in walk {
        match value {
            Value::List(list) => writer.list(list.len()),
            Value::Table(table) => {
                let (names, columns) = (table.name_vector(), table.columns());
                writer.table_named(names.len(), names.bytes);
                writer.list(columns.len());
            }
            Value::Dict(_) => writer.dict(),
            Value::Lambda(lambda) => writer.lambda(lambda.closure),
            Value::Error(error) => writer.error_with(&error.error(), error.body),
            leaf => leaf.encode(writer),
        }
    }
}

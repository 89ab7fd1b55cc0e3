//! Everything that a value lets one reach.

use rayforce_ipc::codec::{Dict, ErrorValue, Lambda, List, Symbol, Table, Text, Value, Vector};
use rayforce_ipc::error::Mismatch;
use rayforce_ipc::wire::{Date, Element, Guid, Time, Timespan, Timestamp, Type};

/// Reads a value of a payload of so many bytes in every way that there is, down to a few levels.
///
/// # Panics
/// Where a count is not kept, two ways to the same thing differ, or steps or text exceed what the bytes account for.
pub fn check(payload_len: usize, value: Value<'_>) {
    let most = CHARS_PER_BYTE * payload_len + MOST_CHARS;
    for text in [format!("{value}"), format!("{value:?}"), format!("{value:.2}")] {
        assert!(text.len() <= most, "{} characters for {payload_len} bytes: {text}", text.len());
    }
    let mut steps = Steps { left: STEPS_PER_BYTE * payload_len + MOST_STEPS };
    steps.value(value, LEVELS);
}

/// The steps that are left.
struct Steps {
    left: usize,
}

impl Steps {
    /// Runs an iterator to its end, and counts what it gives.
    fn run<I: Iterator>(&mut self, items: I, mut each: impl FnMut(&mut Steps, I::Item)) -> usize {
        let mut count = 0;
        self.step();
        for item in items {
            self.step();
            each(self, item);
            count += 1;
        }
        count
    }

    fn count(&mut self, items: impl Iterator) -> usize {
        self.run(items, |_, _| {})
    }

    fn step(&mut self) {
        self.left = self.left.checked_sub(1).expect("more steps than the bytes account for");
    }

    /// A value, and so many levels of what it holds.
    fn value(&mut self, value: Value<'_>, levels: usize) {
        self.step();
        let Some(levels) = levels.checked_sub(1) else { return };
        scalar(value);
        match value {
            Value::Vector(vector) => self.vector(vector),
            Value::List(list) => self.list(list, levels),
            Value::Table(table) => self.table(table, levels),
            Value::Dict(dict) => self.dict(dict, levels),
            Value::Lambda(lambda) => self.lambda(lambda, levels),
            Value::Error(error) => error_value(error),
            Value::Function(function) => assert_eq!(value.to_string(), function.name().to_string()),
            _ => {}
        }
    }

    fn vector(&mut self, vector: Vector<'_>) {
        let (ty, len) = (vector.ty(), vector.len());
        assert_eq!(vector.is_empty(), len == 0);
        for item in [0, len / 2, len.saturating_sub(1), len, usize::MAX] {
            let direct = vector.get(item);
            assert_eq!(direct.is_some(), item < len);
            let mut items = vector.iter::<Value<'_>>().expect("anything is a value");
            let value = if item < len { items.nth(item) } else { None };
            assert_eq!(shown(direct.map(Ok)), shown(value));
        }
        self.numbers::<bool>(vector);
        self.numbers::<u8>(vector);
        self.numbers::<i16>(vector);
        self.numbers::<i32>(vector);
        self.numbers::<i64>(vector);
        self.numbers::<f32>(vector);
        self.numbers::<f64>(vector);
        self.numbers::<Date>(vector);
        self.numbers::<Time>(vector);
        self.numbers::<Timestamp>(vector);
        self.numbers::<Timespan>(vector);
        self.numbers::<Guid>(vector);
        assert_eq!(vector.i64s().is_ok(), ty == Type::I64);
        assert_eq!(vector.i32s().is_ok(), ty == Type::I32);
        assert_eq!(vector.i16s().is_ok(), ty == Type::I16);
        assert_eq!(vector.f64s().is_ok(), ty == Type::F64);
        assert_eq!(vector.f32s().is_ok(), ty == Type::F32);
        assert_eq!(vector.u8s().is_ok(), ty == Type::U8);
        self.texts(vector);
    }

    /// A vector as numbers of a type, which it is or is not.
    fn numbers<'a, T: Number>(&mut self, vector: Vector<'a>) {
        let is_type = vector.ty() == T::TYPE;
        assert_eq!(vector.elements::<T>().map(<[_]>::len).ok(), is_type.then_some(vector.len()));
        assert_eq!(T::certain(vector).is_ok(), is_type);
        let (Ok(certain), Ok(optional)) = (T::certain(vector), T::optional(vector)) else { return };
        let mut nulls = 0;
        let count = self.run(optional, |_, cell| {
            nulls += usize::from(cell.expect("of this type").is_none());
        });
        let mut mismatches = 0;
        assert_eq!(self.run(certain, |_, cell| mismatches += usize::from(cell.is_err())), count);
        assert_eq!((count, mismatches), (vector.len(), nulls));
    }

    fn texts(&mut self, vector: Vector<'_>) {
        let (ty, len) = (vector.ty(), vector.len());
        let is_text = matches!(ty, Type::Symbol | Type::String);
        assert_eq!(vector.names().is_ok(), ty == Type::Symbol);
        assert_eq!(vector.strings().is_ok(), ty == Type::String);
        if let Ok(names) = vector.names() {
            assert_eq!(self.count(names), len);
        }
        if let Ok(symbols) = vector.symbols() {
            assert_eq!((ty, symbols.len()), (Type::Symbol, len));
            assert_eq!(self.count(symbols), len);
        }
        if let Ok(strings) = vector.strings() {
            assert_eq!(strings.len(), len);
            assert_eq!(self.count(strings), len);
        }
        if let Ok(texts) = vector.iter::<&str>() {
            assert_eq!(self.run(texts, |_, text| assert!(is_text || text.is_err())), len);
        }
        if let Ok(texts) = vector.iter::<Option<&str>>() {
            assert_eq!(self.count(texts), len);
        }
        if let Ok(texts) = vector.iter::<Text<'_>>() {
            assert_eq!(self.run(texts, |_, text| assert_eq!(text.is_ok(), is_text)), len);
        }
        if let Ok(symbols) = vector.iter::<Symbol<'_>>() {
            assert_eq!(self.run(symbols, |_, symbol| assert_eq!(symbol.is_ok(), ty == Type::Symbol)), len);
        }
    }

    fn list(&mut self, list: List<'_>, levels: usize) {
        let len = list.len();
        assert_eq!((list.is_empty(), list.iter().len()), (len == 0, len));
        assert_eq!(self.run(list.iter(), |steps, value| steps.value(value, levels)), len);
        assert!(list.get(len).is_none());
        assert_eq!(list.get(len.saturating_sub(1)).is_some(), len > 0);
    }

    fn table(&mut self, table: Table<'_>, levels: usize) {
        let columns = table.columns();
        assert_eq!(table.column_count(), columns.len());
        assert!(table.column("no column has\0this name").is_none());
        if let Ok(names) = table.names() {
            let len = names.len();
            for name in names.clone().take(FEW).chain(names.clone().last()) {
                let at = names.clone().position(|candidate| candidate == name);
                let column = at.and_then(|at| columns.get(at));
                assert_eq!(shown(table.column(name).map(Ok)), shown(column.map(Ok)));
            }
            assert_eq!(self.count(names), len);
        }
        self.list(columns, levels);

        let mut lens = columns.iter().map(sequence_len);
        let shortest = lens.try_fold(usize::MAX, |least, len| Some(least.min(len?)));
        assert_eq!(columns.get(0).and_then(sequence_len).unwrap_or(0), table.row_count());
        // Which row types fit is known for cells that take anything; of the others only that they end.
        let width = columns.len();
        let row_count = |count: usize| shortest.filter(|_| width == count);
        assert_eq!(table.rows::<(Value<'_>,)>().ok().map(|rows| self.count(rows)), row_count(1));
        assert_eq!(table.rows::<(Value<'_>, Value<'_>)>().ok().map(|rows| self.count(rows)), row_count(2));
        let rows = table.rows::<(Value<'_>, Value<'_>, Value<'_>)>();
        assert_eq!(rows.ok().map(|rows| self.count(rows)), row_count(3));
        if let Ok(rows) = table.rows::<(i64,)>() {
            assert_eq!(Some(self.count(rows)), row_count(1));
        }
        if let Ok(rows) = table.rows::<(&str, Option<f64>)>() {
            assert_eq!(Some(self.count(rows)), row_count(2));
        }
        if let Ok(rows) = table.rows::<(Option<i64>, Text<'_>)>() {
            assert_eq!(Some(self.count(rows)), row_count(2));
        }
        if let Ok(rows) = table.rows::<(Symbol<'_>, Option<&str>, f64)>() {
            assert_eq!(Some(self.count(rows)), row_count(3));
        }
    }

    fn dict(&mut self, dict: Dict<'_>, levels: usize) {
        let (keys, values) = (dict.keys(), dict.values());
        let len = dict.len();
        assert_eq!(len, sequence_len(keys).unwrap_or(0));
        assert_eq!(dict.is_empty(), len == 0);
        let pairs = len.min(sequence_len(values).unwrap_or(0));
        assert_eq!(self.count(dict.iter()), pairs);
        if let Some((Value::Symbol(name), _)) = dict.iter().next()
            && let Ok(name) = name.as_str()
        {
            assert!(dict.get(name).is_some());
        }
        self.value(keys, levels);
        self.value(values, levels);
    }

    fn lambda(&mut self, lambda: Lambda<'_>, levels: usize) {
        self.value(lambda.parameters(), levels);
        self.value(lambda.body(), levels);
        if let Some(closure) = lambda.closure() {
            self.value(closure, levels);
        }
    }
}

/// A type of number, and the iterators over a vector of them.
trait Number: Element {
    fn certain<'a>(vector: Vector<'a>)
    -> Result<impl Iterator<Item = Result<Self, Mismatch>> + 'a, Mismatch>;

    fn optional<'a>(
        vector: Vector<'a>,
    ) -> Result<impl Iterator<Item = Result<Option<Self>, Mismatch>> + 'a, Mismatch>;
}

macro_rules! number {
    ($($ty:ty)*) => {$(
        impl Number for $ty {
            fn certain<'a>(
                vector: Vector<'a>,
            ) -> Result<impl Iterator<Item = Result<Self, Mismatch>> + 'a, Mismatch> {
                vector.iter::<$ty>()
            }

            fn optional<'a>(
                vector: Vector<'a>,
            ) -> Result<impl Iterator<Item = Result<Option<Self>, Mismatch>> + 'a, Mismatch> {
                vector.iter::<Option<$ty>>()
            }
        }
    )*};
}

number!(bool u8 i16 i32 i64 f32 f64 Date Time Timestamp Timespan Guid);

/// A value as each thing that it may be: what is read is there, and is nothing else.
fn scalar(value: Value<'_>) {
    let mut read = 0;
    read += usize::from(value.as_bool().is_ok());
    read += usize::from(value.read::<u8>().is_ok());
    read += usize::from(value.read::<i16>().is_ok());
    read += usize::from(value.as_i32().is_ok());
    read += usize::from(value.as_i64().is_ok());
    read += usize::from(value.read::<f32>().is_ok());
    read += usize::from(value.as_f64().is_ok());
    read += usize::from(value.read::<Date>().is_ok());
    read += usize::from(value.read::<Time>().is_ok());
    read += usize::from(value.read::<Timestamp>().is_ok());
    read += usize::from(value.read::<Timespan>().is_ok());
    read += usize::from(value.read::<Guid>().is_ok());
    read += usize::from(value.read::<Text<'_>>().is_ok());
    read += usize::from(value.vector().is_ok());
    read += usize::from(value.list().is_ok());
    read += usize::from(value.table().is_ok());
    read += usize::from(value.dict().is_ok());
    assert!(read <= 1, "{value:?} is {read} things");
    assert!(read == 0 || !value.is_null(), "{value:?} is null, and something");
    if let Ok(text) = value.as_str() {
        assert_eq!(value.read::<Text<'_>>().map(|text| text.as_bytes()), Ok(text.as_bytes()));
    }
    assert!(!value.shape().to_string().is_empty());
}

fn error_value(error: ErrorValue<'_>) {
    let server_error = error.error();
    assert!(server_error.to_string().starts_with(server_error.code()));
    if let Some(message) = error.message() {
        assert!(error.to_string().ends_with(&format!("{message:?})")));
    }
}

fn sequence_len(value: Value<'_>) -> Option<usize> {
    match value {
        Value::Vector(vector) => Some(vector.len()),
        Value::List(list) => Some(list.len()),
        _ => None,
    }
}

fn shown(value: Option<Result<Value<'_>, Mismatch>>) -> Option<String> {
    value.map(|value| format!("{value:?}"))
}

/// Levels that are read; below them, values are only counted by what holds them.
const LEVELS: usize = 8;
/// Names that are looked up, which takes a search for each.
const FEW: usize = 4;
/// A byte is looked at in each level, by about a dozen iterators in one of a vector.
const STEPS_PER_BYTE: usize = 16 * LEVELS;
const MOST_STEPS: usize = 256;
/// The longest words for few bytes are those of errors: two bytes are `(error not implemented )`.
const CHARS_PER_BYTE: usize = 16;
const MOST_CHARS: usize = 64;

//! Values that hold values: lists, tables, dicts.

use crate::codec::cell::{Row, Rows, each};
use crate::codec::value::Value;
use crate::codec::vector::Vector;
use crate::codec::walk;
use crate::error::{Mismatch, Shape};
use crate::wire::tag::COUNTED_HEAD_LEN;
use crate::wire::{Generation, Type};

/// Values of any kind, one after the other.
#[derive(Clone, Copy)]
pub struct List<'a> {
    generation: Generation,
    count: usize,
    pub(crate) bytes: &'a [u8],
    known: End,
}

/// The end of one of the values, known from when all was checked: it need not be searched for again.
#[derive(Clone, Copy, Debug, Default)]
struct End {
    /// How many values are left when it is the next one; 0 where no end is known.
    left: usize,
    /// Bytes behind it.
    behind: usize,
}

impl<'a> List<'a> {
    pub(crate) const fn new(generation: Generation, count: usize, bytes: &'a [u8]) -> List<'a> {
        List { generation, count, bytes, known: End { left: 0, behind: 0 } }
    }

    pub(crate) const fn generation(&self) -> Generation {
        self.generation
    }

    /// How many values there are.
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The values in order.
    pub const fn iter(&self) -> Values<'a> {
        Values { generation: self.generation, left: self.count, bytes: self.bytes, known: self.known }
    }

    /// One value; `None` behind the last. Those before it are read over, and so is the value itself to its end,
    /// unless it is the last.
    pub fn get(&self, index: usize) -> Option<Value<'a>> {
        self.iter().nth(index)
    }
}

impl PartialEq for List<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.generation == other.generation && self.count == other.count && self.bytes == other.bytes
    }
}

impl<'a> IntoIterator for List<'a> {
    type Item = Value<'a>;
    type IntoIter = Values<'a>;

    fn into_iter(self) -> Values<'a> {
        self.iter()
    }
}

/// The values of a list.
#[derive(Clone, Debug)]
pub struct Values<'a> {
    generation: Generation,
    left: usize,
    bytes: &'a [u8],
    known: End,
}

impl<'a> Iterator for Values<'a> {
    type Item = Value<'a>;

    #[inline]
    fn next(&mut self) -> Option<Value<'a>> {
        let left = self.left;
        self.left = left.checked_sub(1)?;
        // The end of the last value is that of the bytes.
        let behind = match left {
            1 => 0,
            _ if left == self.known.left => self.known.behind,
            _ => return walk::take(self.generation, &mut self.bytes),
        };
        let (value, rest) = self.bytes.split_at_checked(self.bytes.len().checked_sub(behind)?)?;
        self.bytes = rest;
        walk::whole(self.generation, value)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Values<'_> {}

/// Named columns. Most are vectors; a column may be a list of anything. (2.4.0 makes sure that all columns have one
/// length; older servers do not, and nothing here relies on it.)
#[derive(Clone, Copy)]
pub struct Table<'a> {
    pub(crate) generation: Generation,
    /// The names, the head of the columns, the columns.
    pub(crate) bytes: &'a [u8],
    /// Where the columns begin.
    pub(crate) columns_at: usize,
    /// How many columns there are up to the first one of texts, whose end would have to be searched for, and where
    /// the next one begins.
    pub(crate) beyond: usize,
    pub(crate) beyond_at: usize,
}

impl<'a> Table<'a> {
    /// The names of the columns. A name may occur twice.
    ///
    /// # Errors
    /// [`Mismatch`] where one is no UTF-8.
    pub fn names(&self) -> Result<crate::codec::vector::Symbols<'a>, Mismatch> {
        self.name_vector().symbols()
    }

    /// The columns in order.
    pub fn columns(&self) -> List<'a> {
        let generation = self.generation;
        let head = self.bytes.get(self.columns_at.saturating_sub(COUNTED_HEAD_LEN)..).and_then(walk::counted);
        let (_, count, bytes) = head.unwrap_or_default();
        let known = End {
            left: if self.beyond == 0 { 0 } else { (count + 1).saturating_sub(self.beyond) },
            behind: self.bytes.len().saturating_sub(self.beyond_at),
        };
        List { known, ..List::new(generation, count, bytes) }
    }

    /// The first column of that name.
    pub fn column(&self, name: &str) -> Option<Value<'a>> {
        let index = self.name_vector().names().ok()?.position(|candidate| candidate == name.as_bytes())?;
        self.columns().get(index)
    }

    /// How many columns there are.
    pub fn column_count(&self) -> usize {
        self.columns().len()
    }

    /// How many rows the first column has; 0 without columns.
    pub fn row_count(&self) -> usize {
        self.columns().iter().next().map_or(0, |column| match column {
            Value::Vector(vector) => vector.len(),
            Value::List(list) => list.len(),
            _ => 0,
        })
    }

    /// The rows, as tuples of one Rust type for each column.
    ///
    /// ```
    /// # use rayforce_ipc::codec::{literal, Value, Writer};
    /// # use rayforce_ipc::wire::Generation;
    /// let table = literal::Table::new(&["id", "name"], &[&[1i64, 2], &literal::Symbols(&["a", "b"])]);
    /// let mut payload = [0; 128];
    /// let payload = Writer::encode(Generation::V3, &table, &mut payload)?;
    ///
    /// let table = Value::decode(Generation::V3, payload)?.table()?;
    /// for row in table.rows::<(i64, &str)>()? {
    ///     let (id, name) = row?;
    ///     println!("{id} {name}");
    /// }
    /// # Ok::<(), rayforce_ipc::Error<std::io::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Mismatch`] where there are not as many columns, or one is of another type; from the iterator where a cell
    /// is null and not read as an `Option`.
    pub fn rows<T: Row<'a>>(&self) -> Result<Rows<'a, T>, Mismatch> {
        Rows::new(self)
    }

    pub(crate) fn name_vector(&self) -> Vector<'a> {
        let generation = self.generation;
        let none = Vector { generation, ty: Type::Symbol, attr: 0, count: 0, bytes: &[] };
        walk::vector(generation, self.bytes).map_or(none, |(names, _)| names)
    }

    pub(crate) fn mismatch(&self, expected: usize) -> Mismatch {
        Mismatch { expected: Shape::Columns(expected), found: Shape::Columns(self.column_count()) }
    }
}

impl PartialEq for Table<'_> {
    /// The same names and columns.
    fn eq(&self, other: &Self) -> bool {
        self.generation == other.generation && self.bytes == other.bytes
    }
}

/// Keys and the values that belong to them. Keys are a symbol vector most often, but any value may be.
#[derive(Clone, Copy, PartialEq)]
pub struct Dict<'a> {
    pub(crate) generation: Generation,
    pub(crate) bytes: &'a [u8],
}

impl<'a> Dict<'a> {
    /// The keys: a vector; of an empty dict null (wire 1) or an empty list (wire 3).
    pub fn keys(&self) -> Value<'a> {
        walk::take(self.generation, &mut { self.bytes }).unwrap_or(Value::Null)
    }

    /// The values: a list, or a vector where all are of one type.
    pub fn values(&self) -> Value<'a> {
        self.parts().1
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        count(self.keys())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a key that is a symbol or string of that text.
    pub fn get(&self, key: &str) -> Option<Value<'a>> {
        self.iter().find_map(|(candidate, value)| match candidate {
            Value::Symbol(symbol) => (symbol == *key).then_some(value),
            Value::String(text) => (text == *key).then_some(value),
            _ => None,
        })
    }

    /// Keys with their values.
    pub fn iter(&self) -> impl Iterator<Item = (Value<'a>, Value<'a>)> + use<'a> {
        let (keys, values) = self.parts();
        each(keys).zip(each(values))
    }

    fn parts(&self) -> (Value<'a>, Value<'a>) {
        let mut parts = List::new(self.generation, 2, self.bytes).iter();
        (parts.next().unwrap_or(Value::Null), parts.next().unwrap_or(Value::Null))
    }
}

fn count(value: Value<'_>) -> usize {
    match value {
        Value::Vector(vector) => vector.len(),
        Value::List(list) => list.len(),
        _ => 0,
    }
}

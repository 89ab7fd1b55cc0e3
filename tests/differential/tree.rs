//! Random values.

use rayforce_ipc::codec::{Encode, Writer};
use rayforce_ipc::wire::{Arity, Date, Element, Generation, Guid, Time, Timespan, Timestamp, Type};

use super::random::Random;

/// A value, with all that is in it.
pub enum Tree {
    /// A number, or several.
    Leaf(Box<dyn Encode>),
    NullOf(Type),
    Char(u8),
    Symbol(Vec<u8>, bool),
    Text(Vec<u8>),
    Symbols(Vec<Vec<u8>>),
    Strings(Vec<Vec<u8>>),
    List(Vec<Tree>),
    Dict(Box<[Tree; 2]>),
    Table(Vec<Vec<u8>>, Vec<Tree>),
    /// Names of the parameters, statements, and what was captured.
    Lambda(Vec<Vec<u8>>, Vec<Tree>, Option<Box<Tree>>),
    Function(Arity, &'static str),
}

impl Encode for Tree {
    fn encode(&self, writer: &mut Writer<'_>) {
        match self {
            Tree::Leaf(value) => value.encode(writer),
            Tree::NullOf(ty) => writer.typed_null(*ty),
            Tree::Char(byte) => writer.char(*byte),
            Tree::Symbol(name, quoted) => writer.symbol(name, *quoted),
            Tree::Text(text) => writer.string(text),
            Tree::Symbols(names) => writer.symbols(names.len(), |at| &names[at]),
            Tree::Strings(texts) => writer.strings(texts.len(), |at| &texts[at]),
            Tree::List(values) => writer.list_with(values.len(), |writer, at| values[at].encode(writer)),
            Tree::Dict(parts) => {
                writer.dict();
                parts.iter().for_each(|part| part.encode(writer));
            }
            Tree::Table(names, columns) => {
                writer.table(names.len(), |at| &names[at]);
                columns.iter().for_each(|column| column.encode(writer));
            }
            Tree::Lambda(parameters, statements, closure) => {
                writer.lambda(closure.is_some());
                match writer.generation() {
                    // As servers write it.
                    Generation::V3 if parameters.is_empty() => writer.vector::<i64>(&[]),
                    _ => writer.symbols(parameters.len(), |at| &parameters[at]),
                }
                match writer.generation() {
                    Generation::V1 => statements[0].encode(writer),
                    Generation::V3 => {
                        writer.list_with(statements.len(), |writer, at| statements[at].encode(writer));
                    }
                }
                closure.iter().for_each(|captured| captured.encode(writer));
            }
            Tree::Function(arity, name) => writer.function(*arity, name.as_bytes()),
        }
    }
}

/// Builtins that both versions have.
pub const FUNCTIONS: [(Arity, &str); 6] = [
    (Arity::Unary, "sum"),
    (Arity::Unary, "count"),
    (Arity::Binary, "+"),
    (Arity::Binary, "in"),
    (Arity::Variadic, "list"),
    (Arity::Variadic, "if"),
];

/// Makes values that a generation has.
pub struct Grower<'r> {
    pub random: &'r mut Random,
    pub generation: Generation,
}

impl Grower<'_> {
    /// Any value, of so many levels at most.
    pub fn value(&mut self, levels: usize) -> Tree {
        if levels == 0 || self.random.one_in(3) {
            return self.leaf();
        }
        match self.random.below(6) {
            0 | 1 => self.list(levels - 1),
            2 => self.dict(levels - 1),
            3 => self.table(levels - 1),
            4 => self.lambda(levels - 1),
            _ => self.column(4),
        }
    }

    fn list(&mut self, levels: usize) -> Tree {
        let count = self.random.count();
        Tree::List((0..count).map(|_| self.value(levels)).collect())
    }

    fn dict(&mut self, levels: usize) -> Tree {
        let count = self.random.count();
        let keys = match self.random.below(4) {
            0 => self.column(count),
            1 if self.generation == Generation::V3 => Tree::Strings(self.texts(count)),
            _ => Tree::Symbols(self.names(count)),
        };
        let values = match self.random.below(3) {
            0 => self.column(count),
            _ => Tree::List((0..count).map(|_| self.value(levels)).collect()),
        };
        Tree::Dict(Box::new([keys, values]))
    }

    fn table(&mut self, levels: usize) -> Tree {
        let (columns, rows) = (self.random.below(6), self.random.count());
        let names = self.names(columns);
        let column = |grower: &mut Self| match grower.random.below(6) {
            0 => Tree::List((0..rows).map(|_| grower.value(levels)).collect()),
            1 => Tree::Strings(grower.texts(rows)),
            _ => grower.column(rows),
        };
        let columns = (0..columns).map(|_| column(self)).collect();
        Tree::Table(names, columns)
    }

    fn lambda(&mut self, levels: usize) -> Tree {
        let (parameters, statements) = (self.random.below(4), 1 + self.random.below(3));
        let parameters = self.names(parameters);
        let statements = (0..statements).map(|_| self.list(levels)).collect();
        let captures = self.generation == Generation::V3 && self.random.one_in(3);
        let closure = captures.then(|| {
            let count = 1 + self.random.below(3);
            let values = Tree::List((0..count).map(|_| self.value(0)).collect());
            Box::new(Tree::Dict(Box::new([Tree::Symbols(self.names(count)), values])))
        });
        Tree::Lambda(parameters, statements, closure)
    }

    /// A vector of so many elements.
    pub fn column(&mut self, count: usize) -> Tree {
        let wire_3 = self.generation == Generation::V3;
        match self.random.below(if wire_3 { 14 } else { 11 }) {
            0 => self.vector(count, |bits| bits & 1 == 1),
            1 => self.vector(count, |bits| bits as u8),
            2 => self.vector(count, |bits| bits as i32),
            3 => self.vector(count, |bits| bits as i64),
            4 => self.vector(count, float),
            5 => self.vector(count, |bits| Date(bits as i32)),
            6 => self.vector(count, |bits| Time(bits as i32)),
            7 => self.vector(count, |bits| Timestamp(bits as i64)),
            8 => self.vector(count, guid),
            9 | 10 => Tree::Symbols(self.names(count)),
            11 => self.vector(count, |bits| bits as i16),
            12 => self.vector(count, |bits| float(bits) as f32),
            _ => self.vector(count, |bits| Timespan(bits as i64)),
        }
    }

    fn vector<T: Element + 'static>(&mut self, count: usize, element: impl Fn(u64) -> T) -> Tree
    where
        Vec<T>: Encode,
    {
        let has_nulls = self.random.one_in(3);
        let mut number = || match T::NULL {
            Some(null) if has_nulls && self.random.one_in(3) => null,
            _ => element(self.bits()),
        };
        let elements: Vec<T> = (0..count).map(|_| number()).collect();
        Tree::Leaf(Box::new(elements))
    }

    /// A value without others in it.
    pub fn leaf(&mut self) -> Tree {
        let wire_3 = self.generation == Generation::V3;
        let bits = self.bits();
        let leaf = |value| Tree::Leaf(value);
        match self.random.below(if wire_3 { 18 } else { 16 }) {
            0 => leaf(Box::new(())),
            1 => self.null(),
            2 => leaf(Box::new(bits & 1 == 1)),
            3 => leaf(Box::new(bits as u8)),
            4 => leaf(Box::new(bits as i16)),
            5 => leaf(Box::new(bits as i32)),
            6 => leaf(Box::new(bits as i64)),
            7 => leaf(Box::new(float(bits))),
            8 => leaf(Box::new(Date(bits as i32))),
            9 => leaf(Box::new(Time(bits as i32))),
            10 => leaf(Box::new(Timestamp(bits as i64))),
            11 => leaf(Box::new(guid(bits))),
            12 => Tree::Symbol(self.name(), bits & 1 == 1),
            13 => Tree::Text(self.text()),
            14 => Tree::Char(bits as u8),
            15 => {
                let (arity, name) = self.random.pick(&FUNCTIONS);
                Tree::Function(arity, name)
            }
            16 => leaf(Box::new(float(bits) as f32)),
            _ => leaf(Box::new(Timespan(bits as i64))),
        }
    }

    fn null(&mut self) -> Tree {
        use Type::{Date, F32, F64, Guid, I16, I32, I64, Time, Timespan, Timestamp};
        let types = [I16, I32, I64, F64, Date, Time, Timestamp, Guid, F32, Timespan];
        let wire_3 = self.generation == Generation::V3;
        Tree::NullOf(self.random.pick(if wire_3 { &types } else { &types[..8] }))
    }

    /// A number: often a small one, or one at an end.
    fn bits(&mut self) -> u64 {
        let bits = self.random.bits();
        match self.random.below(4) {
            0 => bits,
            1 => u64::from(bits as u8),
            2 => (bits as i8 as i64).cast_unsigned(),
            _ => self.random.pick(&[
                0,
                1,
                u64::MAX,
                i64::MAX as u64,
                i32::MAX as u64,
                i16::MAX as u64,
                1 << 63,
            ]),
        }
    }

    fn names(&mut self, count: usize) -> Vec<Vec<u8>> {
        (0..count).map(|_| self.name()).collect()
    }

    fn texts(&mut self, count: usize) -> Vec<Vec<u8>> {
        (0..count).map(|_| self.text()).collect()
    }

    /// Bytes without a NUL.
    fn name(&mut self) -> Vec<u8> {
        let mut name = self.text();
        name.retain(|byte| *byte != 0);
        name
    }

    fn text(&mut self) -> Vec<u8> {
        let count = self.random.count();
        match self.random.below(4) {
            0 => (0..count).map(|_| self.random.bits() as u8).collect(),
            1 => (0..count).map(|_| self.random.pick(&['ž', '☃', '🦀', 'a'])).collect::<String>().into(),
            _ => (0..count).map(|_| b'a' + self.random.below(26) as u8).collect(),
        }
    }
}

/// Any float, whose bits are often those of a whole number.
fn float(bits: u64) -> f64 {
    match bits % 3 {
        0 => f64::from_bits(bits),
        1 => bits as f64,
        _ => (bits as i64) as f64 / 4.0,
    }
}

fn guid(bits: u64) -> Guid {
    Guid(u128::from(bits).wrapping_mul(0x1_0000_0000_0000_0003).to_le_bytes())
}

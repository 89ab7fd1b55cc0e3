//! Arbitrary queries: what is written is one value, and the dialects agree on what cannot be.

use rayforce_ipc::codec::literal::{Symbols, Table};
use rayforce_ipc::codec::{Encode, Value, Writer};
use rayforce_ipc::error::RequestError;
use rayforce_ipc::query::functions as f;
use rayforce_ipc::query::{call, col, column, each, exact, from, lit, named, set, sym, table, text};
use rayforce_ipc::wire::{Date, Dialect, Generation, Header, Timestamp, Type};

use crate::input::Input;
use crate::round_trip::{sent, transmitted};
use crate::tree::{Tree, tree};

/// Holds queries to their properties on one input: a byte that says how much of what goes out fits, one that says which
/// query it is, then what it is made of.
///
/// # Panics
/// Where a property does not hold.
pub fn query(input: &[u8]) {
    let mut input = Input(input);
    let (choice, shape) = (input.byte(), input.byte());
    let query = Query::new(&mut input, shape);
    let written = DIALECTS.map(|dialect| is_one_value(dialect, &query));
    for generation in [Generation::V1, Generation::V3] {
        without_dialect(generation, &query, &written, choice);
    }
    agree(&query, &written);
}

const DIALECTS: [Dialect; 3] = [Dialect::V1a, Dialect::V1b, Dialect::V3];

type Written = Result<Vec<u8>, RequestError>;

/// What a server of a dialect gets: one value that takes the whole payload, and is written again as it came.
fn is_one_value(dialect: Dialect, query: &Query) -> Written {
    let mut buffer = vec![0; MOST];
    let written = Writer::encode_for(dialect, query, &mut buffer).map(<[u8]>::to_vec);
    let generation = dialect.generation();
    match &written {
        Ok(payload) => {
            let value =
                Value::decode(generation, payload).unwrap_or_else(|error| panic!("{query:?}: {error}"));
            assert_eq!(sent(generation, &value).as_ref(), Ok(payload), "{query:?}");
        }
        Err(error) => is_reason(dialect, query, *error),
    }
    written
}

/// A refusal names what there is, and whom it is of.
fn is_reason(dialect: Dialect, query: &Query, error: RequestError) {
    let generation = dialect.generation();
    let holds = match error {
        RequestError::NulInName(_) => query.has_nul(),
        RequestError::Unsupported { generation: of, .. } => of == generation,
        RequestError::Lacks { generation: of, dialect: only, .. } => {
            of == generation && only.is_none_or(|only| only == dialect)
        }
        RequestError::Query(_) => true,
        _ => false,
    };
    assert!(holds, "{dialect:?} refuses {query:?}: {error:?}");
}

/// Where the dialect of wire 1 is not known, only that is written which both understand; by any window the same.
fn without_dialect(generation: Generation, query: &Query, written: &[Written; 3], choice: u8) {
    let whole = sent(generation, query);
    let of: &[Written] = if generation == Generation::V1 { &written[..2] } else { &written[2..] };
    match &whole {
        Ok(payload) => {
            assert!(of.iter().all(|one| one.as_ref() == Ok(payload)), "{query:?}");
            let window = usize::from(choice).max(payload.len() / MOST_WINDOWS).max(1);
            let frame = transmitted(generation, query, window);
            assert!(frame[Header::LEN..] == *payload, "by {window} bytes: {query:?}");
        }
        Err(RequestError::DialectUnknown) => {
            assert_eq!(generation, Generation::V1);
            let [old, new] = of else { panic!("two dialects") };
            assert_ne!(old, new, "it does not depend on the dialect: {query:?}");
        }
        Err(error) => {
            assert!(of.iter().all(Result::is_err), "{error:?} of what is sent: {query:?}");
        }
    }
}

/// What means nothing means nothing to all; what is wrong with a name is so on wire 1, too, where more are names.
fn agree(query: &Query, written: &[Written; 3]) {
    for one in written {
        if let Err(RequestError::Query(why)) = one {
            assert!(written.iter().all(Result::is_err), "{why}: {query:?}");
        }
    }
    if let Err(RequestError::NulInName(_)) = written[2] {
        assert!(written.iter().all(Result::is_err), "{query:?}");
    }
    if !query.has_nul() && query.is_plain() {
        assert!(written[2].is_ok(), "{query:?}: {:?}", written[2]);
    }
}

/// A query, and what it is made of.
#[derive(Debug)]
struct Query {
    shape: u8,
    names: [String; 4],
    trees: [Tree; 3],
    numbers: Vec<i64>,
    others: Vec<i64>,
    texts: Vec<String>,
    count: usize,
}

impl Query {
    fn new(input: &mut Input<'_>, shape: u8) -> Query {
        let names = [(); 4].map(|()| input.text());
        let count = usize::from(input.byte());
        let mut numbers = || -> Vec<i64> {
            (0..input.byte() % 6)
                .map(|_| i64::from_le_bytes([input.byte(), 0, 0, 0, 0, 0, 0, input.byte()]))
                .collect()
        };
        let (numbers, others) = (numbers(), numbers());
        let texts = (0..input.byte() % 4).map(|_| input.text()).collect();
        let trees = [(); 3].map(|()| tree(input, 3));
        Query { shape: shape % SHAPES, names, trees, numbers, others, texts, count }
    }

    fn has_nul(&self) -> bool {
        format!("{self:?}").contains("\\0") || format!("{self:?}").contains("\\u{0}")
    }

    /// Whether it is a query without anything that a server of wire 3 lacks.
    fn is_plain(&self) -> bool {
        matches!(self.shape, 0..=5 | 12 | 14 | 15)
    }
}

impl Encode for Query {
    fn encode(&self, writer: &mut Writer<'_>) {
        let [a, b, c, t] = self.names.each_ref().map(String::as_str);
        let [x, y, z] = self.trees.each_ref().map(|tree| tree as &dyn Encode);
        let (numbers, others) = (&self.numbers[..], &self.others[..]);
        let texts: Vec<&str> = self.texts.iter().map(String::as_str).collect();
        let (texts, count) = (&texts[..], self.count);
        match self.shape {
            0 => (col(a) + lit(x) * 2).gt(exact(y)).encode(writer),
            1 => table(t).select((a, (col(b) - 1.5).named(c))).filter(col(a).eq(b)).encode(writer),
            2 => table(t)
                .filter(col(a).isin(["x", "y"]))
                .filter(lit(x))
                .by(a)
                .select(col(b).sum().named(c))
                .encode(writer),
            3 => table(t).order_by([a, b]).take_from(count, count).select(c).encode(writer),
            4 => from(table(t).select((a, b))).filter(col(a).ge(numbers)).take_last(count).encode(writer),
            5 => table(t).inner_join(table(c), [a, b]).order_by_desc(texts).encode(writer),
            6 => table(t).update((set(a, exact(x)), set(b, "x"))).filter(col(c).le(exact(y))).encode(writer),
            7 => from(table(t)).update((set(a, col(b) * 2), set(c, Date(1)))).encode(writer),
            8 => table(t).insert((a, 1, 1.5, None::<i64>, true, sym(b), text(c))).encode(writer),
            9 => table(t).insert((numbers, others, texts)).encode(writer),
            10 => table(t)
                .upsert(count % 4, named([a, b], (numbers, column(others.iter().copied()))))
                .encode(writer),
            11 => table(t).insert(&[x, y, z][..count % 4]).encode(writer),
            12 => call(a, (exact(x), b, numbers)).encode(writer),
            13 => call(a, &[x, y, z][..count % 4]).encode(writer),
            14 => f::list((sym(a), text(b), exact(z), Timestamp(7))).encode(writer),
            15 => f::let_(a, col(b).between(exact(x), exact(y)).is(true)).encode(writer),
            16 => f::choose(col(a).gt(1), exact(x), col(b)).encode(writer),
            17 => table(t).asof_join(table(c), [a, b]).column(a).encode(writer),
            18 => {
                from(Table::new(&[a, b], &[&numbers, &Symbols(texts)])).filter(lit(x)).count().encode(writer)
            }
            19 => table(t).distinct(col(a).named(b)).concat(table(c)).encode(writer),
            20 => table(t).filter(lit(y)).ungroup().row(count).encode(writer),
            21 => table(t)
                .insert(each(numbers).field(|number| *number).field(|number| number % 2 == 0))
                .encode(writer),
            22 => table(t)
                .select((a, col(b).median().named(c)))
                .by((a, col(b).xbar(5).named(a)))
                .save(c)
                .encode(writer),
            23 => table(t).upsert(1, table(c).select((a, b))).encode(writer),
            24 => table(t).select(col(a).cast(Type::I32).std().like(b).named(c)).encode(writer),
            _ => table(t).window_join(table(c), [a, b], -1..=1, col(a).sum().named(b)).encode(writer),
        }
    }
}

/// Windows of a large payload.
const MOST_WINDOWS: usize = 64;
/// Bytes that no query has.
const MOST: usize = 1 << 17;
const SHAPES: u8 = 26;

//! What holds for every payload, whoever sent it.
//!
//! ```text
//!  joined      tokens joined as they come (shared with the tests, as is `opened`)
//!  tokens      the streaming decoder takes the same from any cut, in a bounded number of steps
//!  views       whatever a value lets one reach ends, in a bounded number of steps
//!  round_trip  what decodes can be sent again, and means the same
//! ```
//!
//! A property that does not hold panics.

pub mod canned;
pub mod engine;
pub mod frames;
pub mod header;
pub mod input;
#[path = "../../tests/support/joined.rs"]
pub mod joined;
#[path = "../../tests/support/opened.rs"]
mod opened;
#[path = "../../tests/support/pack.rs"]
mod pack;
pub mod packed;
pub mod query;
pub mod round_trip;
pub mod session;
pub mod tokens;
pub mod tree;
#[path = "../../tests/support/unpack.rs"]
mod unpack;
pub mod views;

use rayforce_ipc::codec::Value;
use rayforce_ipc::wire::Generation;

/// Holds the codec to its properties on one input: a byte whose lowest bit is the generation and whose others are
/// where to cut what comes in and how much of what goes out fits, then the payload.
pub fn decode(input: &[u8]) {
    let Some((&choice, payload)) = input.split_first() else { return };
    let generation = if choice & 1 == 0 { Generation::V1 } else { Generation::V3 };
    let cut = usize::from(choice >> 1) * (payload.len() + 1) / CUTS;

    let whole = tokens::read(generation, payload, |_| usize::MAX);
    let mut parts = [cut, payload.len()].into_iter().filter(|part| *part > 0);
    let halves = tokens::read(generation, payload, |_| parts.next().unwrap_or(usize::MAX));
    halves.assert_same(&whole);
    tokens::read(generation, payload, |held| LEAST_WINDOW - held).assert_same(&whole);

    let value = Value::decode(generation, payload);
    assert_eq!(value.err(), whole.end.err(), "by value, and by tokens");
    match (value, Value::decode_small(generation, payload)) {
        (Ok(large), Ok(small)) => assert_eq!(format!("{large:?}"), format!("{small:?}")),
        (large, small) => assert_eq!(large.is_ok(), small.is_ok(), "{large:?} {small:?}"),
    }
    let Ok(value) = value else { return };
    views::check(payload.len(), value);
    round_trip::check(generation, payload, value, &whole, usize::from(choice >> 1));
}

/// Values of the bits that say where to cut.
const CUTS: usize = 128;
/// The least input that a decoder makes progress with.
const LEAST_WINDOW: usize = 16;

/// A target by its name.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: [Target; 8] = [
    ("decode", decode),
    ("engine", engine::engine),
    ("frames", frames::frames),
    ("header", header::header),
    ("inflate", packed::inflate),
    ("query", query::query),
    ("roundtrip", tree::roundtrip),
    ("session", session::session),
];

/// Tries the files that a target is given, without a fuzzer.
///
/// # Errors
/// Where a file cannot be read.
///
/// # Panics
/// Where a property does not hold.
pub fn replay(target: fn(&[u8])) -> std::io::Result<()> {
    for path in std::env::args_os().skip(1) {
        target(&std::fs::read(&path)?);
        println!("{} holds", path.display());
    }
    Ok(())
}

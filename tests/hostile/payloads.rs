//! Values that are none. The header has said where the frame ends, so the next one can be had.

use rayforce_ipc::error::Fault;
use rayforce_ipc::wire::Generation;

use super::cases::{Case, Then, V1, V3, play_all};
use crate::support::hex::hex;

/// Tag, attribute, count, and what follows.
fn counted(tag: u8, count: i64, behind: &str) -> String {
    format!("{tag:02x} 00 {} {behind}", hex(&count.to_le_bytes()))
}

fn play(generation: Generation, cases: &[(&str, String, Fault, u64)]) {
    let case = |(name, payload, fault, offset): &(&str, String, Fault, u64)| {
        Case::payload(name, generation, payload, Then::Confined(*fault, *offset))
    };
    play_all(&cases.iter().map(case).collect::<Vec<_>>());
}

/// The value needs so many bytes next, and the payload has so many left.
const fn end(needed: u64, available: u64) -> Fault {
    Fault::UnexpectedEnd { needed, available }
}

const MAX: i64 = i64::MAX;
const MIN: i64 = i64::MIN;
/// Bytes of no number that fits.
const ALL: u64 = u64::MAX;
const SYMBOLS: [u8; 2] = [0x06, 0x0c];

#[test]
fn values_that_no_generation_has() {
    for generation in [V1, V3] {
        let symbols = SYMBOLS[usize::from(generation == V3)];
        let names = counted(symbols, 1, "6100");
        play(
            generation,
            &[
                ("a tag between those of vectors", "0f".into(), Fault::Tag(0x0f), 0),
                ("a tag above those of vectors", "32".into(), Fault::Tag(0x32), 0),
                ("the tag below the errors of wire 1", "7d".into(), Fault::Tag(0x7d), 0),
                ("the smallest tag", "80".into(), Fault::Tag(0x80), 0),
                ("a tag that is none in a list", counted(0, 2, "7e 32"), Fault::Tag(0x32), 11),
                ("a vector's head, cut", "05 00 0100".into(), end(10, 4), 0),
                ("a vector of -1", counted(5, -1, "0000000000000000"), Fault::Count(-1), 2),
                ("a vector of the smallest count", counted(5, MIN, ""), Fault::Count(MIN), 2),
                ("a vector of 2 in 8 bytes", counted(5, 2, "0000000000000000"), end(16, 8), 10),
                ("a vector of 1,000,000,000", counted(5, 1_000_000_000, "00"), end(8_000_000_000, 1), 10),
                ("a vector of the largest count", counted(5, MAX, "00"), end(ALL, 1), 10),
                ("a vector whose bytes overflow to few", counted(5, 1 << 61, "00"), end(ALL, 1), 10),
                ("bytes of the largest count", counted(2, MAX, "00"), end(MAX as u64, 1), 10),
                ("names of -1", counted(symbols, -1, "6100"), Fault::Count(-1), 2),
                ("five names in four bytes", counted(symbols, 5, "61006200"), end(5, 4), 10),
                ("three names of which two end", counted(symbols, 3, "61006200"), end(1, 0), 14),
                ("a list's head, cut", "00 00 01".into(), end(10, 3), 0),
                ("a list of -1", counted(0, -1, "7e"), Fault::Count(-1), 2),
                ("a list of the smallest count", counted(0, MIN, "7e"), Fault::Count(MIN), 2),
                ("a list of 2 with 1", counted(0, 2, "7e"), end(2, 1), 10),
                ("a list of 1,000,000,000", counted(0, 1_000_000_000, "7e"), end(1_000_000_000, 1), 10),
                ("a list of the largest count", counted(0, MAX, "7e"), end(MAX as u64, 1), 10),
                // The bytes that the inner list claims are owed to the outer one.
                ("bytes that two lists claim", counted(0, 2, &counted(0, 3, "7e7e7e")), end(4, 3), 20),
                (
                    "a list in a list, of the largest count",
                    counted(0, 2, &counted(0, MAX, "7e")),
                    end(MAX as u64 + 1, 1),
                    20,
                ),
                ("a dict's head, cut", "63".into(), end(2, 1), 0),
                ("a dict without anything", "63 00".into(), end(1, 0), 2),
                ("a dict without values", "63 00 7e".into(), end(1, 0), 3),
                ("a table's head, cut", "62".into(), end(2, 1), 0),
                ("a table without anything", "62 00".into(), end(1, 0), 2),
                ("a table without columns", format!("62 00 {names}"), end(1, 0), 14),
                // A server takes them for numbers of its own symbols, and crashes.
                (
                    "a table whose names are numbers",
                    format!("62 00 {}", counted(5, 0, "")),
                    Fault::TableNames,
                    2,
                ),
                (
                    "a table whose names are a list",
                    format!("62 00 {}", counted(0, 0, "")),
                    Fault::TableNames,
                    2,
                ),
                ("a table whose names are null", "62 00 7e".into(), Fault::TableNames, 2),
                (
                    "a table whose columns are a vector",
                    format!("62 00 {names} {}", counted(5, 0, "")),
                    Fault::TableColumns,
                    14,
                ),
                ("a table whose columns are null", format!("62 00 {names} 7e"), Fault::TableColumns, 14),
                ("a lambda's head, cut", "64".into(), end(2, 1), 0),
                ("a lambda without anything", "64 00".into(), end(1, 0), 2),
                ("a lambda without a body", format!("64 00 {names}"), end(1, 0), 14),
                ("a builtin without a name", "65".into(), end(1, 0), 1),
                (
                    "1,000 lists of one, and nothing in them",
                    counted(0, 1, "").repeat(1000),
                    end(1, 0),
                    10_000,
                ),
            ],
        );
    }
}

#[test]
fn values_that_wire_1_does_not_have() {
    play(
        V1,
        &[
            // What a server sends for a vector of i16.
            ("nothing", "".into(), end(1, 0), 0),
            ("f32, which is of wire 3", "ef 0000803f".into(), Fault::Tag(0xef), 0),
            ("an i64, cut", "fb 0000".into(), end(9, 3), 0),
            ("a guid, cut", format!("f5 {}", "00".repeat(15)), end(17, 16), 0),
            ("a string of 4 in 3", counted(0x0c, 4, "616263"), end(4, 3), 10),
            ("a string of -1", counted(0x0c, -1, ""), Fault::Count(-1), 2),
            ("an error without a code", "7f".into(), end(2, 1), 0),
            ("an error without its message", "7f 05".into(), end(1, 0), 2),
            ("an error whose message is longer", format!("7f 05 {}", counted(0x0c, 9, "62")), end(9, 1), 12),
        ],
    );
}

#[test]
fn values_that_wire_3_does_not_have() {
    let texts = |len: i64| counted(0x0d, 1, &format!("{} 61", hex(&len.to_le_bytes())));
    play(
        V3,
        &[
            ("an atom without its flag", "fb".into(), end(10, 1), 0),
            ("an i64, cut", "fb 00 0000".into(), end(10, 4), 0),
            ("a guid, cut", format!("f5 00 {}", "00".repeat(15)), end(18, 17), 0),
            ("a null, cut", "fb 01".into(), end(10, 2), 0),
            ("a symbol without its flag", "f4".into(), end(2, 1), 0),
            ("a string of 4 in 3", counted(0xf3, 4, "616263"), end(4, 3), 10),
            ("a string of -1", counted(0xf3, -1, ""), Fault::Count(-1), 2),
            ("a string of the largest length", counted(0xf3, MAX, "61"), end(MAX as u64, 1), 10),
            ("two strings in the bytes of one", counted(0x0d, 2, "0100000000000000 61"), end(16, 9), 10),
            ("a string in a vector, of 9 in 1", texts(9), end(9, 1), 18),
            ("a string in a vector, of -1", texts(-1), Fault::Count(-1), 10),
            ("a string in a vector, of the largest length", texts(MAX), end(MAX as u64, 1), 18),
            ("an error, cut", "7f 747970".into(), end(9, 4), 0),
            ("a closure without what it captured", format!("64 01 {} 7e", counted(5, 0, "")), end(2, 1), 12),
            ("a byte behind the value", "7e 00".into(), Fault::TrailingBytes(1), 1),
            (
                "100 bytes behind the value",
                format!("fb 00 0300000000000000 {}", "ee".repeat(100)),
                Fault::TrailingBytes(100),
                10,
            ),
            ("a second value", "7e 7e".into(), Fault::TrailingBytes(1), 1),
        ],
    );
}

#[test]
fn names_that_do_not_end() {
    let case =
        |name, generation, payload: &str, end| Case::payload(name, generation, payload, Then::Unended(end));
    play_all(&[
        case("a symbol", V1, "fa 616263", 4),
        case("a symbol", V3, "f4 20 616263", 5),
        case("a name in a vector", V1, &counted(0x06, 1, "616263"), 13),
        case("a name in a vector", V3, &counted(0x0c, 1, "616263"), 13),
        case("a string of wire 1, whose tag is that of names", V3, &counted(0x0c, 1, "61"), 11),
        case("a builtin", V1, "65 73756d", 4),
        case("a builtin", V3, "65 73756d", 4),
    ]);
}

#[test]
fn values_that_are_odd() {
    let mut cases = Vec::new();
    for generation in [V1, V3] {
        let symbols = SYMBOLS[usize::from(generation == V3)];
        let two = counted(symbols, 2, "61006200");
        for (name, payload) in [
            ("null", "7e".into()),
            ("attributes that mean nothing", "05 ff 0000000000000000".into()),
            ("2,000 lists of one", counted(0, 1, "").repeat(2000) + "7e"),
            ("a truth that is 2", if generation == V1 { "ff 02" } else { "ff 00 02" }.into()),
            (
                "a table of more names than columns",
                format!("62 00 {two} {}", counted(0, 1, &counted(5, 0, ""))),
            ),
            ("a table whose columns are atoms", format!("62 00 {two} {}", counted(0, 2, "7e7e"))),
            ("a dict of more keys than values", format!("63 00 {two} {}", counted(0, 1, "7e"))),
            ("a dict whose keys are null", "63 00 7e 7e".into()),
            ("a builtin that nobody has", "65 7a7a7a 00".into()),
            ("a name that is no UTF-8", counted(symbols, 1, "ff00")),
            (
                "an error inside a list",
                counted(0, 1, &format!("7f {}", if generation == V1 { "057e" } else { "7479706500000000" })),
            ),
        ] {
            cases.push(Case::payload(name, generation, &payload, Then::Passes));
        }
    }
    // Servers of wire 1 send none, or one that is cut.
    cases.push(Case::payload("a vector of i16", V1, &counted(3, 1, "0000"), Then::Passes));
    // As servers put it behind lambdas.
    cases.push(Case::payload("junk behind the value", V1, "7e 0000000000000000", Then::Passes));
    play_all(&cases);
}

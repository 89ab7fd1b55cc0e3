//! What the engine makes of program text, through us, and back.

use rayforce_ipc::codec::{Value, Writer};
use rayforce_ipc::wire::Generation;

use super::engine::{Engine, Verdict};
use super::known::{self, Known, Tally};
use super::random::{Random, each_case};
use crate::support::hex::hex;

/// A program in the language of both versions, of so many levels at most. Not each has a value.
fn program(random: &mut Random, levels: usize) -> String {
    if levels == 0 {
        return literal(random);
    }
    let mut inner = || program(random, levels - 1);
    let (a, b) = (inner(), inner());
    let (n, m) = (random.below(6), random.below(20));
    match random.below(30) {
        0 => format!("(list {a} {b})"),
        1 => format!("(list {a} {b} (list {b}))"),
        2 => format!("(dict [a b] (list {a} {b}))"),
        3 => format!("(table [a b] (list (til {n}) (rand {n} 9)))"),
        4 => format!("(table [k v] (list (take [x y z] {m}) (til {m})))"),
        5 => format!("(table [a] (list {a}))"),
        6 => format!("(select {{from: (table [k v] (list (take [x y z] {m}) (til {m}))) by: k s: (sum v)}})"),
        7 => format!("(select {{from: (table [k v] (list (take [x y z] {m}) (til {m}))) where: (> v {n})}})"),
        8 => format!("(fn [x] (+ x {a}))"),
        9 => format!("(fn [x y] (list x {a}) (+ x y))"),
        10 => format!("(enlist {a})"),
        11 => format!("(concat {a} {b})"),
        12 => format!("(take {a} {n})"),
        13 => format!("(+ {a} {b})"),
        14 => format!("(== {a} {b})"),
        15 => format!("(reverse {a})"),
        16 => format!("(asc {a})"),
        17 => format!("(desc {a})"),
        18 => format!("(distinct {a})"),
        19 => format!("(first {a})"),
        20 => format!("(as 'F64 {a})"),
        21 => format!("(group (rand {m} 5))"),
        22 => format!("(iasc {a})"),
        23 => format!("(% {a} {b})"),
        24 => format!("(guid {n})"),
        25 => format!("(ser {a})"),
        26 => format!("(avg {a})"),
        27 => format!("(/ {a} {b})"),
        28 => format!("(as 'STR {a})"),
        _ => format!("(key (dict [a b c] (list {a} {b} {n})))"),
    }
}

fn literal(random: &mut Random) -> String {
    let (n, m) = (random.bits() as i16, random.below(60));
    match random.below(32) {
        0 => format!("{n}"),
        1 => format!("{n}i"),
        2 => format!("{}h", n / 2),
        3 => format!("0x{:02x}", n as u8),
        4 => format!("{n}.25"),
        5 => "true".into(),
        6 => "null".into(),
        7 => format!("'s{m}"),
        8 => format!("\"text {m} \u{2603}\""),
        9 => "\"\"".into(),
        10 => format!("2024.01.{:02}", 1 + m % 28),
        11 => format!("12:34:{m:02}.125"),
        12 => format!("2024.01.15D10:30:{m:02}.123456789"),
        13 => random.pick(&["0Nl", "0Ni", "0Nh", "0Nf", "0Nd", "0Nt", "0Np", "0Ng"]).into(),
        14 => format!("[{n} {m} 0Nl]"),
        15 => format!("[{n}i {m}i 0Ni]"),
        16 => format!("[{n}.5 0Nf {m}.0]"),
        17 => "[true false true]".into(),
        18 => format!("[0x01 0x{:02x}]", n as u8),
        19 => format!("[a b s{m} a]"),
        20 => "[2024.01.15 0Nd]".into(),
        21 => format!("[10:30:{m:02}.000 0Nt]"),
        22 => format!("[2024.01.15D10:30:{m:02}.000000000 0Np]"),
        23 => "[]".into(),
        24 => format!("(til {m})"),
        25 => format!("(rand {m} 1000)"),
        26 => format!("{{a: {n} b: \"x\"}}"),
        27 => "{}".into(),
        28 => "(list)".into(),
        29 => random.pick(&["+", "sum", "list", "select", "count"]).into(),
        30 => format!("(list \"a\" \"{m}\" \"\")"),
        _ => format!("(as 'I32 {n})"),
    }
}

/// What the engine makes of a program, we read and write as the same bytes; and it takes them again.
fn assert_same_values(version: &'static str, expected: &[Known], rare: &[Known]) {
    let mut engine = Engine::start(version);
    let generation = engine.generation();
    let mut buffer = vec![0; 0x40_0000];
    let mut tally = Tally::default();
    let mut with_value = 0;
    let mut cases = 0;
    let complete = each_case(|random| {
        cases += 1;
        let levels = random.below(4);
        let text = program(random, levels);
        let theirs = match engine.evaluate(&text) {
            Verdict::Taken(theirs) => theirs,
            // Some programs have no value, and some end 1.0.0 before there is one.
            Verdict::Refused(_) | Verdict::Died => return,
        };
        with_value += 1;
        let value = match Value::decode(generation, &theirs) {
            Ok(value) => value,
            Err(_) if generation == Generation::V1 && text.contains("h") => {
                return tally.note([Known::ShortVector]);
            }
            Err(error) => panic!("{text}: {error}\n{}", hex(&theirs)),
        };
        let ours = Writer::encode(generation, &value, &mut buffer).unwrap();
        let verdict = engine.pass(ours);
        let shown = || format!("{text}\n  ours {}\ntheirs {}\nagain {verdict:02x?}", hex(ours), hex(&theirs));
        let mut compare = |theirs: &[u8]| {
            if theirs != ours {
                tally.note(
                    known::other_bytes(generation, ours, ours, theirs)
                        .unwrap_or_else(|| panic!("{}", shown())),
                );
            }
        };
        compare(&theirs);
        match &verdict {
            Verdict::Taken(again) => compare(again),
            Verdict::Refused(reason) => {
                let known = known::refused(generation, ours, &value, reason);
                tally.note([known.unwrap_or_else(|| panic!("{}", shown()))]);
            }
            Verdict::Died => panic!("{}", shown()),
        }
    });
    println!("{version}: {with_value} of {cases} programs have a value");
    assert!(with_value > cases / 3 || !complete);
    tally.finish(expected, rare, complete);
}

#[test]
fn values_of_programs_of_2_4_0_pass_through_us() {
    // A number that happens to be the null of its type.
    assert_same_values("2.4.0", &[Known::Marks], &[Known::NullFlag]);
}

#[test]
fn values_of_programs_of_1_0_0_pass_through_us() {
    let expected = [Known::HoldsError, Known::LambdaJunk, Known::ShortVector, Known::TruthByte];
    assert_same_values("1.0.0", &expected, &[]);
}

//! Bytes with a fault.

use rayforce_ipc::codec::{Value, Writer};
use rayforce_ipc::wire::Generation;

use super::engine::{Engine, Verdict};
use super::known::{self, Known, Tally};
use super::random::{Random, each_case};
use super::tree::Grower;
use crate::support::hex::hex;

/// Does to bytes what a broken sender or a hostile one would do.
fn damage(random: &mut Random, generation: Generation, bytes: &mut Vec<u8>) {
    const TAGS: [u8; 34] = [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 16, 98, 99, 100, 101, 102, 103, 126, 127, 0xff, 0xfe,
        0xfd, 0xfc, 0xfb, 0xfa, 0xf9, 0xf8, 0xf7, 0xf4, 0xf3,
    ];
    if bytes.is_empty() {
        bytes.push(0);
    }
    let at = random.below(bytes.len());
    match random.below(9) {
        0 => bytes[at] ^= 1 << random.below(8),
        1 => bytes[at] = random.bits() as u8,
        2 => bytes.truncate(at),
        3 => bytes.insert(at, random.bits() as u8),
        4 => {
            bytes.remove(at);
        }
        5 => bytes[at] = random.pick(&TAGS),
        6 => {
            let end = at + random.below(bytes.len() - at);
            let stretch = bytes[at..end].to_vec();
            bytes.splice(at..at, stretch);
        }
        7 => {
            let junk = random.count();
            (0..junk).for_each(|_| bytes.push(random.bits() as u8));
        }
        _ => {
            let other = Grower { random, generation }.value(1);
            let mut buffer = vec![0; 0x1_0000];
            let other = Writer::encode(generation, &other, &mut buffer).unwrap();
            bytes.splice(at..at, other.iter().copied());
        }
    }
}

/// The engine takes what we take and refuses what we refuse; and of what both take, both make the same bytes.
fn assert_same_verdict(version: &'static str, expected: &[Known], rare: &[Known]) {
    let mut engine = Engine::start(version);
    let generation = engine.generation();
    let (mut buffer, mut again) = (vec![0; 0x40_0000], vec![0; 0x40_0000]);
    let mut tally = Tally::default();
    let mut agreed = [0; 2];
    let complete = each_case(|random| {
        let levels = random.below(4);
        let tree = Grower { random, generation }.value(levels);
        let mut bytes = Writer::encode(generation, &tree, &mut buffer).unwrap().to_vec();
        (0..1 + random.below(2)).for_each(|_| damage(random, generation, &mut bytes));
        let ours = Value::decode(generation, &bytes);
        let theirs = engine.pass(&bytes);
        let known = match (&ours, &theirs) {
            (Err(_), Verdict::Refused(_)) => {
                agreed[0] += 1;
                Some(Vec::new())
            }
            (Ok(value), Verdict::Taken(theirs)) => {
                agreed[1] += 1;
                let ours = Writer::encode(generation, value, &mut again).unwrap();
                if ours == theirs {
                    Some(Vec::new())
                } else {
                    known::other_bytes(generation, &bytes, ours, theirs)
                }
            }
            (Ok(value), Verdict::Refused(reason)) => {
                known::refused(generation, &bytes, value, reason).map(|known| vec![known])
            }
            (Err(error), Verdict::Taken(_)) => {
                known::taken(generation, &bytes, *error).map(|known| vec![known])
            }
            (Err(_), Verdict::Died) => Some(vec![Known::Dies]),
            (Ok(_), Verdict::Died) => None,
        };
        tally.note(known.unwrap_or_else(|| {
            let ours = ours.map(|value| Writer::encode(generation, &value, &mut again).map(hex));
            let theirs =
                if let Verdict::Taken(theirs) = &theirs { hex(theirs) } else { format!("{theirs:?}") };
            panic!("    in {}\n  ours {ours:?}\ntheirs {theirs}", hex(&bytes));
        }));
    });
    println!(
        "{version}: both refuse {}, both take {}, the engine died {} times",
        agreed[0], agreed[1], engine.deaths
    );
    tally.finish(expected, rare, complete);
}

#[test]
fn damaged_bytes_are_refused_as_by_2_4_0() {
    use Known::{
        ArityByName, BreaksOff, Captured, HoldsError, Marks, NoBuiltin, NullFlag, NullSymbol, NumberNames,
        QuietNan, Ragged,
    };
    let expected = [ArityByName, BreaksOff, Marks, NoBuiltin, NullFlag, NullSymbol, QuietNan, Ragged];
    assert_same_verdict("2.4.0", &expected, &[Captured, HoldsError, NumberNames]);
}

#[test]
fn damaged_bytes_are_refused_as_by_1_0_0() {
    use Known::{
        ArityByName, BreaksOff, Dies, HoldsError, LambdaJunk, Marks, NegativeCount, NoBuiltin, ReadsBeyond,
        TruthByte,
    };
    let expected = [ArityByName, BreaksOff, Dies, LambdaJunk, Marks, NegativeCount, NoBuiltin, TruthByte];
    assert_same_verdict("1.0.0", &expected, &[HoldsError, ReadsBeyond]);
}

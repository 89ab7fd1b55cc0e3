//! Our bytes through the engine, and back.

use rayforce_ipc::codec::{Value, Writer};

use super::engine::{Engine, Verdict};
use super::known::{self, Known, Tally};
use super::random::each_case;
use super::tree::Grower;
use crate::support::hex::hex;

/// The engine takes what we write and makes the same bytes of it, and so do we.
fn assert_same_bytes(version: &'static str, expected: &[Known]) {
    let mut engine = Engine::start(version);
    let generation = engine.generation();
    let (mut buffer, mut again) = (vec![0; 0x40_0000], vec![0; 0x40_0000]);
    let mut tally = Tally::default();
    let complete = each_case(|random| {
        let levels = random.below(5);
        let tree = Grower { random, generation }.value(levels);
        let ours = Writer::encode(generation, &tree, &mut buffer).unwrap();
        let value = Value::decode(generation, ours).unwrap();
        let back = Writer::encode(generation, &value, &mut again).unwrap();
        assert!(back == ours, "{value:?}\n ours {}\nagain {}", hex(ours), hex(back));
        let verdict = engine.pass(ours);
        let Verdict::Taken(theirs) = verdict else { panic!("{value:?}\nours {}\n{verdict:?}", hex(ours)) };
        if theirs != ours {
            let known = known::other_bytes(generation, ours, ours, &theirs);
            tally.note(
                known.unwrap_or_else(|| panic!("{value:?}\n  ours {}\ntheirs {}", hex(ours), hex(&theirs))),
            );
        }
    });
    tally.finish(expected, &[], complete);
}

#[test]
fn values_of_ours_pass_through_2_4_0() {
    assert_same_bytes("2.4.0", &[]);
}

#[test]
fn values_of_ours_pass_through_1_0_0() {
    assert_same_bytes("1.0.0", &[Known::LambdaJunk]);
}

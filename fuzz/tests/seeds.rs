//! The properties of the fuzz targets, on their seeds and on what is near them.

use std::fs;
use std::path::PathBuf;

/// Names and inputs, in the order of the names.
fn seeds() -> Vec<(String, Vec<u8>)> {
    let seeds = seeds_of("decode");
    assert!(seeds.len() >= 40, "only {} seeds", seeds.len());
    seeds
}

fn seeds_of(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
    let entries = fs::read_dir(&folder).expect("the folder of the seeds");
    let paths = entries.map(|entry| entry.expect("a seed").path());
    let read = |path: PathBuf| {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        (name, fs::read(&path).expect("a seed"))
    };
    let mut seeds: Vec<_> = paths.map(read).collect();
    seeds.sort();
    seeds
}

/// Runs the properties, and says on which input where one does not hold.
fn hold(name: &str, input: &[u8]) {
    let caught = std::panic::catch_unwind(|| rayforce_ipc_fuzz::decode(input));
    assert!(caught.is_ok(), "{name}: {input:02x?}");
}

/// The same of calls on a connection.
fn session_holds(name: &str, input: &[u8]) {
    let caught = std::panic::catch_unwind(|| rayforce_ipc_fuzz::session::session(input));
    assert!(caught.is_ok(), "{name}: {input:02x?}");
}

#[test]
fn calls_of_the_seeds_hold_with_any_buffers_and_streams() {
    for (name, input) in seeds_of("session") {
        session_holds(&name, &input);
        for (at, most) in [(0, 127), (1, 15), (2, 15), (3, 15), (4, 15)] {
            for byte in 0..=most {
                let mut input = input.clone();
                input[at] = byte;
                session_holds(&name, &input);
            }
        }
    }
}

#[test]
fn every_byte_of_a_seed_of_calls_may_be_another() {
    for (name, input) in seeds_of("session") {
        for at in 5..input.len() {
            for other in [0, input[at].wrapping_add(1), input[at] ^ 0x80, input[at] ^ 0x20] {
                let mut input = input.clone();
                input[at] = other;
                session_holds(&name, &input);
            }
            session_holds(&name, &input[..at]);
        }
    }
}

#[test]
fn seeds_hold_at_every_cut() {
    for (name, mut input) in seeds() {
        for choice in 0..=255 {
            input[0] = choice;
            hold(&name, &input);
        }
    }
}

#[test]
fn every_beginning_of_a_seed_holds() {
    for (name, input) in seeds() {
        for len in 0..input.len() {
            hold(&name, &input[..len]);
        }
        for byte in [0x00, 0x7e, 0xff] {
            let longer = [&input[..], &[byte; 9]].concat();
            hold(&name, &longer);
        }
    }
}

#[test]
fn every_byte_of_a_seed_may_be_another() {
    for (name, input) in seeds() {
        for at in 1..input.len().min(MOST) {
            let byte = input[at];
            for other in
                [0x00, 0x01, 0x7e, 0x7f, 0x80, 0xff, byte ^ 0x20, byte.wrapping_add(1), byte.wrapping_sub(1)]
            {
                let mut input = input.clone();
                input[at] = other;
                hold(&name, &input);
            }
        }
    }
}

#[test]
fn seeds_hold_inside_each_other() {
    let seeds = seeds();
    for (outer, first) in &seeds {
        for (inner, second) in &seeds {
            let (choice, first, second) = (second[0], &first[1..], &second[1..]);
            let name = format!("{outer} and {inner}");
            for head in HEADS {
                hold(&name, &[&[choice], head, first, second].concat());
            }
        }
    }
}

/// What holds two values: a list, a dict, a lambda, an error whose message is a list.
const HEADS: [&[u8]; 4] =
    [b"\0\0\x02\0\0\0\0\0\0\0", b"\x63\0", b"\x64\0", b"\x7f\x05\0\0\x02\0\0\0\0\0\0\0"];
/// Bytes of a seed that are changed: behind them a large one has only more elements.
const MOST: usize = 256;

/// Of `decode` and `session`, more is tried above.
#[test]
fn seeds_of_all_targets_hold_and_so_does_what_is_near_them() {
    for (target, holds) in rayforce_ipc_fuzz::TARGETS {
        let seeds = seeds_of(target);
        assert!(!seeds.is_empty(), "{target} has no seeds");
        let try_one = |name: &str, input: &[u8]| {
            let caught = std::panic::catch_unwind(|| holds(input));
            assert!(caught.is_ok(), "{target} {name}: {input:02x?}");
        };
        for (name, input) in seeds {
            try_one(&name, &input);
            if matches!(target, "decode" | "session") {
                continue;
            }
            for at in 0..input.len().min(NEAR) {
                try_one(&name, &input[..at]);
                let mut other = input.clone();
                other[at] ^= 1;
                try_one(&name, &other);
            }
        }
    }
}

/// Bytes of a seed behind which it is not cut or changed.
const NEAR: usize = 48;

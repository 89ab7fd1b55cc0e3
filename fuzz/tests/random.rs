//! The properties of all targets, on inputs by lot: what a fuzzer finds at once is found here, without one.

use rayforce_ipc_fuzz::TARGETS;

/// As many inputs for each target.
const COUNT: u64 = if cfg!(miri) { 3 } else { 2_000 };

#[test]
fn inputs_by_lot_hold() {
    for (name, target) in TARGETS {
        for seed in 0..COUNT {
            let input = drawn(seed);
            let caught = std::panic::catch_unwind(|| target(&input));
            assert!(caught.is_ok(), "{name}: {input:02x?}");
        }
    }
}

/// Bytes by lot, small ones most often: they mean the most.
fn drawn(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state >> 32
    };
    let len = next() % if cfg!(miri) { 24 } else { 200 };
    (0..len).map(|_| if next() % 4 == 0 { next() as u8 } else { (next() % 32) as u8 }).collect()
}

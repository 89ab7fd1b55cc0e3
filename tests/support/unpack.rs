//! Packed payloads, unpacked the simple way: all in memory, one byte after the other.

/// A u32 with the plain length, then runs and literals of the differences between neighbouring bytes.
///
/// # Panics
/// Where it cannot be unpacked.
pub fn unpack(payload: &[u8]) -> Vec<u8> {
    unpacked(payload).0
}

/// The same of a payload that has no packed bytes behind the plain length.
///
/// # Panics
/// Where it has.
pub fn unpack_all(payload: &[u8]) -> Vec<u8> {
    let (plain, left) = unpacked(payload);
    assert_eq!(left, [0; 0], "packed bytes behind the plain length");
    plain
}

fn unpacked(payload: &[u8]) -> (Vec<u8>, &[u8]) {
    let (len, mut packed) = payload.split_first_chunk().expect("a plain length");
    let len = u32::from_le_bytes(*len) as usize;
    let mut differences = Vec::new();
    while differences.len() < len {
        let (&control, rest) = packed.split_first().expect("a control byte");
        let literal = usize::from(control.wrapping_neg());
        packed = match control.cast_signed() {
            0 => rest,
            1.. => {
                differences.extend(std::iter::repeat_n(rest[0], usize::from(control)));
                &rest[1..]
            }
            ..0 => {
                differences.extend_from_slice(&rest[..literal]);
                &rest[literal..]
            }
        };
    }
    assert_eq!(differences.len(), len, "a run or literal beyond the plain length");
    let sums = differences.into_iter().scan(0u8, |sum, difference| {
        *sum = sum.wrapping_add(difference);
        Some(*sum)
    });
    (sums.collect(), packed)
}

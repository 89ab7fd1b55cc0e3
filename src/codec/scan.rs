//! Searches for NUL, which ends every symbol.

/// Where the first NUL is.
#[inline]
pub(crate) fn first_nul(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| *byte == 0)
}

/// Whole names at the start of `bytes`, at most `count` of them: the bytes they take, NULs included, and how many
/// they are.
///
/// A symbol column of a million rows goes through here, so blocks are counted without a branch per byte.
pub(crate) fn whole_names(bytes: &[u8], count: u64) -> (usize, u64) {
    let mut found = 0;
    let mut end = 0;
    let mut start = 0;
    for block in bytes.chunks(BLOCK) {
        let nuls = u64::from(block.iter().map(|byte| u8::from(*byte == 0)).sum::<u8>());
        if nuls > count - found {
            // More NULs than names are wanted: the last wanted one is in this block.
            for (at, _) in block.iter().enumerate().filter(|(_, byte)| **byte == 0) {
                if found == count {
                    break;
                }
                found += 1;
                end = start + at + 1;
            }
            return (end, found);
        }
        if nuls > 0 {
            found += nuls;
            end = start + block.iter().rposition(|byte| *byte == 0).map_or(0, |at| at + 1);
        }
        if found == count {
            break;
        }
        start += block.len();
    }
    (end, found)
}

/// As many bytes as a u8 can count.
const BLOCK: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    fn naive(bytes: &[u8], count: u64) -> (usize, u64) {
        let mut found = (0, 0);
        for (at, _) in bytes.iter().enumerate().filter(|(_, byte)| **byte == 0) {
            if found.1 == count {
                break;
            }
            found = (at + 1, found.1 + 1);
        }
        found
    }

    #[test]
    fn names_are_counted_as_by_hand() {
        let mut bytes = std::vec::Vec::new();
        let mut seed = 7u32;
        for _ in 0..600 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            bytes.push(if seed >> 29 == 0 { 0 } else { b'x' });
        }
        for len in 0..bytes.len() {
            for count in [0, 1, 2, 17, 40, 1000] {
                assert_eq!(whole_names(&bytes[..len], count), naive(&bytes[..len], count), "{len} {count}");
            }
        }
        assert_eq!(whole_names(&[0; 1000], 300), (300, 300));
        assert_eq!(first_nul(b"ab\0"), Some(2));
    }
}

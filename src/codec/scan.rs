//! Searches for NUL, which ends every symbol.

/// Where the first NUL is.
///
/// Most names are short: byte by byte, a processor that guesses the length of the next one is ahead of any trick
/// that must know where this one ends.
#[inline]
pub(crate) fn first_nul(bytes: &[u8]) -> Option<usize> {
    let (short, mut rest) = bytes.split_at_checked(SHORT).unwrap_or((bytes, &[]));
    if let Some(at) = short.iter().position(|byte| *byte == 0) {
        return Some(at);
    }
    while let Some((word, tail)) = rest.split_first_chunk::<WORD>() {
        let nuls = nuls(*word);
        if nuls != 0 {
            return Some(bytes.len() - rest.len() + place(nuls));
        }
        rest = tail;
    }
    rest.iter().position(|byte| *byte == 0).map(|at| bytes.len() - rest.len() + at)
}

/// Whole names at the start of `bytes`, at most `count` of them: the bytes they take, NULs included, and how many
/// they are.
#[inline]
pub(crate) fn whole_names(bytes: &[u8], count: u64) -> (usize, u64) {
    if count > FEW { many_names(bytes, count) } else { few_names(bytes, 0, count) }
}

/// A symbol column of a million rows goes through here, so blocks are counted without a branch per byte.
fn many_names(bytes: &[u8], count: u64) -> (usize, u64) {
    let (blocks, _) = bytes.as_chunks::<BLOCK>();
    let mut found = 0;
    for (at, block) in blocks.iter().enumerate() {
        let nuls = u64::from(block.iter().map(|byte| u8::from(*byte == 0)).sum::<u8>());
        if found + nuls >= count {
            let (end, last) = few_names(bytes, at * BLOCK, count - found);
            return (end, found + last);
        }
        found += nuls;
    }
    let start = blocks.len() * BLOCK;
    let (end, last) = few_names(bytes, start, count - found);
    if last > 0 {
        return (end, found + last);
    }
    let end = bytes.get(..start).unwrap_or_default().iter().rposition(|byte| *byte == 0);
    (end.map_or(0, |at| at + 1), found)
}

/// From a byte on, where no name was begun.
#[inline]
fn few_names(bytes: &[u8], from: usize, count: u64) -> (usize, u64) {
    let (mut found, mut end, mut at) = (0, 0, from);
    let mut rest = bytes.get(from..).unwrap_or_default();
    while let Some((word, tail)) = rest.split_first_chunk::<WORD>() {
        let mut nuls = nuls(*word);
        let more = tally(nuls);
        if found + more >= count {
            for _ in found + 1..count {
                nuls &= nuls - 1;
            }
            let end = if found == count { end } else { at + place(nuls) + 1 };
            return (end, count);
        }
        if more > 0 {
            end = at + WORD - nuls.leading_zeros() as usize / 8;
        }
        found += more;
        at += WORD;
        rest = tail;
    }
    for byte in rest {
        if found == count {
            break;
        }
        at += 1;
        if *byte == 0 {
            (end, found) = (at, found + 1);
        }
    }
    (end, found)
}

/// The high bit of each byte that is NUL.
#[inline]
fn nuls(word: [u8; WORD]) -> u64 {
    let word = u64::from_le_bytes(word);
    !(((word & LOW) + LOW) | word | LOW)
}

/// How many high bits are set.
#[inline]
const fn tally(nuls: u64) -> u64 {
    (nuls >> 7).wrapping_mul(0x0101_0101_0101_0101) >> 56
}

/// The first byte whose high bit is set.
#[inline]
const fn place(bits: u64) -> usize {
    bits.trailing_zeros() as usize / 8
}

const WORD: usize = 8;
const SHORT: usize = 16;
const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
/// As many bytes as a u8 can count, and the compiler can count at once.
const BLOCK: usize = 128;
/// From here on, blocks are faster than words.
const FEW: u64 = 64;

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
        for _ in 0..20_000 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            bytes.push([0, 1, 0x80, 0xff, b'x', b'y', b'z', b'w'][seed as usize >> 29]);
        }
        for len in (0..300).chain((300..bytes.len()).step_by(997)) {
            assert_eq!(first_nul(&bytes[len..]), bytes[len..].iter().position(|byte| *byte == 0));
            for count in [0, 1, 2, 17, 255, 256, 257, 1000, 2000, 5000] {
                assert_eq!(whole_names(&bytes[..len], count), naive(&bytes[..len], count), "{len} {count}");
            }
        }
        assert_eq!(whole_names(&[0; 1000], 300), (300, 300));
        assert_eq!(whole_names(&[1; 1000], 300), (0, 0));
        assert_eq!(first_nul(b"ab\0"), Some(2));
    }
}

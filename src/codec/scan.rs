//! Searches for NUL, which ends every symbol.

/// Where the first NUL is.
///
/// Most names are short: byte by byte, a processor that guesses the length of the next one is ahead of any trick
/// that must know where this one ends.
#[inline]
pub(crate) fn first_nul(bytes: &[u8]) -> Option<usize> {
    let mut rest = bytes;
    if !BY_WORDS {
        return bytes.iter().position(|byte| *byte == 0);
    }
    if let Some((short, tail)) = bytes.split_first_chunk::<SHORT>() {
        if let Some(at) = short.iter().position(|byte| *byte == 0) {
            return Some(at);
        }
        rest = tail;
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

/// Where a name of its own has a NUL, which none should: told without a loop for names of 4 to 16 bytes.
#[inline]
pub(crate) fn nul_in(name: &[u8]) -> Option<usize> {
    let clean = match name.len() {
        _ if !BY_WORDS => false,
        8..=16 => ends::<8>(name).is_some_and(|(a, b)| nuls(a) | nuls(b) == 0),
        4..8 => {
            ends::<4>(name).is_some_and(|([a, b, c, d], [e, f, g, h])| nuls([a, b, c, d, e, f, g, h]) == 0)
        }
        _ => false,
    };
    if clean { None } else { first_nul(name) }
}

/// The first and the last bytes, which overlap.
#[inline]
fn ends<const N: usize>(bytes: &[u8]) -> Option<([u8; N], [u8; N])> {
    Some((*bytes.first_chunk()?, *bytes.last_chunk()?))
}

/// The bytes that `count` names at the start of `bytes` take, NULs included; none where there are fewer.
///
/// A symbol column of a million rows goes through here, so most of it is counted without a branch per byte.
#[inline]
pub(crate) fn names_len(bytes: &[u8], count: usize) -> Option<usize> {
    Place { at: 0, owed: count }.names(bytes)
}

/// Whole names at the start of `bytes`, at most `count` of them: the bytes they take, NULs included, and how many
/// they are.
pub(crate) fn whole_names(bytes: &[u8], count: u64) -> (usize, u64) {
    let owed = usize::try_from(count).unwrap_or(usize::MAX);
    let mut place = Place { at: 0, owed };
    match place.names(bytes) {
        Some(len) => (len, owed as u64),
        None => {
            let end = bytes.iter().rposition(|byte| *byte == 0).map_or(0, |at| at + 1);
            (end, (owed - place.owed) as u64)
        }
    }
}

/// Where a search stands, and how many NULs it still has to find.
struct Place {
    at: usize,
    owed: usize,
}

impl Place {
    /// Goes on to the last NUL. Where it is not there, what is still owed says how many are.
    #[inline]
    fn names(&mut self, bytes: &[u8]) -> Option<usize> {
        if BY_WORDS && self.owed > FEW {
            self.blocks(bytes);
        }
        self.words(bytes)
    }

    /// Goes on by blocks up to the one that has the last NUL.
    fn blocks(&mut self, bytes: &[u8]) {
        for block in bytes.get(self.at..).unwrap_or_default().as_chunks::<BLOCK>().0 {
            let nuls = usize::from(count_nuls(block));
            if nuls >= self.owed {
                break;
            }
            self.owed -= nuls;
            self.at += BLOCK;
        }
    }

    /// Goes on by words, and behind the last one by bytes, to the last NUL.
    #[inline]
    fn words(&mut self, bytes: &[u8]) -> Option<usize> {
        if self.owed == 0 {
            return Some(self.at);
        }
        let words = if BY_WORDS { bytes.get(self.at..)?.as_chunks::<WORD>().0 } else { &[] };
        for word in words {
            let tallies = tallies(nuls(*word));
            let found = (tallies >> (u64::BITS - 8)) as usize;
            if found >= self.owed {
                // A byte whose tally is no less than what is owed has its high bit set by this sum.
                let reached = tallies + (ONES << 7) - ONES * self.owed as u64;
                return Some(self.at + place(reached & !LOW) + 1);
            }
            self.owed -= found;
            self.at += WORD;
        }
        for byte in bytes.get(self.at..)? {
            self.at += 1;
            if *byte == 0 {
                self.owed -= 1;
                if self.owed == 0 {
                    return Some(self.at);
                }
            }
        }
        None
    }
}

/// Of no more bytes than a u8 can count.
#[inline]
fn count_nuls(block: &[u8]) -> u8 {
    block.iter().map(|byte| u8::from(*byte == 0)).sum()
}

/// The high bit of each byte that is NUL.
#[inline]
fn nuls(word: [u8; WORD]) -> u64 {
    let word = u64::from_le_bytes(word);
    !(((word & LOW) + LOW) | word | LOW)
}

/// In each byte, how many high bits are set in it and below.
#[inline]
const fn tallies(nuls: u64) -> u64 {
    (nuls >> 7).wrapping_mul(ONES)
}

/// The first byte whose high bit is set.
#[inline]
const fn place(bits: u64) -> usize {
    bits.trailing_zeros() as usize / 8
}

/// Whether a search goes by words where it can: on a small processor that costs more flash than it spares time.
const BY_WORDS: bool = cfg!(target_pointer_width = "64");
const WORD: usize = 8;
const SHORT: usize = 16;
const ONES: u64 = 0x0101_0101_0101_0101;
const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
/// As many bytes as a u8 can count, and a compiler counts in vector registers.
const BLOCK: usize = 128;
/// From here on, blocks come first.
const FEW: usize = 64;

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
            let first = bytes[len..].iter().position(|byte| *byte == 0);
            assert_eq!(first_nul(&bytes[len..]), first);
            for name in (0..40).filter_map(|count| bytes.get(len..len + count)) {
                assert_eq!(nul_in(name), first.filter(|at| *at < name.len()));
            }
            for count in [0, 1, 2, 17, 255, 256, 257, 1000, 2000, 5000] {
                assert_eq!(whole_names(&bytes[..len], count), naive(&bytes[..len], count), "{len} {count}");
                let (end, found) = naive(&bytes[..len], count);
                assert_eq!(
                    names_len(&bytes[..len], count as usize),
                    (found == count).then_some(end),
                    "{len} {count}"
                );
            }
        }
        assert_eq!(whole_names(&[0; 1000], 300), (300, 300));
        assert_eq!(whole_names(&[1; 1000], 300), (0, 0));
        assert_eq!(first_nul(b"ab\0"), Some(2));
    }
}

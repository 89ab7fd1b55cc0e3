//! A stretch of a buffer that holds bytes which were not consumed yet.

use zerocopy::{FromBytes, IntoBytes, transmute_mut, transmute_ref};

/// From `start` up to `end`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Region {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Region {
    pub(crate) const fn at(start: usize) -> Region {
        Region { start, end: start }
    }

    pub(crate) const fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// Its bytes; none where it is not inside the buffer.
    pub(crate) fn of(self, buffer: &[u8]) -> &[u8] {
        buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Copies its bytes to another place of the buffer, which may overlap with it. Both are inside of the buffer.
    // Not by the memmove of the compiler's library, which takes 1.3 KB of a microcontroller where nothing else needs it.
    pub(crate) fn copy_to(self, buffer: &mut [u8], start: usize) {
        let mut piece = [0; 64];
        let mut left = self.len();
        while left > 0 {
            let count = left.min(piece.len());
            // The pieces that would be overwritten first are the first to go.
            let at = if start < self.start { self.len() - left } else { left - count };
            left -= count;
            let (from, to) = (self.start + at, start + at);
            if let (Some(piece), Some(source)) = (piece.get_mut(..count), buffer.get(from..from + count)) {
                copy(piece, source);
            }
            if let (Some(piece), Some(target)) = (piece.get(..count), buffer.get_mut(to..to + count)) {
                copy(target, piece);
            }
        }
    }

    /// Moves its bytes to another place of the buffer.
    pub(crate) fn move_to(&mut self, buffer: &mut [u8], start: usize) {
        let len = self.len();
        if start != self.start && !self.is_empty() && self.end <= buffer.len() && start + len <= buffer.len()
        {
            self.copy_to(buffer, start);
        }
        *self = Region { start, end: start + len };
    }
}

/// As `copy_from_slice`, which panics where the lengths differ, as they never do.
#[inline]
pub(crate) fn copy(target: &mut [u8], source: &[u8]) {
    if cfg!(target_pointer_width = "64") {
        let _ = source.write_to(target);
    } else {
        copy_by_words(target, source);
    }
}

/// The memcpy of the compiler's library goes byte by byte on a small processor where one side is not aligned, as most of
/// what is encoded is not.
fn copy_by_words(target: &mut [u8], source: &[u8]) {
    let (to, to_rest) = target.as_chunks_mut::<16>();
    let (from, from_rest) = source.as_chunks::<16>();
    let (mut to, mut from) = (to.iter_mut(), from.iter());
    while let (Some(to), Some(from)) = (to.next(), from.next()) {
        // Word by word, for what is copied as one would be given to that memcpy.
        let [a, b, c, d]: &mut [[u8; 4]; 4] = transmute_mut!(to);
        let [from_a, from_b, from_c, from_d]: &[[u8; 4]; 4] = transmute_ref!(from);
        let word = |from: &[u8; 4]| u32::from_ne_bytes(*from).to_ne_bytes();
        (*a, *b, *c, *d) = (word(from_a), word(from_b), word(from_c), word(from_d));
    }
    let (to, to_rest) = to_rest.as_chunks_mut::<4>();
    let (from, from_rest) = from_rest.as_chunks::<4>();
    let (mut to, mut from) = (to.iter_mut(), from.iter());
    while let (Some(to), Some(from)) = (to.next(), from.next()) {
        *to = u32::from_ne_bytes(*from).to_ne_bytes();
    }
    let (mut to, mut from) = (to_rest.iter_mut(), from_rest.iter());
    while let (Some(to), Some(from)) = (to.next(), from.next()) {
        *to = *from;
    }
}

/// Copies whole words, and looks at them on the way: whether a number among them may be null. `WIDE` numbers are of two words,
/// of which the second tells; a null of a `FLOAT` is any NaN, and infinity is taken for one.
pub(crate) fn copy_looking<const WIDE: bool, const FLOAT: bool>(target: &mut [u8], source: &[u8]) -> bool {
    let may_be_null = |word: u32| match (FLOAT, WIDE) {
        (false, _) => word == i32::MIN.cast_unsigned(),
        (true, false) => word << 1 >= f32::INFINITY.to_bits() << 1,
        (true, true) => word << 1 >= ((f64::INFINITY.to_bits() >> u32::BITS) as u32) << 1,
    };
    let Ok(words) = <[u32]>::ref_from_bytes(source) else {
        copy(target, source);
        return true;
    };
    let found = if WIDE {
        let (to, from) = (target.as_chunks_mut::<8>().0, words.as_chunks::<2>().0);
        to.iter_mut().zip(from).any(|(to, [low, high])| {
            let [to_low, to_high]: &mut [[u8; 4]; 2] = transmute_mut!(to);
            (*to_low, *to_high) = (low.to_ne_bytes(), high.to_ne_bytes());
            may_be_null(*high)
        })
    } else {
        target.as_chunks_mut::<4>().0.iter_mut().zip(words).any(|(to, word)| {
            *to = word.to_ne_bytes();
            may_be_null(*word)
        })
    };
    if found {
        // It was not gone on with.
        copy(target, source);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_finds_what_may_be_null_wherever_it_is() {
        fn check<const WIDE: bool, const FLOAT: bool>(nulls: &[u64], others: &[u64]) {
            let width = if WIDE { 8 } else { 4 };
            for count in 0..12 {
                for at in 0..count {
                    for value in nulls.iter().chain(others) {
                        let mut numbers = std::vec![1u64; count];
                        numbers[at] = *value;
                        let source: std::vec::Vec<u32> = match WIDE {
                            true => numbers.iter().flat_map(|n| [*n as u32, (*n >> 32) as u32]).collect(),
                            false => numbers.iter().map(|n| *n as u32).collect(),
                        };
                        let mut target = std::vec![0; count * width + 1];
                        let found = copy_looking::<WIDE, FLOAT>(&mut target[1..], source.as_bytes());
                        assert_eq!(target[1..], *source.as_bytes());
                        assert!(found || !nulls.contains(value), "{value:x} at {at} of {count}");
                        assert!(!found || !others.contains(value), "{value:x} at {at} of {count}");
                    }
                }
            }
        }
        let (quiet, signalling) = (f64::NAN.to_bits(), 0xfff0_0000_0000_0001);
        check::<true, false>(&[1 << 63], &[0, u64::MAX, 1 << 62]);
        check::<false, false>(&[1 << 31], &[0, 0xffff_ffff, 1 << 30]);
        check::<true, true>(&[quiet, signalling], &[0, 1.5f64.to_bits(), f64::MIN.to_bits()]);
        check::<false, true>(&[f32::NAN.to_bits().into(), 0xff80_0001], &[0, f32::MAX.to_bits().into()]);
    }

    #[test]
    fn bytes_are_moved_as_they_are_however_they_overlap() {
        let bytes: std::vec::Vec<u8> = (0..=255).collect();
        for (start, end) in [(0, 0), (100, 101), (60, 124), (60, 125), (10, 240)] {
            for to in [0, 1, 9, 59, 61, 70, 99, 124, 125] {
                if to + end - start > bytes.len() {
                    continue;
                }
                let (mut ours, mut theirs) = (bytes.clone(), bytes.clone());
                theirs.copy_within(start..end, to);
                Region { start, end }.copy_to(&mut ours, to);
                assert_eq!(ours, theirs, "{start}..{end} to {to}");
            }
        }
    }
}

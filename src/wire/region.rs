//! A stretch of a buffer that holds bytes which were not consumed yet.

use zerocopy::{IntoBytes, transmute_mut, transmute_ref};

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
    let (mut to, mut from) = (to_rest.iter_mut(), from_rest.iter());
    while let (Some(to), Some(from)) = (to.next(), from.next()) {
        *to = *from;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

//! One window of an encoding: everything before its checkpoint is passed over, everything behind its end too.

use crate::wire::region;

/// Where a window begins or ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Checkpoint {
    outer: Outer,
    at: Position,
}

/// The element of the outermost sequence of values that a place is in: the sequence counts as one leaf.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Outer {
    /// The ordinal of the sequence; none for a place outside of all sequences.
    leaf: u32,
    element: u32,
}

/// A byte of an element of a leaf; within the element of a sequence, leaves are counted anew.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Position {
    leaf: u32,
    element: u32,
    offset: usize,
}

pub(crate) struct Window<'w> {
    out: &'w mut [u8],
    filled: usize,
    /// Where it ended, once it has: then leaves are passed over.
    end: Option<Checkpoint>,
    /// Where it begins, among the leaves that are counted now.
    from: Position,
    /// Where it begins within the element of the outermost sequence that it begins in.
    inner: Position,
    /// The next leaf.
    leaf: u32,
    outer: Outer,
}

impl Checkpoint {
    /// The first byte.
    pub(crate) const START: Checkpoint =
        Checkpoint { outer: Outer::NONE, at: Position { leaf: 0, element: 0, offset: 0 } };
}

impl Default for Checkpoint {
    fn default() -> Self {
        Checkpoint::START
    }
}

impl Outer {
    const NONE: Outer = Outer { leaf: u32::MAX, element: 0 };
}

impl<'w> Window<'w> {
    pub(crate) fn new(out: &'w mut [u8], from: Checkpoint) -> Window<'w> {
        let (from, inner) = match from.outer {
            Outer::NONE => (from.at, Position::default()),
            Outer { leaf, element } => (Position { leaf, element, offset: 0 }, from.at),
        };
        Window { out, filled: 0, end: None, from, inner, leaf: 0, outer: Outer::NONE }
    }

    /// The bytes that it got, and where the next one begins.
    pub(crate) fn finish(self) -> (usize, Option<Checkpoint>) {
        (self.filled, self.end)
    }

    /// Bytes that belong together.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        if let Some(from) = self.enter() {
            self.element(0, from.offset, [bytes, &[]]);
        }
    }

    /// Bytes whose making is spared where they are passed over.
    pub(crate) fn bytes_with<const N: usize>(&mut self, bytes: impl FnOnce() -> [u8; N]) {
        if let Some(from) = self.enter() {
            self.element(0, from.offset, [&bytes(), &[]]);
        }
    }

    /// Elements of a leaf, each given piece by piece to the callback's callee.
    #[inline]
    pub(crate) fn elements(
        &mut self,
        count: usize,
        mut element: impl FnMut(&mut Self, usize, usize) -> bool,
    ) {
        let Some(from) = self.enter() else { return };
        let mut offset = from.offset;
        for index in from.element as usize..count {
            if !element(self, index, offset) {
                return;
            }
            offset = 0;
        }
    }

    /// One element, two pieces one behind the other, from a byte of it on. Whether it is at its end.
    #[inline]
    pub(crate) fn element(&mut self, index: usize, offset: usize, pieces: [&[u8]; 2]) -> bool {
        let [first, second] = pieces;
        let room = self.out.get_mut(self.filled..).unwrap_or_default();
        if offset == 0
            && let Some((target, rest)) = room.split_at_mut_checked(first.len())
            && let Some(rest) = rest.get_mut(..second.len())
        {
            copy(target, first);
            copy(rest, second);
            self.filled += first.len() + second.len();
            return true;
        }
        self.piecemeal(index, offset, pieces)
    }

    #[cold]
    fn piecemeal(&mut self, index: usize, offset: usize, pieces: [&[u8]; 2]) -> bool {
        let mut skip = offset;
        let mut done = offset;
        for piece in pieces {
            let rest = piece.get(skip..).unwrap_or_default();
            skip = skip.saturating_sub(piece.len());
            let room = self.out.get_mut(self.filled..).unwrap_or_default();
            let count = rest.len().min(room.len());
            for (target, byte) in room.iter_mut().zip(rest) {
                *target = *byte;
            }
            self.filled += count;
            done += count;
            if count < rest.len() {
                // Counts are held to 10^9 when a value is measured.
                let at = Position { leaf: self.leaf - 1, element: index as u32, offset: done };
                self.end = Some(Checkpoint { outer: self.outer, at });
                return false;
            }
        }
        true
    }

    /// A sequence of values, of which a window may begin in any. Only the outermost one is passed over as a whole; a
    /// short one, such as the arguments of a call, leaves that to those that it holds.
    pub(crate) fn begin_sequence(&mut self, count: usize) -> Option<Sequence> {
        if self.outer != Outer::NONE || count <= SHORT_SEQUENCE {
            return Some(Sequence { leaf: None, start: 0, resumed: false, from: self.from });
        }
        let leaf = self.leaf;
        let from = self.enter()?;
        let resumed = leaf == self.from.leaf;
        Some(Sequence { leaf: Some(leaf), start: from.element as usize, resumed, from: self.from })
    }

    /// The next element of a sequence; false where the window is at its end.
    pub(crate) fn begin_element(&mut self, sequence: &Sequence, index: usize) -> bool {
        if let Some(leaf) = sequence.leaf {
            self.outer = Outer { leaf, element: index as u32 };
            self.leaf = 0;
            let inside = sequence.resumed && index == sequence.start;
            self.from = if inside { self.inner } else { Position::default() };
        }
        self.end.is_none()
    }

    pub(crate) fn end_sequence(&mut self, sequence: &Sequence) {
        if let Some(leaf) = sequence.leaf {
            self.outer = Outer::NONE;
            self.leaf = leaf + 1;
            self.from = sequence.from;
        }
    }

    /// Counts a leaf: where to begin in it, unless it is passed over.
    #[inline]
    fn enter(&mut self) -> Option<Position> {
        let leaf = self.leaf;
        self.leaf = self.leaf.saturating_add(1);
        if self.end.is_some() || leaf < self.from.leaf {
            None
        } else if leaf == self.from.leaf {
            Some(self.from)
        } else {
            Some(Position::default())
        }
    }
}

/// Copies between slices of one length. Most texts are so short that a call would cost more than the copy: two words
/// that overlap take any of 8 to 16 bytes, two half words any of 4 to 8.
#[inline]
fn copy(target: &mut [u8], source: &[u8]) {
    match source.len() {
        8..=16 if WORDS_LIE_ANYWHERE => ends::<8>(target, source),
        4..8 if WORDS_LIE_ANYWHERE => ends::<4>(target, source),
        _ => region::copy(target, source),
    }
}

#[inline]
fn ends<const N: usize>(target: &mut [u8], source: &[u8]) {
    if let (Some(target), Some(source)) = (target.first_chunk_mut::<N>(), source.first_chunk::<N>()) {
        *target = *source;
    }
    if let (Some(target), Some(source)) = (target.last_chunk_mut::<N>(), source.last_chunk::<N>()) {
        *target = *source;
    }
}

/// Whether a word can be read from any address; where it cannot, it is read by its bytes, and saves nothing.
const WORDS_LIE_ANYWHERE: bool = cfg!(target_pointer_width = "64");
/// The most values of a sequence that is written like a list: each window passes over them one by one.
const SHORT_SEQUENCE: usize = 16;

/// A sequence that is being written.
pub(crate) struct Sequence {
    /// Its ordinal, if it is the outermost one.
    leaf: Option<u32>,
    /// Its first element in this window.
    pub(crate) start: usize,
    resumed: bool,
    from: Position,
}
